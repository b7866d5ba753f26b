#include "services/knowledge/rating_handlers.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/events.h"
#include "services/knowledge/store.h"

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

absl::Status MoveCounts(engine::Txn& txn, std::string_view tenant, const Names& versions,
                        v1::AnswerRating rating, int by) {
  FD_ASSIGN_OR_RETURN(const std::set<std::string> articles, ArticlesOf(versions));
  for (const std::string& article : articles) {
    FD_ASSIGN_OR_RETURN(auto found, kArticles.Find(txn, kArticles.Key(tenant, article)));
    if (!found.has_value()) continue;
    v1::Article& resource = *found->mutable_article();
    if (rating == v1::ANSWER_RATING_HELPFUL) {
      resource.set_helpful_count(std::max(0, resource.helpful_count() + by));
    } else {
      resource.set_not_helpful_count(std::max(0, resource.not_helpful_count() + by));
    }
    kArticles.Put(txn, kArticles.Key(tenant, article), *found);
  }
  return absl::OkStatus();
}

// What nobody can have read can't be rated.
absl::Status CheckPublished(const engine::Reader& reader, std::string_view tenant,
                            const Names& versions) {
  for (const std::string& name : versions) {
    FD_ASSIGN_OR_RETURN(
        auto ids, ParseResourceName(name, {"tenants", "articles", "versions"}, "article_versions"));
    int32_t number = 0;
    if (!absl::SimpleAtoi(ids[2], &number)) return NotFound("article version", name);
    FD_ASSIGN_OR_RETURN(const auto version, LoadVersion(reader, tenant, ids[1], number));
    if (!version.article_version().has_publish_time()) return NotFound("article version", name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RateAnswer(const v1::RateAnswerRequest& request, const engine::Context& context,
                        engine::Txn& txn, v1::RateAnswerResponse* response) {
  const std::string key = kRatings.Key(context.tenant, request.answer_id(), context.actor);
  FD_ASSIGN_OR_RETURN(const auto before, kRatings.Find(txn, key));
  response->set_changed(!before.has_value() || before->rating() != request.rating());
  if (!response->changed()) return absl::OkStatus();
  FD_RETURN_IF_ERROR(CheckPublished(txn, context.tenant, request.article_versions()));
  if (before.has_value()) {
    FD_RETURN_IF_ERROR(
        MoveCounts(txn, context.tenant, before->article_versions(), before->rating(), -1));
  }
  FD_RETURN_IF_ERROR(
      MoveCounts(txn, context.tenant, request.article_versions(), request.rating(), 1));
  records::RatingRecord record;
  record.set_answer_id(request.answer_id());
  record.set_rating(request.rating());
  *record.mutable_article_versions() = request.article_versions();
  record.set_conversation(request.conversation());
  record.set_update_time_us(absl::ToUnixMicros(context.now));
  kRatings.Put(txn, key, record);
  FD_ASSIGN_OR_RETURN(const std::set<std::string> articles, ArticlesOf(request.article_versions()));
  v1::AnswerRated fact;
  fact.set_answer_id(request.answer_id());
  *fact.mutable_article_versions() = request.article_versions();
  fact.set_rating(request.rating());
  fact.set_conversation(request.conversation());
  fact.set_customer(request.customer());
  fact.set_account(request.account());
  const std::string event_key = articles.empty() ? request.answer_id() : *articles.begin();
  AppendAnswerRated(context, txn, event_key, std::move(fact));
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
