#include "services/knowledge/app.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <future>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/environment.h"
#include "services/knowledge/article_import.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

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
    const bus::AppDeps deps{clock_, random_, *environment_, *installation_, *log_,
                            metrics_, guard_, read_pool_, prepare_pool_, [](const auto&) {}};
    auto opened = App::Open(deps, Config(), nullptr);
    INFO(opened.status());
    REQUIRE(opened.ok());
    app_ = *std::move(opened);
    app_->Start();
  }
  void Close() {
    app_->Stop(absl::Seconds(10));
    app_.reset();
    log_.reset();
    installation_.reset();
  }
  absl::Status Load() {
    const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
    rpc::TenantsFile tenants;
    tenants.tenants.emplace_back();
    tenants.tenants[0].id = "demo";
    tenants.tenants[0].articles_dir =
        fmt::format("{}/deploy/demo/articles", root == nullptr ? "." : root);
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
  // Asks until it is known; how long that took.
  absl::Duration UntilKnown(const std::string& question) {
    const absl::Duration begin = clock_.Steady();
    while (clock_.Steady() - begin < absl::Seconds(20)) {
      auto answer = Ask(question);
      if (answer.ok() && answer->known()) break;
    }
    return clock_.Steady() - begin;
  }
  size_t Published() {
    int64_t count = 0;
    for (const char* locale : {"en", "zh"}) {
      v1::ListArticlesRequest request;
      request.set_parent("tenants/demo");
      request.set_state(v1::ARTICLE_STATE_PUBLISHED);
      request.set_locale(locale);
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
    }
    return count;
  }

 private:
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
  std::unique_ptr<App> app_;
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
  CHECK(process.Published() == 26);
  process.Close();
  process.Open(false);
  CHECK(process.UntilKnown("How do I reset my password?") < absl::Seconds(10));
  REQUIRE(process.Load().ok());
  CHECK(process.Published() == 26);
}

TEST_CASE("a folder of articles that is not there is an error that names it") {
  const absl::Status status = ReadArticleFiles("/nowhere/articles").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(MessageOf(status).find("/nowhere/articles") != std::string_view::npos);
}
