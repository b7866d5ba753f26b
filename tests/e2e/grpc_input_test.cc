// Bad input over gRPC against a real frontdeskd: a clear error each, and the server goes on.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/core.h>
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "google/protobuf/empty.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "tools/demo/backend.h"
#include "tools/demo/server_process.h"
#include "tools/demo/wait.h"

using namespace frontdesk;

namespace {

constexpr char kCreate[] = "frontdesk.ticket.v1.TicketService/CreateTicket";
constexpr char kGet[] = "frontdesk.ticket.v1.TicketService/GetTicket";
constexpr char kList[] = "frontdesk.ticket.v1.TicketService/ListTickets";
constexpr char kAdmin[] = "demo-admin-token";
constexpr char kAgent[] = "demo-agent-token";

std::string PathOf(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : value;
}

// One server for all cases of the binary; main() owns it, because gRPC must end before statics do.
class Frontdesk {
 public:
  Frontdesk();
  ~Frontdesk() {
    backend_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    running = nullptr;
  }
  static Frontdesk& Get() { return *running; }

  demo::Backend& backend() { return *backend_; }

  ticket::v1::Ticket NewTicket(const std::string& subject) {
    ticket::v1::CreateTicketRequest request;
    request.set_parent("tenants/demo");
    request.set_subject(subject);
    request.set_request_id(backend_->NewRequestId());
    const auto made = backend_->Call<ticket::v1::CreateTicketResponse>(kAgent, kCreate, request);
    INFO(made.status());
    REQUIRE(made.ok());
    return made->ticket();
  }

 private:
  static inline Frontdesk* running = nullptr;
  std::filesystem::path folder_;
  std::unique_ptr<demo::ServerProcess> server_;
  std::unique_ptr<demo::Backend> backend_;
};

// Ends the process when there is no server: nothing can be tested then.
void Require(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "{}\n", status);
  std::exit(1);
}

Frontdesk::Frontdesk() {
  std::string pattern = std::filesystem::temp_directory_path() / "frontdesk-e2e-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) Require(absl::UnknownError("no folder for the test"));
  folder_ = pattern;
  demo::ServerProcess::Options options;
  options.binary = PathOf("FRONTDESK_BINARY_DIR", "build/dev") + "/services/suite/frontdeskd";
  options.tenants_file = PathOf("FRONTDESK_SOURCE_DIR", ".") + "/deploy/demo/tenants.yaml";
  options.data_dir = folder_ / "data";
  options.log_file = folder_ / "frontdeskd.log";
  options.arguments = {"--grpc_listen=127.0.0.1:0", "--metrics_listen=127.0.0.1:0",
                       "--channel.http_listen=127.0.0.1:0", "--knowledge.http_listen="};
  auto started = demo::ServerProcess::Start(options);
  Require(started.status());
  server_ = *std::move(started);
  backend_ = std::make_unique<demo::Backend>(server_->grpc());
  Require(demo::WaitUntil("gRPC health says SERVING", absl::Seconds(20),
                          [this] { return backend_->Serving(); }));
  running = this;
}

template <class Response>
absl::Status Refused(const std::string& token, const char* method,
                     const google::protobuf::Message& request) {
  return Frontdesk::Get().backend().Call<Response>(token, method, request).status();
}

void CheckRefused(const absl::Status& status, absl::StatusCode code, const std::string& reason) {
  INFO(status);
  CHECK(status.code() == code);
  CHECK(ReasonOf(status) == reason);
}

}  // namespace

TEST_CASE("a call without a known token is refused before anything else") {
  ticket::v1::GetTicketRequest request;
  request.set_name("no name at all");
  for (const char* token : {"", "wrong", "demo-admin-token-and-more"}) {
    CheckRefused(Refused<ticket::v1::GetTicketResponse>(token, kGet, request),
                 absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED");
  }
}

TEST_CASE("a name of another tenant is refused, whether it exists or not") {
  ticket::v1::GetTicketRequest get;
  get.set_name("tenants/other/tickets/01h00000000000000000000000");
  CheckRefused(Refused<ticket::v1::GetTicketResponse>(kAdmin, kGet, get),
               absl::StatusCode::kPermissionDenied, "WRONG_TENANT");
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/other");
  create.set_subject("mine");
  create.set_request_id("r");
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>(kAdmin, kCreate, create),
               absl::StatusCode::kPermissionDenied, "WRONG_TENANT");
}

TEST_CASE("a role that may not call a method is told so") {
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/demo");
  create.set_subject("by an analyst");
  create.set_request_id("r");
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>("demo-analyst-token", kCreate, create),
               absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED");
}

TEST_CASE("a mutation needs a request id of at most 64 characters") {
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/demo");
  create.set_subject("no id");
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create),
               absl::StatusCode::kInvalidArgument, "MISSING_REQUEST_ID");
  create.set_request_id(std::string(65, 'x'));
  const absl::Status status = Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(DetailsOf(status).fields ==
        std::vector<ErrorDetails::Pair>{{"request_id", "must have at most 64 characters"}});
}

TEST_CASE("a request id used again gives the same reply, with another payload an error") {
  demo::Backend& backend = Frontdesk::Get().backend();
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/demo");
  create.set_subject("once");
  create.set_request_id(backend.NewRequestId());
  const auto first = backend.Call<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create);
  REQUIRE(first.ok());
  const auto again = backend.Call<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create);
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  create.set_subject("something else");
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create),
               absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED");
  // Ids are each caller's own.
  CHECK(backend.Call<ticket::v1::CreateTicketResponse>(kAdmin, kCreate, create).ok());
}

