#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "libs/process/testing/service_world.h"
#include "services/knowledge/app.h"
#include "services/knowledge/testing/fake_transcripts.h"

namespace frontdesk::knowledge::testing {

using process::testing::kParent;

// A crash loses the search index, too.
class KnowledgeWorld final : public process::testing::ServiceWorld<App, v1::KnowledgeEvent> {
 public:
  KnowledgeWorld() : KnowledgeWorld(&transcripts) {}
  // With others than its own, which outlive it, or with none.
  explicit KnowledgeWorld(process::Transcripts* given) : ServiceWorld(rpc::Role::kAgent, "mia") {
    Start([this, given](const bus::AppDeps& deps) {
      return App::Open(deps, config, nullptr, nullptr, given);
    });
  }
  ~KnowledgeWorld() { Close(); }

  Config config;  // of the next start
  FakeTranscripts transcripts;

  FD_SERVICE_CALL(CreateArticle)
  FD_SERVICE_CALL(GetArticle)
  FD_SERVICE_CALL(ListArticles)
  FD_SERVICE_CALL(UpdateArticle)
  FD_SERVICE_CALL(PublishArticle)
  FD_SERVICE_CALL(ArchiveArticle)
  FD_SERVICE_CALL(ListArticleVersions)
  FD_SERVICE_CALL(GetArticleVersion)
  FD_SERVICE_CALL(SubmitArticleVersion)
  FD_SERVICE_CALL(ApproveArticleVersion)
  FD_SERVICE_CALL(RejectArticleVersion)
  FD_SERVICE_CALL(CancelScheduledPublication)
  FD_SERVICE_CALL(RollBackArticle)
  FD_SERVICE_CALL(RestoreArticle)
  FD_SERVICE_CALL(VerifyArticle)
  FD_SERVICE_CALL(DiffArticleVersions)
  FD_SERVICE_CALL(ListRelatedArticles)
  FD_SERVICE_CALL(ListAnswersByArticleVersion)
  FD_SERVICE_CALL(GetApprovalPolicy)
  FD_SERVICE_CALL(UpdateApprovalPolicy)
  FD_SERVICE_CALL(CreateKnowledgeNode)
  FD_SERVICE_CALL(GetKnowledgeNode)
  FD_SERVICE_CALL(ListKnowledgeNodes)
  FD_SERVICE_CALL(UpdateKnowledgeNode)
  FD_SERVICE_CALL(DeleteKnowledgeNode)
  FD_SERVICE_CALL(SearchArticles)
  FD_SERVICE_CALL(AnswerQuestion)
  FD_SERVICE_CALL(RateAnswer)
  FD_SERVICE_CALL(ListKnowledgeGaps)
  FD_SERVICE_CALL(RebuildIndex)
  FD_SERVICE_CALL(GetIndexStatus)
  FD_SERVICE_CALL(ImportArticles)
  FD_SERVICE_CALL(ExportArticles)
  FD_SERVICE_CALL(SuggestArticles)
  FD_SERVICE_CALL(GetSynonyms)
  FD_SERVICE_CALL(UpdateSynonyms)
  FD_SERVICE_CALL(CheckIndex)
  FD_SERVICE_CALL(RecommendArticles)
  FD_SERVICE_CALL(ProposeArticle)
  FD_SERVICE_CALL(UpdateArticleProposal)
  FD_SERVICE_CALL(AcceptArticleProposal)
  FD_SERVICE_CALL(RejectArticleProposal)
  FD_SERVICE_CALL(ReopenArticleProposal)
  FD_SERVICE_CALL(DeleteArticleProposal)
  FD_SERVICE_CALL(UpdateProposalRules)

