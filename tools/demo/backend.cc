#include "tools/demo/backend.h"

#include <utility>

#include "google/protobuf/wrappers.pb.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"

namespace frontdesk::demo {

rpc::Client& Backend::ClientOf(const std::string& token) {
  auto& client = clients_[token];
  if (client == nullptr) {
    rpc::Client::Options options;
    options.target = target_;
    options.token = token;
    client = rpc::Client::Connect(std::move(options), clock_, random_, metrics_);
  }
  return *client;
}

absl::StatusOr<bool> Backend::Serving() {
  // grpc.health.v1.HealthCheckRequest is {string service = 1}, the response {enum status = 1}: the
  // wrappers have the same form, so that no copy of that contract is needed here.
  constexpr int kServing = 1;
  const auto response = Call<google::protobuf::Int32Value>("", "grpc.health.v1.Health/Check",
                                                           google::protobuf::StringValue());
  if (absl::IsUnavailable(response.status())) return false;
  if (!response.ok()) return response.status();
  return response->value() == kServing;
}

std::string Backend::NewRequestId() { return NewUlid(clock_.Now(), random_); }

absl::StatusOr<std::vector<channel::v1::Message>> AllMessages(Backend& backend,
                                                              const std::string& token,
                                                              const std::string& customer) {
  std::vector<channel::v1::Message> all;
  channel::v1::ListMessagesRequest request;
  request.set_parent(customer);
  do {
    FD_ASSIGN_OR_RETURN(const auto page,
                        backend.Call<channel::v1::ListMessagesResponse>(
                            token, "frontdesk.channel.v1.ChannelService/ListMessages", request));
    all.insert(all.end(), page.messages().begin(), page.messages().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<std::vector<dialog::v1::Turn>> AllTurns(Backend& backend, const std::string& token,
                                                       const std::string& conversation) {
  std::vector<dialog::v1::Turn> all;
  dialog::v1::ListTurnsRequest request;
  request.set_parent(conversation);
  do {
    FD_ASSIGN_OR_RETURN(const auto page,
                        backend.Call<dialog::v1::ListTurnsResponse>(
                            token, "frontdesk.dialog.v1.DialogService/ListTurns", request));
    all.insert(all.end(), page.turns().begin(), page.turns().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

}  // namespace frontdesk::demo
