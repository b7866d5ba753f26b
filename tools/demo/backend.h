#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "frontdesk/common/v1/admin_service.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/health/v1/health_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/rpc/client.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::demo {

// What the tenant's people do, over gRPC. Blocks; used by one thread.
class Backend {
 public:
  explicit Backend(std::string target) : target_(std::move(target)) {}

  // `method` is "frontdesk.ticket.v1.TicketService/GetTicket"; the call carries `token`.
  template <class Response>
  absl::StatusOr<Response> Call(const std::string& token, std::string_view method,
                                const google::protobuf::Message& request) {
    rpc::Outgoing outgoing;
    outgoing.cap = absl::Seconds(10);
    return ClientOf(token).UnaryBlocking<Response>("/" + std::string(method), outgoing, request);
  }

  // Whether the standard health service says SERVING of the whole process.
  absl::StatusOr<bool> Serving();

  // 1 to 64 characters, another one each time.
  std::string NewRequestId();

 private:
  rpc::Client& ClientOf(const std::string& token);

  const std::string target_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  std::map<std::string, std::unique_ptr<rpc::Client>> clients_;  // by token
};

// Every list reads all of it, page by page.
absl::StatusOr<std::vector<channel::v1::Message>> AllMessages(Backend& backend,
                                                              const std::string& token,
                                                              const std::string& customer);
absl::StatusOr<std::vector<dialog::v1::Turn>> AllTurns(Backend& backend, const std::string& token,
                                                       const std::string& conversation);

}  // namespace frontdesk::demo
