#include "services/ticket/store.h"

#include <charconv>

#include "libs/base/status_macros.h"
#include "libs/store/keys.h"
#include "services/ticket/keys.h"

namespace frontdesk::ticket {
namespace {

using ::frontdesk::store::CorruptRow;
using ::frontdesk::store::KeyReader;
using ::frontdesk::store::KeyWriter;
using ::frontdesk::store::Reader;
using ::frontdesk::store::Txn;

constexpr size_t kMaxPageBytes = 1 << 20;
// Rows that a filtered list looks at in one call; then it answers with what it has and a token.
constexpr size_t kMaxRowsLookedAt = 2'000;

std::string IdOf(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));  // "" stays ""
}

// Replaces an index row; an empty key is none.
void MoveIndex(Txn& txn, const keys::Index& index, std::string before, std::string after) {
  if (before == after) return;
  if (!before.empty()) txn.Delete(std::move(before));
  if (!after.empty()) index.Put(txn, std::move(after));
}

std::string OptionalKey(const keys::Index& index, std::string_view tenant, std::string_view value,
                        std::string_view ticket) {
  return value.empty() ? std::string() : index.Key(tenant, value, ticket);
}

std::string ScanPrefix(std::string_view tenant, const TicketFilter& filter) {
  if (!filter.customer.empty()) return keys::kByCustomer.Key(tenant, filter.customer);
  if (!filter.assignee.empty()) return keys::kByAssignee.Key(tenant, filter.assignee);
  if (filter.state != v1::TICKET_STATE_UNSPECIFIED) {
    return keys::kByState.Key(tenant, static_cast<uint8_t>(filter.state));
  }
  return keys::kTickets.Key(tenant);
}

bool Matches(const v1::Ticket& ticket, const TicketFilter& filter) {
  const IndexedFields fields = IndexedFieldsOf(ticket);
  return (filter.state == v1::TICKET_STATE_UNSPECIFIED || filter.state == fields.state) &&
         (filter.assignee.empty() || filter.assignee == fields.assignee) &&
         (filter.customer.empty() || filter.customer == fields.customer);
}

// The last field of a key whose fields before it are `prefix`.
bool ReadLastId(std::string_view key, std::string_view prefix, std::string* id) {
  KeyReader fields(key.substr(prefix.size() - 1));  // a reader skips one prefix byte
  return fields.Read(id) && fields.AtEnd();
}

v1::TicketChange CreationOf(const store::v1::TicketRecord& record) {
  v1::TicketChange change;
  change.set_name(record.ticket().name() + "/changes/1");
  change.set_action("CreateTicket");
  change.set_actor(record.creator());
  change.set_cause(record.create_cause());
  *change.mutable_time() = record.ticket().create_time();
  return change;
}

}  // namespace

absl::StatusOr<store::v1::TicketRecord> LoadTicket(const Reader& reader, const TicketRef& ref) {
  return keys::kTickets.Load(reader, keys::kTickets.Key(ref.tenant, ref.ticket), ref.Name());
}

absl::StatusOr<store::v1::SlaPolicyRecord> LoadSlaPolicy(const Reader& reader,
                                                         std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto record, keys::kSlaPolicies.Find(reader, keys::kSlaPolicies.Key(tenant)));
  if (record.has_value()) return *std::move(record);
  store::v1::SlaPolicyRecord defaults;
  *defaults.mutable_sla_policy() = DefaultSlaPolicy(tenant);
  return defaults;
}

absl::StatusOr<SlaTargets> LoadSlaTargets(const Reader& reader, std::string_view tenant,
                                          common::v1::Priority priority) {
  FD_ASSIGN_OR_RETURN(auto record, keys::kSlaPolicies.Find(reader, keys::kSlaPolicies.Key(tenant)));
  if (record.has_value()) return TargetsOf(record->sla_policy(), priority);
  return DefaultTargetsOf(priority);
}

IndexedFields IndexedFieldsOf(const v1::Ticket& ticket) {
  return {ticket.state(), IdOf(ticket.assignee()), IdOf(ticket.customer())};
}

