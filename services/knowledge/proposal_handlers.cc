#include "services/knowledge/proposal_handlers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/proposal.h"
#include "services/knowledge/domain/proposal_rules.h"
#include "services/knowledge/domain/review.h"
#include "services/knowledge/events.h"
#include "services/knowledge/proposal_store.h"
#include "services/knowledge/review_handlers.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kTrimPerProposal = 2;
constexpr int kMaxSimilar = 5;

void Touch(records::ProposalRecord& record, absl::Time now) {
  record.set_version(record.version() + 1);
  record.mutable_article_proposal()->set_etag(fmt::format("{}", record.version()));
  *record.mutable_article_proposal()->mutable_update_time() = ToTimestamp(now);
}

absl::Status Stale() {
  return WithRetryDelay(Error(absl::StatusCode::kAborted, "STALE_RESULT",
                              "it was changed while the proposal was worked out"),
                        absl::Milliseconds(10));
}

absl::Status CheckState(const v1::ArticleProposal& proposal, v1::ProposalState wanted,
                        std::string_view verb) {
  if (proposal.state() == wanted) return absl::OkStatus();
  const std::string name = v1::ProposalState_Name(proposal.state());
  return WithMetadata(
      WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                         "the proposal's state does not allow it"),
                   "state", name.substr(std::string_view("PROPOSAL_STATE_").size())),
      "verb", verb);
}

// Loads it for a verb.
absl::StatusOr<records::ProposalRecord> LoadFor(const engine::Txn& txn, std::string_view tenant,
                                                const std::string& id, std::string_view etag,
                                                v1::ProposalState wanted, std::string_view verb) {
  FD_ASSIGN_OR_RETURN(auto record, LoadProposal(txn, tenant, id));
  const v1::ArticleProposal& proposal = record.article_proposal();
  FD_RETURN_IF_ERROR(CheckEtag(proposal.etag(), etag, proposal.name()));
  FD_RETURN_IF_ERROR(CheckState(proposal, wanted, verb));
  return record;
}

bool AddSource(v1::ArticleProposal& proposal, const std::string& source) {
  auto& sources = *proposal.mutable_sources();
  if (std::find(sources.begin(), sources.end(), source) != sources.end()) return false;
  if (sources.size() >= kMaxProposalSources) sources.DeleteSubrange(0, 1);
  *sources.Add() = source;
  proposal.set_source_count(proposal.source_count() + 1);
  return true;
}

void SetSimilar(const std::vector<v1::SimilarArticle>& similar, v1::ArticleProposal& proposal) {
  proposal.clear_similar_articles();
  for (const v1::SimilarArticle& one : similar) {
    if (proposal.similar_articles_size() < kMaxSimilar) *proposal.add_similar_articles() = one;
  }
}

absl::StatusOr<v1::ProposeArticleResponse> Join(const PreparedProposal& prepared,
                                                const std::string& id,
                                                const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto record, LoadProposal(txn, context.tenant, id));
  const records::ProposalRecord before = record;
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  bool changed = AddSource(proposal, prepared.source);
  if (changed && proposal.state() == v1::PROPOSAL_STATE_PROPOSED &&
      AddQuestions(*proposal.mutable_content(), prepared.content)) {
    FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(txn, context.tenant));
    CheckAnew(rules, record);
  }
  if (changed) {
    Touch(record, context.now);
    FD_RETURN_IF_ERROR(PutProposal(txn, context.tenant, id, &before, record));
  }
  v1::ProposeArticleResponse response;
  *response.mutable_article_proposal() = record.article_proposal();
  response.set_joined(true);
  return response;
}

// The proposal that the source goes into; empty: a new one.
absl::StatusOr<std::optional<std::string>> ToJoin(const PreparedProposal& prepared,
                                                  const engine::Context& context,
                                                  const engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto own, ProposalOfSource(txn, context.tenant, prepared.source));
  for (const std::string& id : {own.value_or(""), prepared.near}) {
    if (id.empty()) continue;
    FD_ASSIGN_OR_RETURN(const auto found, kProposals.Find(txn, kProposals.Key(context.tenant, id)));
    if (!found.has_value()) continue;
    if (prepared.automatic || found->article_proposal().state() == v1::PROPOSAL_STATE_PROPOSED) {
      return std::optional<std::string>(id);
    }
  }
  return std::optional<std::string>();
}

