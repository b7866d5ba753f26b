#include "services/knowledge/rating_handlers.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "google/protobuf/repeated_ptr_field.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/domain/usefulness.h"
#include "services/knowledge/events.h"
#include "services/knowledge/feedback_store.h"
#include "services/knowledge/gap_handlers.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/store.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

absl::StatusOr<std::set<std::string>> ArticlesOf(const Names& versions) {
  std::set<std::string> articles;
  for (const std::string& name : versions) {
    FD_ASSIGN_OR_RETURN(
        auto ids, ParseResourceName(name, {"tenants", "articles", "versions"}, "article_versions"));
    articles.insert(ids[1]);
  }
  return articles;
}

// Adds a vote (`by` 1) to the cited articles and their week, or takes it back (-1).
absl::Status MoveCounts(engine::Txn& txn, std::string_view tenant,
                        const records::RatingRecord& vote, int by) {
  FD_ASSIGN_OR_RETURN(const std::set<std::string> articles, ArticlesOf(vote.article_versions()));
  const bool helpful = vote.rating() == v1::ANSWER_RATING_HELPFUL;
  for (const std::string& article : articles) {
    FD_ASSIGN_OR_RETURN(auto found, kArticles.Find(txn, kArticles.Key(tenant, article)));
    if (!found.has_value()) continue;
    v1::Article& resource = *found->mutable_article();
    if (helpful) {
      resource.set_helpful_count(std::max(0, resource.helpful_count() + by));
    } else {
      resource.set_not_helpful_count(std::max(0, resource.not_helpful_count() + by));
    }
    kArticles.Put(txn, kArticles.Key(tenant, article), *found);
    FD_RETURN_IF_ERROR(
        MoveUsefulness(txn, tenant, vote.week(), article, [&](v1::Usefulness& figures) {
          if (helpful) {
            figures.set_helpful_count(std::max(0, figures.helpful_count() + by));
          } else {
            figures.set_not_helpful_count(std::max(0, figures.not_helpful_count() + by));
            CountReason(figures, vote.reason(), by);
          }
        }));
  }
  return absl::OkStatus();
}

// What nobody can have read can't be rated.
absl::Status CheckPublished(const engine::Reader& reader, std::string_view tenant,
                            const Names& versions) {
  for (const std::string& name : versions) {
    FD_ASSIGN_OR_RETURN(
        auto ids, ParseResourceName(name, {"tenants", "articles", "versions"}, "article_versions"));
    FD_ASSIGN_OR_RETURN(const int number, ParseVersionNumber(ids[2], "article_versions"));
    FD_ASSIGN_OR_RETURN(const auto version, LoadVersion(reader, tenant, ids[1], number));
    if (!version.article_version().has_publish_time()) return NotFound("article version", name);
  }
  return absl::OkStatus();
}

// What the rating says of the question: which article answers it, or does not.
absl::Status Label(const v1::RateAnswerRequest& request, const ToldRating& told,
                   const engine::Context& context, engine::Txn& txn) {
  if (told.question.empty() || request.article_versions().empty()) return absl::OkStatus();
  const std::string& version = request.article_versions(0);
  const std::string article = version.substr(0, version.rfind("/versions/"));
  v1::LabeledQuestion label;
  label.set_question(told.question);
  label.set_locale(told.locale);
  label.set_source(v1::LABEL_SOURCE_RATING);
  if (request.rating() == v1::ANSWER_RATING_HELPFUL) {
    label.set_expected_article(article);
  } else if (request.reason() == v1::RATING_REASON_WRONG ||
             request.reason() == v1::RATING_REASON_NOT_WHAT_I_ASKED) {
    label.set_wrong_article(article);
  } else {
    // The right article, badly written.
    return absl::OkStatus();
  }
  return PutLabel(std::move(label), context, txn);
}

// What a first vote NOT_HELPFUL means for the articles, and for the gap of the question.
absl::Status CountPain(const v1::RateAnswerRequest& request, const ToldRating& told,
                       GapClusters* clusters, const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const std::set<std::string> articles, ArticlesOf(request.article_versions()));
  for (const std::string& article : articles) {
    FD_RETURN_IF_ERROR(
        CountTopic(context, txn, DayOf(context.now), v1::TOPIC_KIND_ARTICLE, article, 0, 1));
  }
  if (told.question.empty()) return absl::OkStatus();
  return CountIntoGap({told.question, told.locale, GapSign::kBadlyAnswered, request.conversation(),
                       request.customer(), request.account()},
                      told.hint, clusters, context, txn)
      .status();
}

}  // namespace

absl::Status RateAnswer(const v1::RateAnswerRequest& request, const ToldRating& told,
                        GapClusters* clusters, const engine::Context& context, engine::Txn& txn,
                        v1::RateAnswerResponse* response) {
  const std::string key = kRatings.Key(context.tenant, request.answer_id(), context.actor);
  FD_ASSIGN_OR_RETURN(const auto before, kRatings.Find(txn, key));
  response->set_changed(!before.has_value() || before->rating() != request.rating() ||
                        before->reason() != request.reason() || before->comment() != told.comment);
  if (!response->changed()) return absl::OkStatus();
  FD_RETURN_IF_ERROR(CheckPublished(txn, context.tenant, request.article_versions()));
  records::RatingRecord record;
  record.set_answer_id(request.answer_id());
  record.set_rating(request.rating());
  *record.mutable_article_versions() = request.article_versions();
  record.set_conversation(request.conversation());
  record.set_update_time_us(absl::ToUnixMicros(context.now));
  record.set_reason(request.reason());
  record.set_comment(told.comment);
  record.set_week(WeekOf(context.now));
  if (before.has_value()) {
    record.set_pain_counted(before->pain_counted());
    FD_RETURN_IF_ERROR(MoveCounts(txn, context.tenant, *before, -1));
  }
  FD_RETURN_IF_ERROR(MoveCounts(txn, context.tenant, record, 1));
  if (request.rating() == v1::ANSWER_RATING_NOT_HELPFUL && !record.pain_counted()) {
    FD_RETURN_IF_ERROR(CountPain(request, told, clusters, context, txn));
    record.set_pain_counted(true);
  }
  FD_RETURN_IF_ERROR(Label(request, told, context, txn));
  kRatings.Put(txn, key, record);
  FD_ASSIGN_OR_RETURN(const std::set<std::string> articles, ArticlesOf(request.article_versions()));
  if (before.has_value() && !before->comment().empty()) {
    FD_ASSIGN_OR_RETURN(const auto old_articles, ArticlesOf(before->article_versions()));
    for (const std::string& article : old_articles) {
      FD_RETURN_IF_ERROR(
          RemoveComment(txn, context.tenant, article, before->answer_id(), before->comment()));
    }
  }
  if (!told.comment.empty()) {
    v1::RatingComment comment;
    comment.set_answer_id(request.answer_id());
    comment.set_reason(request.reason());
    comment.set_comment(told.comment);
    *comment.mutable_create_time() = ToTimestamp(context.now);
    for (const std::string& article : articles) {
      FD_RETURN_IF_ERROR(AddComment(txn, context.tenant, article, comment));
    }
  }
  v1::AnswerRated fact;
  fact.set_answer_id(request.answer_id());
  *fact.mutable_article_versions() = request.article_versions();
  fact.set_rating(request.rating());
  fact.set_conversation(request.conversation());
  fact.set_customer(request.customer());
  fact.set_account(request.account());
  fact.set_reason(request.reason());
  const std::string event_key = articles.empty() ? request.answer_id() : *articles.begin();
  AppendAnswerRated(context, txn, event_key, std::move(fact));
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
