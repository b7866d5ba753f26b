#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "frontdesk/knowledge/v1/answer_generator.grpc.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/knowledge/app.h"
#include "tests/component/fixture.h"

// The knowledge service with a generator behind a real gRPC server that behaves, lies, hangs, talks
// too much or speaks no UTF-8.
namespace frontdesk::component {
namespace {

using knowledge::v1::Answer;

constexpr char kQuestion[] = "How long does a refund take?";
constexpr char kBody[] =
    "A refund takes 5 working days. The money goes back to your card.\n\n"
    "Engraved lamps are not refunded.";

class FakeGenerator final : public knowledge::v1::AnswerGeneratorService::Service {
 public:
  FakeGenerator() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
    target = fmt::format("127.0.0.1:{}", port);
  }
  ~FakeGenerator() override {
    Release();
    server_->Shutdown();
  }

  grpc::Status GenerateAnswer(grpc::ServerContext* context,
                              const knowledge::v1::GenerateAnswerRequest* request,
                              knowledge::v1::GenerateAnswerResponse* response) override {
    std::unique_lock lock(mu_);
    ++calls_;
    last_ = *request;
    changed_.notify_all();
    while (hanging_ && !context->IsCancelled())
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    if (fails_) return {grpc::StatusCode::INTERNAL, "no model"};
    response->set_text(reply_);
    return grpc::Status::OK;
  }

  void Say(std::string reply) {
    const std::lock_guard lock(mu_);
    reply_ = std::move(reply);
  }
  void Hang() {
    const std::lock_guard lock(mu_);
    hanging_ = true;
  }
  void Fail() {
    const std::lock_guard lock(mu_);
    fails_ = true;
  }
  void Release() {
    const std::lock_guard lock(mu_);
    hanging_ = false;
    changed_.notify_all();
  }
  // False when not so many calls came within the patience.
  bool AwaitCalls(int calls) {
    std::unique_lock lock(mu_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return calls_ >= calls; });
  }
  int calls() {
    const std::lock_guard lock(mu_);
    return calls_;
  }
  knowledge::v1::GenerateAnswerRequest last() {
    const std::lock_guard lock(mu_);
    return last_;
  }

  std::string target;

 private:
  std::mutex mu_;
  std::condition_variable changed_;
  int calls_ = 0;  // guarded by mu_, as all below
  knowledge::v1::GenerateAnswerRequest last_;
  std::string reply_;
  bool hanging_ = false;
  bool fails_ = false;
  std::unique_ptr<grpc::Server> server_;
};

class World {
 public:
  explicit World(const std::string& target, absl::Duration timeout = absl::Seconds(10),
                 int calls_max = 8)
      : knowledge_("frontdesk.knowledge.v1.KnowledgeService",
                   [target, timeout, calls_max](const bus::AppDeps& deps, rpc::Host* host)
                       -> absl::StatusOr<std::unique_ptr<process::App>> {
                     knowledge::Config config;
                     config.http_listen = "";
                     config.answer_threshold_bps = 2000;
                     config.generator_target = target;
                     config.generator_timeout = timeout;
                     config.generator_calls_max = calls_max;
                     config.query_cache.bytes = 0;
                     return knowledge::App::Open(deps, config, host);
                   }) {
    knowledge::v1::CreateArticleRequest create;
    create.set_parent("tenants/acme");
    create.set_article_id("refunds");
    create.mutable_article()->set_locale("en");
    create.mutable_article()->mutable_content()->set_title("How long does a refund take?");
    create.mutable_article()->mutable_content()->set_body(kBody);
    create.set_request_id("r-1");
    knowledge_.Must<knowledge::v1::CreateArticleResponse>(kAdmin, "CreateArticle", create);
    knowledge::v1::PublishArticleRequest publish;
    publish.set_name("tenants/acme/articles/refunds");
    publish.set_request_id("r-2");
    knowledge_.Must<knowledge::v1::PublishArticleResponse>(kAdmin, "PublishArticle", publish);
    const SystemClock clock;
    const absl::Duration give_up_at = clock.Steady() + absl::Seconds(20);
    knowledge::v1::GetIndexStatusRequest status;
    status.set_parent("tenants/acme");
    while (knowledge_.Call<knowledge::v1::GetIndexStatusResponse>(kAdmin, "GetIndexStatus", status)
               ->index_status()
               .indexed_articles() == 0) {
      REQUIRE(clock.Steady() < give_up_at);
      // lint-allow(sleep): the poll interval of a loop with a deadline.
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

  // Checks nothing: may be called by any thread.
  absl::StatusOr<knowledge::v1::AnswerQuestionResponse> Try(const std::string& question) {
    knowledge::v1::AnswerQuestionRequest request;
    request.set_parent("tenants/acme");
    request.set_question(question);
    return knowledge_.Call<knowledge::v1::AnswerQuestionResponse>(kAdmin, "AnswerQuestion",
                                                                  request);
  }
  Answer Ask(const std::string& question = kQuestion) {
    const auto response = Try(question);
    INFO(response.status());
    REQUIRE(response.ok());
    const Answer& answer = response->answer();
    INFO(answer.DebugString());
    // Whatever the generator does: what is known stays known, and cited.
    if (answer.known()) {
      CHECK(answer.citations_size() == 1);
      CHECK(answer.citations(0).article_version() == "tenants/acme/articles/refunds/versions/1");
    }
    return answer;
  }
  // The answer in the article's words, whatever the generator said.
  static bool InOwnWords(const Answer& answer) {
    return answer.text() == kBody && answer.sentences_size() == 0;
  }

 private:
  ServiceUnderTest knowledge_;
};

std::string SourceOf(const knowledge::v1::AnswerSentence& sentence) {
  return std::string(kBody).substr(
      sentence.source_span().start_byte(),
      sentence.source_span().end_byte() - sentence.source_span().start_byte());
}

TEST_CASE("generator: what it says with support is the answer, each sentence with its source") {
  FakeGenerator generator;
  World world(generator.target);
  generator.Say("Sure! Refunds take five working days. The money goes back to your card.");
  const Answer answer = world.Ask("How long does a refund take? 13812345678");
  CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_GENERATED);
  CHECK(answer.text() == "Refunds take five working days. The money goes back to your card.");
  REQUIRE(answer.sentences_size() == 2);
  const auto& first = answer.sentences(0);
  CHECK(answer.text().substr(first.span().start_byte(),
                             first.span().end_byte() - first.span().start_byte()) ==
        "Refunds take five working days.");
  CHECK(SourceOf(first) == "A refund takes 5 working days.");
  CHECK(first.article_version() == "tenants/acme/articles/refunds/versions/1");
  CHECK(first.coverage_bps() >= 7000);
  CHECK(SourceOf(answer.sentences(1)) == "The money goes back to your card.");
  // It is told the question without personal data, and the passages.
  const auto asked = generator.last();
  CHECK(asked.question() == "How long does a refund take? [phone]");
  CHECK(asked.locale() == "en");
  REQUIRE(asked.passages_size() == 1);
  CHECK(asked.passages(0).text() == kBody);
  CHECK(asked.passages(0).title() == "How long does a refund take?");
  // What nobody knows it is not asked.
  const int calls = generator.calls();
  const Answer unknown = world.Ask("Who painted the Mona Lisa?");
  CHECK(!unknown.known());
  CHECK(unknown.generation() == knowledge::v1::ANSWER_GENERATION_UNSPECIFIED);
  CHECK(generator.calls() == calls);
}

TEST_CASE("generator: a sentence without support is left out; mostly lies are refused as a whole") {
  FakeGenerator generator;
  World world(generator.target);
  generator.Say(
      "Refunds take 5 working days. We also send you a voucher worth 50 EUR.\n"
      "Engraved lamps are not refunded.");
  const Answer part = world.Ask();
  CHECK(part.generation() == knowledge::v1::ANSWER_GENERATION_GENERATED_IN_PART);
  CHECK(part.text() == "Refunds take 5 working days.\nEngraved lamps are not refunded.");
  CHECK(part.sentences_size() == 2);
  for (const char* lies :
       {"Refunds take 2 working days.", "Engraved lamps are refunded.",
        "We guarantee that a refund takes 5 working days.", "Restart your router.",
        "A refund takes 5 working days. Call our manager at home. Tell him a joke.", "Sure!", ""}) {
    INFO(lies);
    generator.Say(lies);
    const Answer answer = world.Ask();
    CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_REFUSED);
    CHECK(World::InOwnWords(answer));
  }
}