void AppendMade(const v1::ArticleProposal& proposal, const std::string& id,
                const engine::Context& context, engine::Txn& txn) {
  v1::ArticleProposalMade fact;
  fact.set_article_proposal(proposal.name());
  fact.set_source(proposal.sources(0));
  fact.set_title(proposal.content().title());
  fact.set_locale(proposal.locale());
  fact.set_automatic(proposal.automatic());
  for (const v1::ProposalFinding& finding : proposal.findings()) {
    if (finding.severity() == v1::FINDING_SEVERITY_ERROR) {
      fact.set_error_count(fact.error_count() + 1);
    }
  }
  AppendArticleProposalMade(context, txn, id, std::move(fact));
}

// Notes the decision, or that it was taken back.
absl::Status Decide(const records::ProposalRecord& before, v1::ProposalState state,
                    const std::string& id, const engine::Context& context, engine::Txn& txn,
                    records::ProposalRecord& record) {
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  proposal.set_state(state);
  const bool open = state == v1::PROPOSAL_STATE_PROPOSED;
  proposal.clear_decide_time();
  if (!open) *proposal.mutable_decide_time() = ToTimestamp(context.now);
  *proposal.mutable_expire_time() =
      ToTimestamp(context.now + (open ? kOpenProposalLife : kDecidedProposalLife));
  proposal.set_reviewer(open ? "" : std::string(context.actor));
  Touch(record, context.now);
  FD_RETURN_IF_ERROR(PutProposal(txn, context.tenant, id, &before, record));
  v1::ArticleProposalDecided fact;
  fact.set_article_proposal(proposal.name());
  fact.set_state(state);
  fact.set_article_version(proposal.article_version());
  fact.set_reviewer(std::string(context.actor));
  fact.set_source_count(proposal.source_count());
  AppendArticleProposalDecided(context, txn, id, std::move(fact));
  return absl::OkStatus();
}

// The version that holds what was proposed.
struct MadeVersion {
  ArticleKey key;
  int version = 0;
};

absl::StatusOr<MadeVersion> CreateFrom(const v1::AcceptArticleProposalRequest& request,
                                       const v1::ArticleProposal& proposal, const std::string& note,
                                       const engine::Context& context, engine::Txn& txn) {
  FD_RETURN_IF_ERROR(ValidateContent(proposal.content(), "article_proposal.content"));
  v1::CreateArticleRequest create;
  create.set_parent(ResourceName({{"tenants", context.tenant}}));
  create.set_article_id(request.article_id());
  create.mutable_article()->set_locale(proposal.locale());
  *create.mutable_article()->mutable_content() = proposal.content();
  create.set_note(note);
  v1::CreateArticleResponse made;
  FD_RETURN_IF_ERROR(CreateArticle(create, context, txn, &made));
  const std::string& name = made.article().name();
  return MadeVersion{{std::string(context.tenant), name.substr(name.rfind('/') + 1)},
                     made.article().latest_version()};
}

// What a proposal is merged with: the live version, else the newest. VERSION_STATE while a newer one
// than the live one is in work: it would go live with the proposal, or be lost behind it.
absl::StatusOr<v1::ArticleVersion> BaseOfMerge(const ArticleKey& key, const engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(txn, key.tenant, key.article));
  const v1::Article& article = record.article();
  const int live = article.published_version();
  if (live != 0 && article.staged_version() > live &&
      article.staged_state() != v1::VERSION_STATE_REJECTED) {
    FD_ASSIGN_OR_RETURN(const auto staged,
                        LoadVersion(txn, key.tenant, key.article, article.staged_version()));
    return WrongVersionState(staged.article_version(), "AcceptArticleProposal",
                             "the article has a newer version in work: publish or refuse it first");
  }
  FD_ASSIGN_OR_RETURN(auto base, LoadVersion(txn, key.tenant, key.article,
                                             live != 0 ? live : article.latest_version()));
  return std::move(*base.mutable_article_version());
}

absl::StatusOr<MadeVersion> MergeInto(const v1::AcceptArticleProposalRequest& request,
                                      const v1::ArticleProposal& proposal, const std::string& note,
                                      const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto ids,
                      ParseResourceName(request.article(), {"tenants", "articles"}, "article"));
  const ArticleKey key{std::string(context.tenant), std::move(ids[1])};
  FD_ASSIGN_OR_RETURN(const v1::ArticleVersion base, BaseOfMerge(key, txn));
  if (base.locale() != proposal.locale()) {
    return InvalidField("article", fmt::format("is in \"{}\", the proposal in \"{}\"",
                                               base.locale(), proposal.locale()));
  }
  v1::UpdateArticleRequest update;
  update.mutable_article()->set_name(request.article());
  v1::ArticleContent& content = *update.mutable_article()->mutable_content();
  content = base.content();
  AddQuestions(content, proposal.content());
  if (request.merge() == v1::PROPOSAL_MERGE_APPEND) {
    content.set_body(content.body() + "\n\n" + proposal.content().body());
  } else if (request.merge() == v1::PROPOSAL_MERGE_REPLACE) {
    content.set_body(proposal.content().body());
  }
  // It says nothing new.
  if (SameContent(content, base.content())) return MadeVersion{key, base.version()};
  update.mutable_update_mask()->add_paths("content");
  update.set_note(note);
  v1::UpdateArticleResponse made;
  FD_RETURN_IF_ERROR(UpdateArticle(update, key, context, txn, &made));
  return MadeVersion{key, made.article().latest_version()};
}