TEST_CASE("page tokens that are garbled or of another filter are refused") {
  demo::Backend& backend = Frontdesk::Get().backend();
  for (int i = 0; i < 3; ++i) Frontdesk::Get().NewTicket(fmt::format("paged {}", i));
  ticket::v1::ListTicketsRequest list;
  list.set_parent("tenants/demo");
  list.set_page_size(1);
  const auto page = backend.Call<ticket::v1::ListTicketsResponse>(kAgent, kList, list);
  REQUIRE(page.ok());
  REQUIRE(!page->next_page_token().empty());
  list.set_page_token(page->next_page_token());
  CHECK(backend.Call<ticket::v1::ListTicketsResponse>(kAgent, kList, list).ok());
  list.set_state(ticket::v1::TICKET_STATE_RESOLVED);
  CheckRefused(Refused<ticket::v1::ListTicketsResponse>(kAgent, kList, list),
               absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  list.clear_state();
  list.set_page_token("garbled");
  CheckRefused(Refused<ticket::v1::ListTicketsResponse>(kAgent, kList, list),
               absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  list.clear_page_token();
  list.set_page_size(-1);
  CheckRefused(Refused<ticket::v1::ListTicketsResponse>(kAgent, kList, list),
               absl::StatusCode::kInvalidArgument, "INVALID_FIELD");
}

TEST_CASE("fields that this server does not know are ignored") {
  demo::Backend& backend = Frontdesk::Get().backend();
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/demo");
  create.set_subject("from a newer client");
  create.set_request_id(backend.NewRequestId());
  constexpr int kUnknownField = 4000;
  create.GetReflection()->MutableUnknownFields(&create)->AddLengthDelimited(kUnknownField, "new");
  const auto made = backend.Call<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create);
  INFO(made.status());
  REQUIRE(made.ok());
  CHECK(made->ticket().subject() == "from a newer client");
}

TEST_CASE("texts that are too long or not UTF-8 and messages that are too large are refused") {
  ticket::v1::CreateTicketRequest create;
  create.set_parent("tenants/demo");
  create.set_subject(std::string(201, 'x'));
  create.set_request_id("long");
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create),
               absl::StatusCode::kInvalidArgument, "INVALID_FIELD");
  create.set_subject("fine");
  create.set_description(std::string((32 << 10) + 1, 'x'));
  CheckRefused(Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create),
               absl::StatusCode::kInvalidArgument, "INVALID_FIELD");
  // Our own protobuf would not let it out: the same bytes as a message of another type.
  google::protobuf::Empty raw;
  auto* fields = raw.GetReflection()->MutableUnknownFields(&raw);
  fields->AddLengthDelimited(1, "tenants/demo");
  fields->AddLengthDelimited(2, "\xff\xfe");
  fields->AddLengthDelimited(10, "bytes");
  CHECK(Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, raw).code() ==
        absl::StatusCode::kInvalidArgument);
  create.set_description(std::string(5 << 20, 'x'));
  const absl::Status large = Refused<ticket::v1::CreateTicketResponse>(kAgent, kCreate, create);
  INFO(large);
  CHECK(large.code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("names of another form, resources that are not there, verbs at the wrong time") {
  demo::Backend& backend = Frontdesk::Get().backend();
  ticket::v1::GetTicketRequest get;
  for (const char* name : {"tenants/demo/tickets/", "tenants/demo/tickets/UPPER",
                           "tenants/demo/agents/mia", "tenants/demo/tickets/a/b"}) {
    get.set_name(name);
    CheckRefused(Refused<ticket::v1::GetTicketResponse>(kAgent, kGet, get),
                 absl::StatusCode::kInvalidArgument, "INVALID_FIELD");
  }
  get.set_name("tenants/demo/tickets/01h00000000000000000000000");
  CheckRefused(Refused<ticket::v1::GetTicketResponse>(kAgent, kGet, get),
               absl::StatusCode::kNotFound, "NOT_FOUND");
  ticket::v1::CloseTicketRequest close;
  close.set_name(Frontdesk::Get().NewTicket("not resolved").name());
  close.set_request_id(backend.NewRequestId());
  CheckRefused(Refused<ticket::v1::CloseTicketResponse>(
                   kAgent, "frontdesk.ticket.v1.TicketService/CloseTicket", close),
               absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION");
  ticket::v1::ResolveTicketRequest resolve;
  resolve.set_name(close.name());
  resolve.set_etag("not the present one");
  resolve.set_request_id(backend.NewRequestId());
  CheckRefused(Refused<ticket::v1::ResolveTicketResponse>(
                   kAgent, "frontdesk.ticket.v1.TicketService/ResolveTicket", resolve),
               absl::StatusCode::kAborted, "ETAG_MISMATCH");
}

TEST_CASE(
    "a method that is not there is UNIMPLEMENTED, and bytes that are no message are refused") {
  google::protobuf::StringValue empty;
  CHECK(Refused<google::protobuf::StringValue>(
            kAdmin, "frontdesk.ticket.v1.TicketService/DeleteEverything", empty)
            .code() == absl::StatusCode::kUnimplemented);
  // Field 1 as a number where a text is meant; then a text whose length runs past the end.
  google::protobuf::Int64Value number;
  number.set_value(7);
  const absl::Status status = Refused<ticket::v1::GetTicketResponse>(kAgent, kGet, number);
  INFO(status);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
}

int main(int argc, char** argv) {
  Frontdesk frontdesk;
  return Catch::Session().run(argc, argv);
}
