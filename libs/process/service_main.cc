#include "libs/process/service_main.h"

namespace frontdesk::process {

void PeerOptions::Describe(config::Fields& fields) {
  fields.Add("channel", &channel, "host:port of channel's gRPC services (data keys).");
  fields.Add(
      "dialog", &dialog,
      "host:port of dialog's gRPC services (what was said, for knowledge); empty = not asked.");
  fields.Add("knowledge", &knowledge, "host:port of knowledge's gRPC services (answers).");
  fields.Add("ticket", &ticket,
             "host:port of ticket's gRPC services (tickets, for knowledge); empty = not asked.");
  fields.Add("token", &token, "Platform token of role service, for calls to the peers.").Secret();
}

std::unique_ptr<rpc::Client> Peers::Connect(const std::string& target) const {
  rpc::Client::Options options;
  options.target = target;
  options.token = options_.token;
  return rpc::Client::Connect(std::move(options), deps_.clock, deps_.random, deps_.metrics);
}

DataKeys& Peers::data_keys() {
  if (data_keys_ == nullptr) {
    channel_ = Connect(options_.channel);
    data_keys_ =
        std::make_unique<RemoteDataKeys>(*channel_, deps_.clock, RemoteDataKeys::Options{});
  }
  return *data_keys_;
}

rpc::Client& Peers::knowledge() {
  if (knowledge_ == nullptr) knowledge_ = Connect(options_.knowledge);
  return *knowledge_;
}

rpc::Client* Peers::dialog() {
  if (dialog_ == nullptr && !options_.dialog.empty()) dialog_ = Connect(options_.dialog);
  return dialog_.get();
}

rpc::Client* Peers::ticket() {
  if (ticket_ == nullptr && !options_.ticket.empty()) ticket_ = Connect(options_.ticket);
  return ticket_.get();
}

}  // namespace frontdesk::process