// Hands the version in, or publishes it.
absl::Status GoOn(v1::ProposalNextStep next, const MadeVersion& made,
                  const engine::Context& context, engine::Txn& txn) {
  const ArticleKey& key = made.key;
  FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(txn, key.tenant, key.article));
  // Where nothing new was said, the live one.
  const bool live = made.version == record.article().published_version();
  if (next == v1::PROPOSAL_NEXT_STEP_SUBMIT && !live) {
    v1::SubmitArticleVersionRequest submit;
    v1::SubmitArticleVersionResponse response;
    return SubmitArticleVersion(submit, key, made.version, context, txn, &response);
  }
  if (next == v1::PROPOSAL_NEXT_STEP_PUBLISH && !live) {
    v1::PublishArticleRequest publish;
    publish.set_version(made.version);
    v1::PublishArticleResponse response;
    return PublishArticle(publish, key, context, txn, &response);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::ProposeArticleResponse> Propose(const PreparedProposal& prepared,
                                                   const engine::Context& context,
                                                   engine::Txn& txn) {
  FD_RETURN_IF_ERROR(TrimProposals(context, txn, kTrimPerProposal));
  FD_ASSIGN_OR_RETURN(const auto join, ToJoin(prepared, context, txn));
  if (join.has_value()) return Join(prepared, *join, context, txn);
  FD_ASSIGN_OR_RETURN(const auto stats, LoadProposalStats(txn, context.tenant));
  if (stats.made() != prepared.made) return Stale();
  if (stats.open() >= kMaxOpenProposals) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, "LIMIT_REACHED",
                              "too many proposals wait for a decision"),
                        "limit", fmt::format("{}", kMaxOpenProposals));
  }
  const std::string id = context.NewId();
  records::ProposalRecord record;
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  proposal.set_name(ProposalName(context.tenant, id));
  AddSource(proposal, prepared.source);
  proposal.set_locale(prepared.locale);
  *proposal.mutable_content() = prepared.content;
  proposal.set_state(v1::PROPOSAL_STATE_PROPOSED);
  proposal.set_automatic(prepared.automatic);
  *proposal.mutable_create_time() = ToTimestamp(context.now);
  *proposal.mutable_expire_time() = ToTimestamp(context.now + kOpenProposalLife);
  SetSimilar(prepared.similar, proposal);
  FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(txn, context.tenant));
  CheckAnew(rules, record);
  Touch(record, context.now);
  FD_RETURN_IF_ERROR(PutProposal(txn, context.tenant, id, nullptr, record));
  AppendMade(proposal, id, context, txn);
  v1::ProposeArticleResponse response;
  *response.mutable_article_proposal() = proposal;
  return response;
}

absl::Status ApplyUpdate(const v1::UpdateArticleProposalRequest& request,
                         v1::ArticleProposal& proposal) {
  std::vector<std::string> paths;
  bool content = !request.has_update_mask() || request.update_mask().paths().empty();
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "locale" || path == "*") {
      FD_RETURN_IF_ERROR(
          ValidateLocale(request.article_proposal().locale(), "article_proposal.locale"));
      proposal.set_locale(request.article_proposal().locale());
    }
    if (path == "locale") continue;
    paths.push_back(path);
    content = true;
  }
  if (!content) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(
      *proposal.mutable_content(),
      MergeContent(proposal.content(), request.article_proposal().content(), paths));
  return ValidateContent(proposal.content(), "article_proposal.content");
}

