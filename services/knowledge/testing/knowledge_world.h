#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"
#include "services/knowledge/app.h"

namespace frontdesk::knowledge::testing {

inline constexpr const char* kParent = "tenants/acme";

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock. A crash loses what was not synced, and the search index with it.
class KnowledgeWorld {
 public:
  KnowledgeWorld() { Open(true); }
  ~KnowledgeWorld() { Close(); }

  void Crash() {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    Open(false);
  }
  void Settle() {
    bool moved = true;
    while (moved) {
      moved = log_->Step(clock.Now());
      moved |= prepare_pool_.Step();
      moved |= app->Step(clock.Now());
    }
  }
  void Advance(absl::Duration by) {
    clock.Advance(by);
    Settle();
  }

  rpc::Call CallOf(std::string_view method, std::string principal = "mia") {
    rpc::Call call;
    call.tenant = "acme";
    call.caller = {"acme", std::move(principal), rpc::Role::kAgent};
    call.method = method;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    return call;
  }
  // Calls a method and steps until it has ended.
  template <class Request, class Response>
  absl::Status Do(void (KnowledgeService::*method)(const rpc::Call&, const Request&, Response*,
                                                   rpc::Finish),
                  std::string_view name, const Request& request, Response* response,
                  std::string principal = "mia") {
    const rpc::Call call = CallOf(name, std::move(principal));
    int finished = 0;
    absl::Status result;
    (app->service().*method)(call, request, response, [&](absl::Status status) {
      ++finished;
      result = std::move(status);
    });
    Settle();
    CHECK(finished == 1);
    return result;
  }
#define FD_KNOWLEDGE_CALL(Method)                                                           \
  absl::Status Method(const v1::Method##Request& request, v1::Method##Response* response,   \
                      std::string principal = "mia") {                                      \
    return Do(&KnowledgeService::Method, #Method, request, response, std::move(principal)); \
  }
  FD_KNOWLEDGE_CALL(CreateArticle)
  FD_KNOWLEDGE_CALL(GetArticle)
  FD_KNOWLEDGE_CALL(ListArticles)
  FD_KNOWLEDGE_CALL(UpdateArticle)
  FD_KNOWLEDGE_CALL(PublishArticle)
  FD_KNOWLEDGE_CALL(ArchiveArticle)
  FD_KNOWLEDGE_CALL(ListArticleVersions)
  FD_KNOWLEDGE_CALL(GetArticleVersion)
  FD_KNOWLEDGE_CALL(SearchArticles)
  FD_KNOWLEDGE_CALL(AnswerQuestion)
  FD_KNOWLEDGE_CALL(RateAnswer)
  FD_KNOWLEDGE_CALL(ListKnowledgeGaps)
  FD_KNOWLEDGE_CALL(RebuildIndex)
  FD_KNOWLEDGE_CALL(GetIndexStatus)
#undef FD_KNOWLEDGE_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }
  static std::string Name(const std::string& id) {
    return fmt::format("{}/articles/{}", kParent, id);
  }

  v1::CreateArticleRequest CreateRequest(const std::string& id, const std::string& title,
                                         const std::string& body,
                                         std::vector<std::string> tags = {},
                                         const std::string& locale = "en") {
    v1::CreateArticleRequest request;
    request.set_parent(kParent);
    request.set_article_id(id);
    request.mutable_article()->set_locale(locale);
    auto* content = request.mutable_article()->mutable_content();
    content->set_title(title);
    content->set_body(body);
    for (std::string& tag : tags) content->add_tags(std::move(tag));
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::Article Create(const v1::CreateArticleRequest& request) {
    v1::CreateArticleResponse response;
    const absl::Status status = CreateArticle(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.article();
  }
  absl::Status Publish(const std::string& id, int version = 0, const std::string& etag = "") {
    v1::PublishArticleRequest request;
    request.set_name(Name(id));
    request.set_version(version);
    request.set_etag(etag);
    request.set_request_id(NewRequestId());
    v1::PublishArticleResponse response;
    return PublishArticle(request, &response);
  }
  absl::Status Archive(const std::string& id) {
    v1::ArchiveArticleRequest request;
    request.set_name(Name(id));
    request.set_request_id(NewRequestId());
    v1::ArchiveArticleResponse response;
    return ArchiveArticle(request, &response);
  }
  v1::Article Get(const std::string& id) {
    v1::GetArticleRequest request;
    request.set_name(Name(id));
    v1::GetArticleResponse response;
    const absl::Status status = GetArticle(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.article();
  }
  v1::Answer Ask(const std::string& question) {
    v1::AnswerQuestionRequest request;
    request.set_parent(kParent);
    request.set_question(question);
    v1::AnswerQuestionResponse response;
    const absl::Status status = AnswerQuestion(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.answer();
  }
  v1::IndexStatus IndexState() {
    v1::GetIndexStatusRequest request;
    request.set_parent(kParent);
    v1::GetIndexStatusResponse response;
    REQUIRE(GetIndexStatus(request, &response).ok());
    return response.index_status();
  }
  std::vector<v1::KnowledgeGap> Gaps(const std::string& locale = "") {
    v1::ListKnowledgeGapsRequest request;
    request.set_parent(kParent);
    request.set_locale(locale);
    v1::ListKnowledgeGapsResponse response;
    REQUIRE(ListKnowledgeGaps(request, &response).ok());
    return {response.knowledge_gaps().begin(), response.knowledge_gaps().end()};
  }

  // Everything on the service's topic so far, each event once.
  std::vector<v1::KnowledgeEvent> Events(v1::KnowledgeEvent::PayloadCase payload) {
    Settle();
    std::vector<v1::KnowledgeEvent> events;
    std::set<std::string> seen;
    for (int partition = 0; partition < 2; ++partition) {
      auto subscription = log_->Subscribe(
          "test", {{std::string(topics::kKnowledge), partition, bus::kEarliestOffset}});
      REQUIRE(subscription.ok());
      for (auto page = (*subscription)->Poll(0, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(0, 100)) {
        for (const bus::Record& record : *page) {
          v1::KnowledgeEvent event;
          REQUIRE(event.ParseFromString(record.value));
          if (event.payload_case() != payload) continue;
          if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
        }
      }
    }
    return events;
  }

  // Puts QuestionUnanswered of dialog on the bus, under a new event id each time.
  void PublishUnanswered(const std::string& question, const std::string& message,
                         const std::string& conversation, const std::string& language = "en") {
    const uint64_t seq = ++dialog_seq_;
    dialog::v1::DialogEvent event;
    event.mutable_metadata()->set_event_id(fmt::format("event-{}", seq));
    auto* fact = event.mutable_question_unanswered();
    fact->mutable_question()->set_masked(question);
    fact->set_message(message);
    fact->set_conversation(conversation);
    fact->set_language(language);
    fact->set_customer("tenants/acme/customers/ada");
    fact->set_account("tenants/acme/accounts/big");
    const std::string key = "acme/ada";
    bus::OutboundRecord record{
        std::string(topics::kDialog),
        PartitionOf(key, 4),
        key,
        {{"ce_id", fmt::format("event-{}", seq)},
         {"ce_source", "/frontdesk/dialog/0"},
         {"ce_type", "frontdesk.dialog.v1.QuestionUnanswered"},
         {"ce_subject", conversation},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", "acme"},
         {"fd_actor", "services/dialog"},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(seq - 1)}},
        event.SerializeAsString()};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    REQUIRE((*publisher)->Poll().ok());
    // The consumer looks again after a moment.
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }

  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  std::unique_ptr<App> app;

 private:
  void Open(bool first_start) {
    auto installation = bus::Installation::Open({.data_dir = "/data", .first_start = first_start},
                                                disk_.environment(), clock.Now(), random);
    INFO(installation.status());
    REQUIRE(installation.ok());
    installation_ = *std::move(installation);
    auto log = bus::EmbeddedLog::Open(
        {disk_.environment(), clock, random, metrics, [](const absl::Status&) {}},
        {.directory = "/data/bus"});
    INFO(log.status());
    REQUIRE(log.ok());
    log_ = *std::move(log);
    REQUIRE(log_->EnsureTopics(1).ok());
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock, random, disk_.environment(), *installation_, *log_, metrics, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status& status) { FAIL(status); }});
    auto opened = App::Open(*deps_, Config(), nullptr);
    INFO(opened.status());
    REQUIRE(opened.ok());
    app = *std::move(opened);
    Settle();
  }
  void Close() {
    app.reset();
    deps_.reset();
    log_.reset();
    installation_.reset();
  }

  ::frontdesk::store::SimulatedDisk disk_;
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 0}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 0}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  int request_ids_ = 0;
  uint64_t dialog_seq_ = 0;
};

}  // namespace frontdesk::knowledge::testing
