#include "services/knowledge/app.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <future>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/bus/embedded_log.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/store/environment.h"
#include "services/knowledge/article_import.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

std::string DemoArticles() {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  return fmt::format("{}/deploy/demo/articles", root == nullptr ? "." : root);
}

// The service with its threads, on a real disk and by a real clock.
class Process {
 public:
  Process() {
    std::string name = (std::filesystem::temp_directory_path() / "fd-know-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    Open(true);
  }
  ~Process() {
    Close();
    std::filesystem::remove_all(directory_);
  }

  void Open(bool first_start) {
    installation_ = bus::Installation::Open({.data_dir = directory_, .first_start = first_start},
                                            *environment_, clock_.Now(), random_)
                        .value();
    log_ = bus::EmbeddedLog::Open({*environment_, clock_, random_, metrics_, [](const auto&) {}},
                                  {.directory = directory_ + "/bus"})
               .value();
    REQUIRE(log_->EnsureTopics(1).ok());
    const bus::AppDeps deps{clock_,   random_, *environment_, *installation_, *log_,
                            metrics_, guard_,  read_pool_,    prepare_pool_,  [](const auto&) {}};
    Config config;
    config.http_listen = "127.0.0.1:0";
    auto opened = App::Open(deps, config, host_.get());
    INFO(opened.status());
    REQUIRE(opened.ok());
    app_ = *std::move(opened);
    app_->Start();
    server_ = rpc::Server::Start({.listen_address = "127.0.0.1:0"}, app_->rpc_services()).value();
  }
  void Close() {
    server_->Stop(absl::Seconds(2));
    server_.reset();
    app_->Stop(absl::Seconds(10));
    app_.reset();
    log_.reset();
    installation_.reset();
  }
  // Calls a method of the service over gRPC with a token.
  template <class Response>
  absl::StatusOr<Response> Call(const std::string& token, const std::string& method,
                                const google::protobuf::Message& request) {
    auto client = rpc::Client::Connect({.target = server_->address(), .token = token}, clock_,
                                       random_, metrics_);
    return client->UnaryBlocking<Response>("/frontdesk.knowledge.v1.KnowledgeService/" + method,
                                           rpc::Outgoing(), request);
  }
  absl::Status Load() {
    rpc::TenantsFile tenants;
    tenants.tenants.emplace_back();
    tenants.tenants[0].id = "demo";
    tenants.tenants[0].articles_dir = DemoArticles();
    std::promise<absl::Status> loaded;
    app_->LoadTenants(tenants, [&](absl::Status status) { loaded.set_value(status); });
    return loaded.get_future().get();
  }
  absl::StatusOr<v1::Answer> Ask(const std::string& question) {
    v1::AnswerQuestionRequest request;
    request.set_parent("tenants/demo");
    request.set_question(question);
    std::promise<absl::StatusOr<v1::AnswerQuestionResponse>> promise;
    app_->answers().Answer(request, absl::Seconds(5),
                           [&](auto response) { promise.set_value(std::move(response)); });
    auto response = promise.get_future().get();
    if (!response.ok()) return response.status();
    return response->answer();
  }
  // False when it does not hold within 20 s.
  bool Eventually(std::function<bool()> holds) {
    const absl::Duration end = clock_.Steady() + absl::Seconds(20);
    while (!holds()) {
      if (clock_.Steady() > end) return false;
    }
    return true;
  }
  // Asks until it is known; how long that took.
  absl::Duration UntilKnown(const std::string& question) {
    const absl::Duration begin = clock_.Steady();
    CHECK(Eventually([&] {
      auto answer = Ask(question);
      return answer.ok() && answer->known();
    }));
    return clock_.Steady() - begin;
  }
  size_t Published() {
    int64_t count = 0;
    for (const char* locale : {"en", "zh"}) {
      v1::ListArticlesRequest request;
      request.set_parent("tenants/demo");
      request.set_state(v1::ARTICLE_STATE_PUBLISHED);
      request.set_locale(locale);
      do {
        v1::ListArticlesResponse response;
        std::promise<absl::Status> done;
        rpc::Call call;
        call.tenant = "demo";
        call.method = "ListArticles";
        app_->service().ListArticles(call, request, &response,
                                     [&](absl::Status status) { done.set_value(status); });
        REQUIRE(done.get_future().get().ok());
        for (const auto& article : response.articles()) {
          count += article.latest_version() == 1 ? 1 : 1000;
        }
        request.set_page_token(response.next_page_token());
      } while (!request.page_token().empty());
    }
    return count;
  }

 private:
  static std::unique_ptr<rpc::TokenAuthenticator> Tokens() {
    rpc::TenantsFile file;
    file.tenants.emplace_back();
    file.tenants[0].id = "demo";
    file.tenants[0].tokens = {{"mia", rpc::Role::kAgent, rpc::TokenSha256("agent-token")},
                              {"root", rpc::Role::kAdmin, rpc::TokenSha256("admin-token")},
                              {"ana", rpc::Role::kAnalyst, rpc::TokenSha256("analyst-token")}};
    return rpc::TokenAuthenticator::Make(file).value();
  }

  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  std::string directory_;
  std::unique_ptr<engine::Environment> environment_ = engine::Environment::OnDisk({});
  engine::SpaceGuard guard_{
      {.directory = "/", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics_};
  engine::ReadPool read_pool_{{.threads = 1}, metrics_};
  bus::PreparePool prepare_pool_{{.threads = 1}, metrics_};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<rpc::TokenAuthenticator> tokens_ = Tokens();
  std::unique_ptr<rpc::Host> host_ =
      std::make_unique<rpc::Host>(*tokens_, clock_, random_, metrics_, rpc::Host::Options());
  std::unique_ptr<App> app_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace

TEST_CASE("the tenants' articles are loaded, soon answered from, and still there after a restart") {
  Process process;
  const absl::Status loaded = process.Load();
  INFO(loaded);
  REQUIRE(loaded.ok());
  // Visible within a second; the rest is for a busy machine.
  CHECK(process.UntilKnown("How do I reset my password?") < absl::Seconds(10));
  CHECK(process.UntilKnown("怎么退货？") < absl::Seconds(10));
  const auto files = ReadArticleFiles(DemoArticles());
  REQUIRE(files.ok());
  CHECK(process.Published() == files->size());
  process.Close();
  process.Open(false);
  CHECK(process.UntilKnown("How do I reset my password?") < absl::Seconds(10));
  REQUIRE(process.Load().ok());
  CHECK(process.Published() == files->size());
}

TEST_CASE("the service is complete over gRPC, and roles and tenants hold there") {
  Process process;
  v1::CreateArticleRequest create;
  create.set_parent("tenants/demo");
  create.set_article_id("parking");
  create.mutable_article()->set_locale("en");
  create.mutable_article()->mutable_content()->set_title("Parking");
  create.mutable_article()->mutable_content()->set_body("20 parking spaces.");
  create.set_request_id("r-1");
  auto created = process.Call<v1::CreateArticleResponse>("agent-token", "CreateArticle", create);
  INFO(created.status());
  REQUIRE(created.ok());
  CHECK(created->article().name() == "tenants/demo/articles/parking");
  CHECK(absl::IsPermissionDenied(
      process.Call<v1::CreateArticleResponse>("analyst-token", "CreateArticle", create).status()));
  create.set_parent("tenants/other");
  CHECK(ReasonOf(process.Call<v1::CreateArticleResponse>("agent-token", "CreateArticle", create)
                     .status()) == "WRONG_TENANT");
  v1::PublishArticleRequest publish;
  publish.set_name("tenants/demo/articles/parking");
  publish.set_request_id("r-2");
  REQUIRE(process.Call<v1::PublishArticleResponse>("agent-token", "PublishArticle", publish).ok());
  CHECK(process.UntilKnown("parking spaces") < absl::Seconds(10));
  v1::UpdateApprovalPolicyRequest policy;
  policy.mutable_approval_policy()->set_name("tenants/demo/approvalPolicy");
  policy.mutable_approval_policy()->add_steps()->set_name("peer");
  policy.set_request_id("r-4");
  CHECK(absl::IsPermissionDenied(
      process.Call<v1::UpdateApprovalPolicyResponse>("agent-token", "UpdateApprovalPolicy", policy)
          .status()));
  CHECK(
      process.Call<v1::UpdateApprovalPolicyResponse>("admin-token", "UpdateApprovalPolicy", policy)
          .ok());
  v1::ApproveArticleVersionRequest approve;
  approve.set_name("tenants/demo/articles/parking/versions/1");
  approve.set_request_id("r-5");
  CHECK(absl::IsPermissionDenied(process
                                     .Call<v1::ApproveArticleVersionResponse>(
                                         "analyst-token", "ApproveArticleVersion", approve)
                                     .status()));
  CHECK(ReasonOf(process
                     .Call<v1::ApproveArticleVersionResponse>("agent-token",
                                                              "ApproveArticleVersion", approve)
                     .status()) == "VERSION_STATE");
  v1::SearchArticlesRequest search;
  search.set_parent("tenants/demo");
  search.set_query("parking");
  auto found = process.Call<v1::SearchArticlesResponse>("analyst-token", "SearchArticles", search);
  REQUIRE(found.ok());
  CHECK(found->results_size() == 1);
  v1::RebuildIndexRequest rebuild;
  rebuild.set_parent("tenants/demo");
  rebuild.set_request_id("r-3");
  CHECK(absl::IsPermissionDenied(
      process.Call<v1::RebuildIndexResponse>("agent-token", "RebuildIndex", rebuild).status()));
  REQUIRE(process.Call<v1::RebuildIndexResponse>("admin-token", "RebuildIndex", rebuild).ok());
  v1::GetIndexStatusRequest status;
  status.set_parent("tenants/demo");
  REQUIRE(process.Eventually([&] {
    auto now = process.Call<v1::GetIndexStatusResponse>("agent-token", "GetIndexStatus", status);
    return now.ok() && !now->index_status().rebuilding() &&
           now->index_status().indexed_articles() == 1;
  }));
}

TEST_CASE("a folder of articles that is not there is an error that names it") {
  const absl::Status status = ReadArticleFiles("/nowhere/articles").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(MessageOf(status).find("/nowhere/articles") != std::string_view::npos);
}