TEST_CASE("generator: one that fails, babbles or is not there costs nothing but itself") {
  FakeGenerator generator;
  {
    World world(generator.target);
    std::string lines;
    for (int i = 0; i < 300; ++i) lines += "A refund takes 5 working days.\n";
    for (const std::string& reply :
         {std::string(10 << 20, 'x'), std::string("Refunds take \xFF\xFE 5 working days."),
          std::string(20 << 10, 'y'), lines}) {
      INFO(reply.size());
      generator.Say(reply);
      const Answer answer = world.Ask();
      CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_UNAVAILABLE);
      CHECK(World::InOwnWords(answer));
    }
    generator.Fail();
    const int calls = generator.calls();
    CHECK(world.Ask().generation() == knowledge::v1::ANSWER_GENERATION_UNAVAILABLE);
    CHECK(generator.calls() == calls + 1);  // not tried again
  }
  World world("127.0.0.1:1");
  const Answer answer = world.Ask();
  CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_UNAVAILABLE);
  CHECK(World::InOwnWords(answer));
}

TEST_CASE(
    "generator: one that hangs is left after its time, and not asked by more than the limit") {
  FakeGenerator generator;
  generator.Hang();
  const SystemClock clock;
  {
    World world(generator.target, absl::Milliseconds(300));
    const absl::Duration begin = clock.Steady();
    const Answer answer = world.Ask();
    CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_UNAVAILABLE);
    CHECK(World::InOwnWords(answer));
    CHECK(clock.Steady() - begin >= absl::Milliseconds(300));
    CHECK(clock.Steady() - begin < absl::Seconds(5));
  }
  World world(generator.target, absl::Seconds(10), 1);
  const int before = generator.calls();
  auto first = std::async(std::launch::async, [&] { return world.Try(kQuestion); });
  REQUIRE(generator.AwaitCalls(before + 1));
  generator.Say("A refund takes 5 working days.");
  const absl::Duration begin = clock.Steady();
  CHECK(world.Ask().generation() == knowledge::v1::ANSWER_GENERATION_UNAVAILABLE);
  CHECK(clock.Steady() - begin < absl::Seconds(5));
  CHECK(generator.calls() == before + 1);
  generator.Release();
  // The first one gets its answer once the generator goes on.
  const auto answered = first.get();
  REQUIRE(answered.ok());
  CHECK(answered->answer().generation() == knowledge::v1::ANSWER_GENERATION_GENERATED);
}

TEST_CASE("generator: without one every known answer is in the article's words") {
  World world("");
  const Answer answer = world.Ask();
  CHECK(answer.generation() == knowledge::v1::ANSWER_GENERATION_EXTRACTIVE);
  CHECK(World::InOwnWords(answer));
}

}  // namespace
}  // namespace frontdesk::component