absl::Status UpdateArticleProposal(const v1::UpdateArticleProposalRequest& request,
                                   const std::string& id, uint64_t version,
                                   const std::vector<v1::SimilarArticle>& similar,
                                   const engine::Context& context, engine::Txn& txn,
                                   v1::UpdateArticleProposalResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record,
                      LoadFor(txn, context.tenant, id, request.article_proposal().etag(),
                              v1::PROPOSAL_STATE_PROPOSED, "UpdateArticleProposal"));
  if (record.version() != version) return Stale();
  const records::ProposalRecord before = record;
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  FD_RETURN_IF_ERROR(ApplyUpdate(request, proposal));
  SetSimilar(similar, proposal);
  FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(txn, context.tenant));
  CheckAnew(rules, record);
  Touch(record, context.now);
  FD_RETURN_IF_ERROR(PutProposal(txn, context.tenant, id, &before, record));
  *response->mutable_article_proposal() = proposal;
  return absl::OkStatus();
}

absl::Status AcceptArticleProposal(const v1::AcceptArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::AcceptArticleProposalResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadFor(txn, context.tenant, id, request.etag(),
                                           v1::PROPOSAL_STATE_PROPOSED, "AcceptArticleProposal"));
  const records::ProposalRecord before = record;
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  FD_RETURN_IF_ERROR(CheckOverrides(proposal, request.article(), request.overrides()));
  const std::string note =
      request.note().empty() ? fmt::format("from {}", proposal.name()) : request.note();
  FD_ASSIGN_OR_RETURN(const MadeVersion made,
                      request.article().empty() ? CreateFrom(request, proposal, note, context, txn)
                                                : MergeInto(request, proposal, note, context, txn));
  FD_RETURN_IF_ERROR(GoOn(request.next_step(), made, context, txn));
  const ArticleKey& key = made.key;
  FD_ASSIGN_OR_RETURN(*response->mutable_article(), LoadFullArticle(txn, key.tenant, key.article));
  proposal.set_article_version(VersionName(key.tenant, key.article, made.version));
  *proposal.mutable_overrides() = request.overrides();
  proposal.set_note(request.note());
  FD_RETURN_IF_ERROR(Decide(before, v1::PROPOSAL_STATE_ACCEPTED, id, context, txn, record));
  *response->mutable_article_proposal() = proposal;
  return absl::OkStatus();
}

absl::Status RejectArticleProposal(const v1::RejectArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::RejectArticleProposalResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadFor(txn, context.tenant, id, request.etag(),
                                           v1::PROPOSAL_STATE_PROPOSED, "RejectArticleProposal"));
  const records::ProposalRecord before = record;
  record.mutable_article_proposal()->set_note(request.note());
  FD_RETURN_IF_ERROR(Decide(before, v1::PROPOSAL_STATE_REJECTED, id, context, txn, record));
  *response->mutable_article_proposal() = record.article_proposal();
  return absl::OkStatus();
}

absl::Status ReopenArticleProposal(const v1::ReopenArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn, v1::ReopenArticleProposalResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadFor(txn, context.tenant, id, request.etag(),
                                           v1::PROPOSAL_STATE_REJECTED, "ReopenArticleProposal"));
  const records::ProposalRecord before = record;
  record.mutable_article_proposal()->clear_note();
  FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(txn, context.tenant));
  CheckAnew(rules, record);
  FD_RETURN_IF_ERROR(Decide(before, v1::PROPOSAL_STATE_PROPOSED, id, context, txn, record));
  *response->mutable_article_proposal() = record.article_proposal();
  return absl::OkStatus();
}

absl::Status DeleteArticleProposal(const v1::DeleteArticleProposalRequest& request,
                                   const std::string& id, const engine::Context& context,
                                   engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto record, LoadProposal(txn, context.tenant, id));
  FD_RETURN_IF_ERROR(CheckEtag(record.article_proposal().etag(), request.etag(),
                               record.article_proposal().name()));
  return DeleteProposal(txn, context.tenant, id, record);
}

absl::Status UpdateProposalRules(const v1::UpdateProposalRulesRequest& request,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::UpdateProposalRulesResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadProposalRules(txn, context.tenant));
  v1::ProposalRules& rules = *record.mutable_proposal_rules();
  FD_RETURN_IF_ERROR(CheckEtag(rules.etag(), request.proposal_rules().etag(), rules.name()));
  FD_ASSIGN_OR_RETURN(v1::ProposalRules merged,
                      MergeProposalRules(rules, request.proposal_rules(), request.update_mask()));
  FD_RETURN_IF_ERROR(ValidateProposalRules(merged, "proposal_rules"));
  if (merged.SerializeAsString() != rules.SerializeAsString()) {
    rules = std::move(merged);
    record.set_version(record.version() + 1);
    rules.set_etag(fmt::format("{}", record.version()));
    *rules.mutable_update_time() = ToTimestamp(context.now);
    kProposalRules.Put(txn, kProposalRules.Key(context.tenant), record);
  }
  *response->mutable_proposal_rules() = rules;
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
