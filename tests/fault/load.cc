#include "tests/fault/load.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "frontdesk/billing/v1/billing_service.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"

namespace frontdesk::fault {
namespace {

using Json = nlohmann::json;

constexpr char kTickets[] = "/frontdesk.ticket.v1.TicketService/";
constexpr char kBilling[] = "/frontdesk.billing.v1.BillingService/";
constexpr int kMessagesPerSender = 25;
// Questions that the demo tenant's articles answer, so that each message has its one reply.
constexpr const char* kQuestions[] = {
    "How do I cancel my order?",     "How do I change my delivery address?",
    "How do I use a discount code?", "How do I delete my account?",
    "What are your working hours?",  "Why is my voucher not accepted?"};

bool SaysTryAgain(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace

// One thread of the load.
struct Load::Caller {
  std::string name;
  std::mt19937_64 random;
  int made = 0;
  std::vector<std::string> tickets = {};  // acknowledged ones of its own

  bool OneIn(int n) { return random() % static_cast<uint64_t>(n) == 0; }
  std::string NextId() { return fmt::format("{}-{}", name, ++made); }
};

Load::Load(Daemon& daemon, Options options) : daemon_(daemon), options_(options) {}

void Load::Start() {
  stopping_ = false;
  for (int i = 0; i < options_.rpc_threads; ++i) threads_.emplace_back([this, i] { RunRpc(i); });
  for (int i = 0; i < options_.customer_threads; ++i) {
    threads_.emplace_back([this, i] { RunCustomer(i); });
  }
}

void Load::Stop() {
  stopping_ = true;
  stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Duration Load::longest_call() const {
  const std::lock_guard lock(mu_);
  return longest_;
}

std::vector<std::string> Load::violations() const {
  const std::lock_guard lock(mu_);
  return violations_;
}

void Load::Note(absl::Duration took) {
  const std::lock_guard lock(mu_);
  longest_ = std::max(longest_, took);
}

void Load::Record(Operation operation) {
  if (operation.acknowledged) ++acknowledged_;
  const std::lock_guard lock(mu_);
  operations_.push_back(std::move(operation));
}

void Load::Violation(std::string text) {
  const std::lock_guard lock(mu_);
  violations_.push_back(std::move(text));
}

bool Load::Pause(absl::Duration how_long) {
  std::unique_lock lock(mu_);
  return !stop_.wait_for(lock, absl::ToChronoNanoseconds(how_long),
                         [this] { return stopping_.load(); });
}

bool Load::Again(Caller& caller, const absl::Status& status) {
  ++failures_;
  if (status.code() == absl::StatusCode::kDeadlineExceeded) ++timeouts_;
  if (ReasonOf(status) == "DISK_SPACE_LOW") ++space_refusals_;
  if (caller.OneIn(8)) return false;
  return Pause(absl::Milliseconds(20));
}

template <class Response>
std::optional<Response> Load::Call(Caller& caller, const std::string& method,
                                   const google::protobuf::Message& request) {
  while (true) {
    const std::shared_ptr<rpc::Client> client = daemon_.client([this] { return stopping_.load(); });
    if (client == nullptr) return {};
    rpc::Outgoing outgoing;
    outgoing.cap = options_.call_max;
    const absl::Duration start = clock_.Steady();
    auto response = client->UnaryBlocking<Response>(method, outgoing, request);
    Note(clock_.Steady() - start);
    if (response.ok()) return *std::move(response);
    if (!SaysTryAgain(response.status())) {
      Violation(fmt::format("{} was refused: {}\n  {}", method, response.status(),
                            request.ShortDebugString()));
      return {};
    }
    if (!Again(caller, response.status())) return {};
  }
}

void Load::DoTicket(Caller& caller) {
  Operation operation{Operation::Kind::kTicket, caller.NextId()};
  ticket::v1::CreateTicketRequest request;
  request.set_parent("tenants/demo");
  request.set_subject(operation.id);
  request.set_description("made by a load that goes through faults");
  request.set_request_id(operation.id);
  const auto made = Call<ticket::v1::CreateTicketResponse>(
      caller, kTickets + std::string("CreateTicket"), request);
  if (made.has_value()) {
    operation.acknowledged = true;
    operation.name = made->ticket().name();
    caller.tickets.push_back(operation.name);
    // As a caller does whose answer was lost on the way.
    if (caller.OneIn(10)) {
      const auto again = Call<ticket::v1::CreateTicketResponse>(
          caller, kTickets + std::string("CreateTicket"), request);
      if (again.has_value() && again->ticket().name() != operation.name) {
        Violation(fmt::format("request {} made {} and, repeated, {}", operation.id, operation.name,
                              again->ticket().name()));
      }
    }
  }
  Record(std::move(operation));
}

void Load::DoNote(Caller& caller) {
  Operation operation{Operation::Kind::kNote, caller.NextId()};
  operation.parent = caller.tickets[caller.random() % caller.tickets.size()];
  ticket::v1::AddNoteRequest request;
  request.set_parent(operation.parent);
  request.set_text(operation.id);
  request.set_request_id(operation.id);
  const auto made =
      Call<ticket::v1::AddNoteResponse>(caller, kTickets + std::string("AddNote"), request);
  operation.acknowledged = made.has_value();
  if (made.has_value()) operation.name = made->note().name();
  Record(std::move(operation));
}

void Load::DoUsage(Caller& caller) {
  Operation operation{Operation::Kind::kUsage, caller.NextId()};
  operation.quantity = 1 + static_cast<int64_t>(caller.random() % 9);
  billing::v1::RecordUsageRequest request;
  request.set_parent("tenants/demo");
  billing::v1::Usage* usage = request.add_usages();
  usage->set_source("load");
  usage->set_usage_id(operation.id);
  usage->set_meter(billing::v1::METER_MESSAGES);
  usage->set_quantity(operation.quantity);
  request.set_request_id(operation.id);
  const auto made = Call<billing::v1::RecordUsageResponse>(
      caller, kBilling + std::string("RecordUsage"), request);
  operation.acknowledged = made.has_value();
  if (made.has_value() && made->recorded_count() != 1) {
    Violation(fmt::format("use {} was answered as known before: {}", operation.id,
                          made->ShortDebugString()));
  }
  Record(std::move(operation));
}

void Load::RunRpc(int number) {
  Caller caller{fmt::format("rpc{}", number),
                std::mt19937_64(options_.seed * 100 + static_cast<uint64_t>(number))};
  do {
    const uint64_t dice = caller.random() % 10;
    if (dice < 4 || caller.tickets.empty()) {
      DoTicket(caller);
    } else if (dice < 7) {
      DoNote(caller);
    } else {
      DoUsage(caller);
    }
  } while (Pause(options_.pause));
}

void Load::DoMessage(Caller& caller, const std::string& sender) {
  Operation operation{Operation::Kind::kMessage, caller.NextId()};
  operation.parent = sender;
  const Json body = {{"account", "app"},
                     {"customer", sender},
                     {"message_id", operation.id},
                     {"text", kQuestions[caller.random() % std::size(kQuestions)]}};
  while (true) {
    const absl::Duration start = clock_.Steady();
    const HttpAnswer answer = daemon_.Post("/v1/messages", body.dump());
    Note(clock_.Steady() - start);
    const Json json = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if ((answer.status == 200 || answer.status == 201) && json.is_object()) {
      operation.acknowledged = true;
      operation.name = json.value("name", "");
      break;
    }
    if (answer.status != 0 && answer.status != 200 && answer.status != 201 &&
        answer.status != 429 && answer.status < 500) {
      Violation(
          fmt::format("message {} was refused: {} {}", operation.id, answer.status, answer.body));
      break;
    }
    absl::Status status = absl::UnavailableError(answer.body);
    if (json.is_object() && json.value("reason", "") == "DISK_SPACE_LOW") {
      status = Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW", "");
    }
    if (!Again(caller, status)) break;
  }
  Record(std::move(operation));
}

void Load::RunCustomer(int number) {
  Caller caller{fmt::format("cust{}", number),
                std::mt19937_64(options_.seed * 100 + 50 + static_cast<uint64_t>(number))};
  do {
    const std::string sender = fmt::format("{}s{}", caller.name, caller.made / kMessagesPerSender);
    DoMessage(caller, sender);
    // Reading takes the replies: they become DELIVERED.
    daemon_.Get(fmt::format("/v1/messages?account=app&customer={}&after=0", sender));
  } while (Pause(options_.pause * 10));
}

}  // namespace frontdesk::fault
