#include "services/knowledge/article_transfer.h"

#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/review.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr std::string_view kNote = "imported";

// The id in the name of one of the tenant's articles; other texts as they are.
std::string LocalArticle(std::string_view tenant, const std::string& name) {
  const std::string prefix = ArticleName(tenant, "");
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string FullArticle(std::string_view tenant, const std::string& article) {
  if (article.empty() || article.find('/') != std::string::npos) return article;
  return ArticleName(tenant, article);
}

v1::ArticleContent FullContent(std::string_view tenant, const v1::ArticleContent& content) {
  v1::ArticleContent full = content;
  for (v1::ArticleLink& link : *full.mutable_links()) {
    link.set_article(FullArticle(tenant, link.article()));
  }
  return full;
}

absl::Status CheckSame(const v1::Article& article, const v1::PortableArticle& row,
                       std::string_view tenant) {
  if (article.locale() != row.locale()) {
    return InvalidField("locale", fmt::format("is \"{}\" and never changes", article.locale()));
  }
  if (article.translation_of() != FullArticle(tenant, row.translation_of())) {
    return InvalidField("translation_of", "never changes once the article is there");
  }
  if (article.state() != v1::ARTICLE_STATE_ARCHIVED) return absl::OkStatus();
  return WithField(
      WithMetadata(WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                                      "the article is archived: restore it first"),
                                "state", "ARCHIVED"),
                   "verb", "ImportArticles"),
      "article_id", "is of an archived article");
}

// Whether readers see this content now, which may be older than the newest version.
absl::StatusOr<bool> IsLive(const v1::Article& article, const ArticleKey& key,
                            const v1::ArticleContent& content, engine::Txn& txn) {
  if (article.published_version() == 0) return false;
  FD_ASSIGN_OR_RETURN(const auto live,
                      LoadVersion(txn, key.tenant, key.article, article.published_version()));
  return SameContent(live.article_version().content(), content);
}

// A file does not take the place of what people are about to publish.
absl::Status CheckNotUnderway(const v1::ArticleVersion& newest) {
  switch (newest.state()) {
    case v1::VERSION_STATE_IN_REVIEW:
    case v1::VERSION_STATE_APPROVED:
    case v1::VERSION_STATE_SCHEDULED:
      return WrongVersionState(newest, "ImportArticles", "publish or reject it first");
    default:
      return absl::OkStatus();
  }
}

absl::Status Create(const v1::PortableArticle& row, const v1::ArticleContent& content,
                    const engine::Context& context, engine::Txn& txn) {
  v1::CreateArticleRequest request;
  request.set_parent(fmt::format("tenants/{}", context.tenant));
  request.set_article_id(row.article_id());
  request.set_note(std::string(kNote));
  v1::Article& article = *request.mutable_article();
  article.set_locale(row.locale());
  article.set_translation_of(FullArticle(context.tenant, row.translation_of()));
  *article.mutable_content() = content;
  v1::CreateArticleResponse response;
  return CreateArticle(request, context, txn, &response);
}

absl::Status Update(const ArticleKey& key, const v1::ArticleContent& content,
                    const engine::Context& context, engine::Txn& txn) {
  v1::UpdateArticleRequest request;
  request.mutable_article()->set_name(ArticleName(key.tenant, key.article));
  *request.mutable_article()->mutable_content() = content;
  request.mutable_update_mask()->add_paths("content");
  request.set_note(std::string(kNote));
  v1::UpdateArticleResponse response;
  return UpdateArticle(request, key, context, txn, &response);
}

absl::Status PublishNewest(const ArticleKey& key, const engine::Context& context,
                           engine::Txn& txn) {
  v1::PublishArticleRequest request;
  request.set_name(ArticleName(key.tenant, key.article));
  v1::PublishArticleResponse response;
  return PublishArticle(request, key, context, txn, &response);
}

}  // namespace

