#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "libs/process/testing/service_world.h"
#include "services/knowledge/app.h"

namespace frontdesk::knowledge::testing {

using process::testing::kParent;

// A crash loses the search index, too.
class KnowledgeWorld final : public process::testing::ServiceWorld<App, v1::KnowledgeEvent> {
 public:
  KnowledgeWorld() : ServiceWorld(rpc::Role::kAgent, "mia") {
    Start([](const bus::AppDeps& deps) { return App::Open(deps, Config(), nullptr); });
  }

  FD_SERVICE_CALL(CreateArticle)
  FD_SERVICE_CALL(GetArticle)
  FD_SERVICE_CALL(ListArticles)
  FD_SERVICE_CALL(UpdateArticle)
  FD_SERVICE_CALL(PublishArticle)
  FD_SERVICE_CALL(ArchiveArticle)
  FD_SERVICE_CALL(ListArticleVersions)
  FD_SERVICE_CALL(GetArticleVersion)
  FD_SERVICE_CALL(SearchArticles)
  FD_SERVICE_CALL(AnswerQuestion)
  FD_SERVICE_CALL(RateAnswer)
  FD_SERVICE_CALL(ListKnowledgeGaps)
  FD_SERVICE_CALL(RebuildIndex)
  FD_SERVICE_CALL(GetIndexStatus)
  FD_SERVICE_CALL(ImportArticles)
  FD_SERVICE_CALL(ExportArticles)

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
    return Must(&Service::CreateArticle, request).article();
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
    return Must(&Service::GetArticle, request).article();
  }
  v1::Answer Ask(const std::string& question) {
    v1::AnswerQuestionRequest request;
    request.set_parent(kParent);
    request.set_question(question);
    return Must(&Service::AnswerQuestion, request).answer();
  }
  v1::IndexStatus IndexState() {
    v1::GetIndexStatusRequest request;
    request.set_parent(kParent);
    return Must(&Service::GetIndexStatus, request).index_status();
  }
  std::vector<v1::KnowledgeGap> Gaps(const std::string& locale = "") {
    v1::ListKnowledgeGapsRequest request;
    request.set_parent(kParent);
    request.set_locale(locale);
    const auto response = Must(&Service::ListKnowledgeGaps, request);
    return {response.knowledge_gaps().begin(), response.knowledge_gaps().end()};
  }

  void PublishUnanswered(const std::string& question, const std::string& message,
                         const std::string& conversation, const std::string& language = "en") {
    dialog::v1::DialogEvent event;
    auto* fact = event.mutable_question_unanswered();
    fact->mutable_question()->set_masked(question);
    fact->set_message(message);
    fact->set_conversation(conversation);
    fact->set_language(language);
    fact->set_customer("tenants/acme/customers/ada");
    fact->set_account("tenants/acme/accounts/big");
    PublishEvent("acme/ada", event);
  }
};

}  // namespace frontdesk::knowledge::testing
