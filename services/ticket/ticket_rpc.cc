#include "services/ticket/ticket_rpc.h"

namespace frontdesk::ticket {

rpc::Service MakeTicketRpc(rpc::Host& host, TicketService& tickets) {
  rpc::Service service(host, "frontdesk.ticket.v1.TicketService");
  const auto change = [&](std::string_view name, auto method, rpc::Roles roles = rpc::kAgents) {
    service.Unary(tickets, method, {.name = name, .roles = roles, .mutation = true});
  };
  const auto read = [&](std::string_view name, auto method) {
    service.Unary(tickets, method, {.name = name, .roles = rpc::kReaders});
  };
  change("CreateTicket", &TicketService::CreateTicket);
  read("GetTicket", &TicketService::GetTicket);
  read("ListTickets", &TicketService::ListTickets);
  change("UpdateTicket", &TicketService::UpdateTicket);
  change("AssignTicket", &TicketService::AssignTicket);
  change("StartTicket", &TicketService::StartTicket);
  change("HoldTicket", &TicketService::HoldTicket);
  change("ResumeTicket", &TicketService::ResumeTicket);
  change("ResolveTicket", &TicketService::ResolveTicket);
  change("ReopenTicket", &TicketService::ReopenTicket);
  change("CloseTicket", &TicketService::CloseTicket);
  change("AddNote", &TicketService::AddNote);
  read("ListNotes", &TicketService::ListNotes);
  read("ListTicketChanges", &TicketService::ListTicketChanges);
  read("GetSlaPolicy", &TicketService::GetSlaPolicy);
  change("UpdateSlaPolicy", &TicketService::UpdateSlaPolicy, rpc::kAdmins);
  return service;
}

}  // namespace frontdesk::ticket