  // Changes the store of the tenant by hand.
  void Change(std::function<absl::Status(const engine::Context&, engine::Txn&)> change) {
    engine::Command command;
    command.method = "Change";
    command.tenant = "acme";
    command.actor = "mia";
    command.handle = [&](const engine::Context& context, engine::Txn& txn, engine::Reply&) {
      return change(context, txn);
    };
    absl::Status done = absl::UnknownError("not done");
    command.done = [&](absl::Status status) { done = std::move(status); };
    app->shards().For("acme").Submit(std::move(command));
    Settle();
    INFO(done);
    REQUIRE(done.ok());
  }

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
  // A new version with `change` applied to the newest content.
  template <class Change>
  absl::Status Edit(const std::string& id, Change change, const std::string& etag = "") {
    v1::UpdateArticleRequest request;
    *request.mutable_article() = Get(id);
    request.mutable_article()->set_etag(etag);
    change(*request.mutable_article()->mutable_content());
    request.mutable_update_mask()->add_paths("content");
    request.set_request_id(NewRequestId());
    v1::UpdateArticleResponse response;
    return UpdateArticle(request, &response);
  }
  v1::ArticleVersion Version(const std::string& id, int number) {
    v1::GetArticleVersionRequest request;
    request.set_name(fmt::format("{}/versions/{}", Name(id), number));
    return Must(&Service::GetArticleVersion, request).article_version();
  }
  absl::Status PublishAt(const std::string& id, absl::Time time) {
    v1::PublishArticleRequest request;
    request.set_name(Name(id));
    request.mutable_publish_time()->set_seconds(absl::ToUnixSeconds(time));
    request.set_request_id(NewRequestId());
    v1::PublishArticleResponse response;
    return PublishArticle(request, &response);
  }
  // Makes one of the calls that take the name of an article or version and a request id.
  template <class Request, class Response>
  absl::Status Verb(Method<Request, Response> method, const std::string& name,
                    std::function<void(Request&)> change = nullptr) {
    Request request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    if (change != nullptr) change(request);
    Response response;
    return Do(method, request, &response);
  }
  absl::Status Approve(const std::string& id, int version, const std::string& who,
                       rpc::Role as = rpc::Role::kAgent) {
    v1::ApproveArticleVersionRequest request;
    request.set_name(fmt::format("{}/versions/{}", Name(id), version));
    request.set_request_id(NewRequestId());
    v1::ApproveArticleVersionResponse response;
    const std::string before = std::exchange(principal, who);
    const absl::Status status = ApproveArticleVersion(request, &response, as);
    principal = before;
    return status;
  }
  absl::Status SetPolicy(const v1::ApprovalPolicy& policy) {
    v1::UpdateApprovalPolicyRequest request;
    *request.mutable_approval_policy() = policy;
    request.mutable_approval_policy()->set_name(std::string(kParent) + "/approvalPolicy");
    request.mutable_update_mask()->add_paths("*");
    request.set_request_id(NewRequestId());
    v1::UpdateApprovalPolicyResponse response;
    return UpdateApprovalPolicy(request, &response, rpc::Role::kAdmin);
  }
  absl::Status AddNode(const std::string& id, v1::KnowledgeNodeKind kind,
                       const std::string& parent = "", std::vector<std::string> related = {}) {
    v1::CreateKnowledgeNodeRequest request;
    request.set_parent(kParent);
    request.set_knowledge_node_id(id);
    v1::KnowledgeNode& node = *request.mutable_knowledge_node();
    node.set_kind(kind);
    node.set_display_name(id);
    node.set_parent_node(parent);
    for (std::string& other : related) node.add_related_nodes(std::move(other));
    request.set_request_id(NewRequestId());
    v1::CreateKnowledgeNodeResponse response;
    return CreateKnowledgeNode(request, &response);
  }
  // Ids of the articles that a list shows, in its order, with spaces between them.
  std::string List(const std::function<void(v1::ListArticlesRequest&)>& filter) {
    v1::ListArticlesRequest request;
    request.set_parent(kParent);
    filter(request);
    std::string ids;
    const auto response = Must(&Service::ListArticles, request);
    for (const v1::Article& article : response.articles()) {
      ids += (ids.empty() ? "" : " ") + article.name().substr(article.name().rfind('/') + 1);
    }
    return ids;
  }
  std::vector<v1::LoggedAnswer> AnswersOf(const std::string& id, int version) {
    v1::ListAnswersByArticleVersionRequest request;
    request.set_parent(fmt::format("{}/versions/{}", Name(id), version));
    const auto response = Must(&Service::ListAnswersByArticleVersion, request);
    return {response.answers().begin(), response.answers().end()};
  }
  // A reply of `author_kind` that went out and cited `versions`.
  void PublishReply(const std::string& reply, const std::string& conversation,
                    std::vector<std::string> versions,
                    common::v1::AuthorKind author_kind = common::v1::AUTHOR_KIND_BOT) {
    dialog::v1::DialogEvent event;
    auto* fact = event.mutable_reply_requested();
    fact->set_reply(reply);
    fact->set_conversation(conversation);
    fact->set_author_kind(author_kind);
    for (std::string& version : versions) {
      fact->add_citations()->set_article_version(std::move(version));
    }
    PublishEvent("acme/ada", event);
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