void PutTicket(Txn& txn, const TicketRef& ref, const IndexedFields& before,
               const store::v1::TicketRecord& record) {
  const IndexedFields after = IndexedFieldsOf(record.ticket());
  const auto state_key = [&](v1::TicketState state) {
    return state == v1::TICKET_STATE_UNSPECIFIED
               ? std::string()
               : keys::kByState.Key(ref.tenant, static_cast<uint8_t>(state), ref.ticket);
  };
  MoveIndex(txn, keys::kByState, state_key(before.state), state_key(after.state));
  MoveIndex(txn, keys::kByAssignee,
            OptionalKey(keys::kByAssignee, ref.tenant, before.assignee, ref.ticket),
            OptionalKey(keys::kByAssignee, ref.tenant, after.assignee, ref.ticket));
  MoveIndex(txn, keys::kByCustomer,
            OptionalKey(keys::kByCustomer, ref.tenant, before.customer, ref.ticket),
            OptionalKey(keys::kByCustomer, ref.tenant, after.customer, ref.ticket));
  keys::kTickets.Put(txn, keys::kTickets.Key(ref.tenant, ref.ticket), record);
}

absl::Status ListTickets(const Reader& reader, std::string_view tenant, const TicketFilter& filter,
                         const PageBounds& bounds, std::vector<v1::Ticket>* tickets,
                         std::string* last) {
  const std::string prefix = ScanPrefix(tenant, filter);
  const bool rows_are_tickets = static_cast<uint8_t>(prefix[0]) == keys::kTickets.prefix;
  const std::string before =
      bounds.after.empty() ? std::string() : std::move(KeyWriter(prefix).Add(bounds.after)).Take();
  size_t looked_at = 0;
  size_t bytes = 0;
  std::string id;
  bool more = false;
  absl::Status row_status;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (tickets->size() >= bounds.size || bytes >= kMaxPageBytes || looked_at >= kMaxRowsLookedAt) {
      more = true;
      return false;
    }
    ++looked_at;
    if (!ReadLastId(key, prefix, &id)) {
      row_status = CorruptRow(keys::kTickets.name);
      return false;
    }
    auto record = rows_are_tickets ? keys::kTickets.Parse(value)
                                   : LoadTicket(reader, {std::string(tenant), id});
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    if (!Matches(record->ticket(), filter)) return true;
    bytes += record->ticket().ByteSizeLong();
    tickets->push_back(std::move(*record->mutable_ticket()));
    return true;
  };
  FD_RETURN_IF_ERROR(reader.ScanBackward(prefix, before, visit));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? id : std::string();
  return absl::OkStatus();
}

absl::Status ListNotes(const Reader& reader, const TicketRef& ref, const PageBounds& bounds,
                       std::vector<v1::Note>* notes, std::string* last) {
  const std::string prefix = keys::kNotes.Key(ref.tenant, ref.ticket);
  // The first key behind the one the page before has ended with.
  std::string start;
  if (!bounds.after.empty()) {
    start = ::frontdesk::store::PrefixEnd(std::move(KeyWriter(prefix).Add(bounds.after)).Take());
  }
  size_t bytes = 0;
  bool more = false;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, [&](std::string_view, std::string_view value) {
    more = notes->size() >= bounds.size || bytes >= kMaxPageBytes;
    if (more) return false;
    auto record = keys::kNotes.Parse(value);
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    bytes += record->note().ByteSizeLong();
    notes->push_back(std::move(*record->mutable_note()));
    return true;
  }));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? IdOf(notes->back().name()) : std::string();
  return absl::OkStatus();
}

absl::Status ListChanges(const Reader& reader, const TicketRef& ref, const PageBounds& bounds,
                         std::vector<v1::TicketChange>* changes, std::string* last) {
  uint64_t after = 0;
  std::from_chars(bounds.after.data(), bounds.after.data() + bounds.after.size(), after);
  if (after == 0) {
    FD_ASSIGN_OR_RETURN(const auto record, LoadTicket(reader, ref));
    changes->push_back(CreationOf(record));
  }
  bool more = false;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(reader.Scan(keys::kChanges.Key(ref.tenant, ref.ticket),
                                 keys::kChanges.Key(ref.tenant, ref.ticket, after + 1),
                                 [&](std::string_view, std::string_view value) {
                                   more = changes->size() >= bounds.size;
                                   if (more) return false;
                                   auto record = keys::kChanges.Parse(value);
                                   if (!record.ok()) {
                                     row_status = record.status();
                                     return false;
                                   }
                                   changes->push_back(std::move(*record->mutable_change()));
                                   return true;
                                 }));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? IdOf(changes->back().name()) : std::string();
  return absl::OkStatus();
}

}  // namespace frontdesk::ticket