absl::Status CheckPortable(const v1::PortableArticle& row) {
  FD_RETURN_IF_ERROR(ValidateId(row.article_id(), "article_id"));
  FD_RETURN_IF_ERROR(ValidateLocale(row.locale(), "locale"));
  if (!row.translation_of().empty() && row.translation_of().find('/') == std::string::npos) {
    FD_RETURN_IF_ERROR(ValidateId(row.translation_of(), "translation_of"));
  }
  // Links may be ids: as names they have the form that contents are checked for.
  return ValidateContent(FullContent("any", row.content()), "content");
}

absl::StatusOr<v1::ImportOutcome> ImportPortable(const v1::PortableArticle& row,
                                                 const engine::Context& context, engine::Txn& txn) {
  const ArticleKey key{std::string(context.tenant), row.article_id()};
  const v1::ArticleContent content = FullContent(context.tenant, row.content());
  FD_ASSIGN_OR_RETURN(const auto before,
                      kArticles.Find(txn, kArticles.Key(key.tenant, key.article)));
  v1::ImportOutcome outcome = v1::IMPORT_OUTCOME_UNCHANGED;
  if (!before.has_value()) {
    FD_RETURN_IF_ERROR(Create(row, content, context, txn));
    outcome = v1::IMPORT_OUTCOME_CREATED;
  } else {
    FD_RETURN_IF_ERROR(CheckSame(before->article(), row, context.tenant));
    FD_ASSIGN_OR_RETURN(const bool live, IsLive(before->article(), key, content, txn));
    if (row.publish() && live) return outcome;
    FD_ASSIGN_OR_RETURN(const auto newest, LoadVersion(txn, key.tenant, key.article,
                                                       before->article().latest_version()));
    if (!SameContent(newest.article_version().content(), content)) {
      FD_RETURN_IF_ERROR(CheckNotUnderway(newest.article_version()));
      FD_RETURN_IF_ERROR(Update(key, content, context, txn));
      outcome = v1::IMPORT_OUTCOME_CHANGED;
    }
  }
  if (!row.publish()) return outcome;
  FD_RETURN_IF_ERROR(PublishNewest(key, context, txn));
  return outcome == v1::IMPORT_OUTCOME_UNCHANGED ? v1::IMPORT_OUTCOME_CHANGED : outcome;
}

bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

v1::ImportResult RefusedResult(const v1::PortableArticle& row, const absl::Status& status) {
  v1::ImportResult result;
  result.set_article_id(row.article_id());
  result.set_outcome(v1::IMPORT_OUTCOME_REFUSED);
  result.set_reason(ReasonOf(status));
  result.set_message(std::string(ToStd(status.message())));
  const ErrorDetails details = DetailsOf(status);
  if (details.fields.empty()) return result;
  const auto& [field, problem] = details.fields.front();
  // Commands name fields of an article, or of their request.
  constexpr std::string_view kArticle = "article.";
  result.set_field(field.starts_with(kArticle) ? field.substr(kArticle.size()) : field);
  result.set_message(problem);
  return result;
}

absl::Status ReadExportPage(const engine::Reader& reader, const std::string& tenant,
                            const v1::ExportArticlesRequest& request, const rpc::Page& page,
                            v1::ExportArticlesResponse* response) {
  response->Clear();
  return rpc::ScanPage(
      reader, kArticles.Key(tenant), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(const auto record, kArticles.Parse(value));
        const v1::Article& article = record.article();
        const int number =
            request.newest() ? article.latest_version() : article.published_version();
        if (article.state() == v1::ARTICLE_STATE_ARCHIVED || number == 0) return false;
        if (!request.locale().empty() && article.locale() != request.locale()) return false;
        const std::string id = LocalArticle(tenant, article.name());
        FD_ASSIGN_OR_RETURN(auto version, LoadVersion(reader, tenant, id, number));
        v1::PortableArticle& row = *response->add_articles();
        row.set_article_id(id);
        row.set_locale(article.locale());
        row.set_translation_of(LocalArticle(tenant, article.translation_of()));
        row.set_publish(number == article.published_version());
        *row.mutable_content() = std::move(*version.mutable_article_version()->mutable_content());
        for (v1::ArticleLink& link : *row.mutable_content()->mutable_links()) {
          link.set_article(LocalArticle(tenant, link.article()));
        }
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
