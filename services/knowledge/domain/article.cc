#include "services/knowledge/domain/article.h"

#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/review.h"

namespace frontdesk::knowledge {
namespace {

std::string StateName(v1::ArticleState state) {
  return v1::ArticleState_Name(state).substr(sizeof("ARTICLE_STATE_") - 1);
}

absl::Status FailedTransition(const v1::Article& article, std::string_view verb,
                              std::string_view message) {
  return WithMetadata(
      WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", message),
                   "state", StateName(article.state())),
      "verb", verb);
}

void ClearStaged(v1::Article& article) {
  article.clear_staged_version();
  article.clear_staged_state();
  article.clear_scheduled_publish_time();
}

absl::Duration IntervalOf(const v1::Article& article) {
  return absl::Seconds(article.verify_interval().seconds()) +
         absl::Nanoseconds(article.verify_interval().nanos());
}

}  // namespace

store::v1::ArticleRecord NewArticle(std::string name, std::string locale, absl::Time now) {
  store::v1::ArticleRecord record;
  v1::Article& article = *record.mutable_article();
  article.set_name(std::move(name));
  article.set_locale(std::move(locale));
  article.set_state(v1::ARTICLE_STATE_DRAFT);
  *article.mutable_create_time() = ToTimestamp(now);
  return record;
}

v1::ArticleVersion AddVersion(store::v1::ArticleRecord& record, const v1::ArticleContent& content,
                              std::string_view author, std::string_view note, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  const int number = article.latest_version() + 1;
  article.set_latest_version(number);
  *article.mutable_content() = Outline(content);
  v1::ArticleVersion version;
  version.set_name(fmt::format("{}/versions/{}", article.name(), number));
  version.set_version(number);
  version.set_locale(article.locale());
  *version.mutable_content() = content;
  version.set_author(std::string(author));
  version.set_note(std::string(note));
  version.set_state(v1::VERSION_STATE_DRAFT);
  *version.mutable_create_time() = ToTimestamp(now);
  article.set_staged_version(number);
  NoteStaged(record, version, now);
  return version;
}

absl::Status Supersede(v1::ArticleVersion& staged) {
  if (staged.state() == v1::VERSION_STATE_SCHEDULED) {
    return WrongVersionState(staged, "UpdateArticle",
                             "cancel its publication before you write a newer one");
  }
  // A refusal stays one.
  if (staged.state() != v1::VERSION_STATE_REJECTED) staged.set_state(v1::VERSION_STATE_SUPERSEDED);
  return absl::OkStatus();
}

absl::StatusOr<int> ParseVersionNumber(std::string_view digits, std::string_view field) {
  int number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  const bool whole = read.ec == std::errc() && read.ptr == end;
  if (whole && number >= 1 && !digits.starts_with('0')) return number;
  return InvalidField(field, "must end with the number of a version, from 1");
}

absl::StatusOr<int> VersionNumber(const store::v1::ArticleRecord& record, int version) {
  const int latest = record.article().latest_version();
  if (version < 0 || version > latest) {
    return InvalidField("version", fmt::format("must be 0 or 1 to {}", latest));
  }
  return version == 0 ? latest : version;
}

absl::Status CheckPublishable(const v1::ArticleVersion& version) {
  if (version.state() != v1::VERSION_STATE_REJECTED) return absl::OkStatus();
  return WrongVersionState(version, "PublishArticle",
                           "write a new version that takes the objections up");
}

absl::Status CheckRollBack(const store::v1::ArticleRecord& record,
                           const v1::ArticleVersion& version) {
  const v1::Article& article = record.article();
  if (article.state() == v1::ARTICLE_STATE_ARCHIVED) {
    return FailedTransition(article, "RollBackArticle",
                            "the article is archived: restore or publish it");
  }
  if (version.state() == v1::VERSION_STATE_RETIRED) {
    if (article.state() == v1::ARTICLE_STATE_PUBLISHED) return absl::OkStatus();
    return FailedTransition(article, "RollBackArticle", "no version is published");
  }
  return WrongVersionState(version, "RollBackArticle",
                           version.state() == v1::VERSION_STATE_PUBLISHED ? "it is live already"
                           : version.state() == v1::VERSION_STATE_ARCHIVED
                               ? "it was archived; publish it when it shall be live again"
                           : version.state() == v1::VERSION_STATE_REJECTED
                               ? "it was refused in review"
                               : "it was never live");
}

absl::Status CheckSchedule(const store::v1::ArticleRecord& record,
                           const v1::ArticleVersion& version, absl::Time publish_time,
                           absl::Time now) {
  if (publish_time <= now) {
    absl::Status status = Error(absl::StatusCode::kInvalidArgument, "TIME_IN_PAST",
                                "publish_time must lie in the future; leave it out for now");
    status = WithField(std::move(status), "publish_time", "must lie in the future");
    status = WithMetadata(std::move(status), "field", "publish_time");
    return WithMetadata(std::move(status), "now",
                        absl::FormatTime(absl::RFC3339_sec, now, absl::UTCTimeZone()));
  }
  if (publish_time > now + kMaxScheduleAhead) {
    return InvalidField("publish_time", "must be at most 5 years ahead");
  }
  if (version.version() != record.article().staged_version()) {
    return WrongVersionState(version, "PublishArticle",
                             "only the newest version, and before it is live, can be scheduled");
  }
  return absl::OkStatus();
}

void Publish(store::v1::ArticleRecord& record, v1::ArticleVersion& version,
             v1::ArticleVersion* previous, absl::Time now) {
  if (previous != nullptr) previous->set_state(v1::VERSION_STATE_RETIRED);
  version.set_state(v1::VERSION_STATE_PUBLISHED);
  *version.mutable_publish_time() = ToTimestamp(now);
  version.clear_scheduled_publish_time();
  v1::Article& article = *record.mutable_article();
  const bool was_archived = article.state() == v1::ARTICLE_STATE_ARCHIVED;
  article.set_state(v1::ARTICLE_STATE_PUBLISHED);
  article.set_published_version(version.version());
  if (was_archived) RefreshVerification(article);
  article.clear_archived_version();
  if (article.staged_version() == version.version()) ClearStaged(article);
  *record.mutable_live() = Outline(version.content());
  record.mutable_live()->clear_questions();
  Touch(record, now);
}

void Schedule(store::v1::ArticleRecord& record, v1::ArticleVersion& version,
              absl::Time publish_time, absl::Time now) {
  version.set_state(v1::VERSION_STATE_SCHEDULED);
  *version.mutable_scheduled_publish_time() = ToTimestamp(publish_time);
  NoteStaged(record, version, now);
}

void Unschedule(store::v1::ArticleRecord& record, v1::ArticleVersion& version, absl::Time now) {
  version.set_state(version.has_submit_time() ? v1::VERSION_STATE_APPROVED
                                              : v1::VERSION_STATE_DRAFT);
  version.clear_scheduled_publish_time();
  NoteStaged(record, version, now);
}

absl::Status Archive(store::v1::ArticleRecord& record, v1::ArticleVersion* live, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (article.state() == v1::ARTICLE_STATE_ARCHIVED) {
    return FailedTransition(article, "ArchiveArticle", "the article is archived already");
  }
  article.set_state(v1::ARTICLE_STATE_ARCHIVED);
  article.clear_published_version();
  if (live != nullptr) {
    live->set_state(v1::VERSION_STATE_ARCHIVED);
    article.set_archived_version(live->version());
  }
  record.clear_live();
  RefreshVerification(article);
  Touch(record, now);
  return absl::OkStatus();
}

absl::Status Restore(store::v1::ArticleRecord& record, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (article.state() != v1::ARTICLE_STATE_ARCHIVED) {
    return FailedTransition(article, "RestoreArticle", "the article is not archived");
  }
  article.set_state(v1::ARTICLE_STATE_DRAFT);
  RefreshVerification(article);
  Touch(record, now);
  return absl::OkStatus();
}

void NoteStaged(store::v1::ArticleRecord& record, const v1::ArticleVersion& version,
                absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (article.staged_version() == version.version()) {
    article.set_staged_state(version.state());
    article.clear_scheduled_publish_time();
    if (version.has_scheduled_publish_time()) {
      *article.mutable_scheduled_publish_time() = version.scheduled_publish_time();
    }
  }
  Touch(record, now);
}

absl::Status ValidateVerifyInterval(const v1::Article& article, std::string_view field) {
  if (!article.has_verify_interval()) return absl::OkStatus();
  const auto& proto = article.verify_interval();
  const bool whole = proto.nanos() >= 0 && proto.nanos() < 1'000'000'000 &&
                     proto.seconds() <= absl::ToInt64Seconds(kMaxVerifyInterval);
  if (whole && IntervalOf(article) >= kMinVerifyInterval &&
      IntervalOf(article) <= kMaxVerifyInterval) {
    return absl::OkStatus();
  }
  return InvalidField(field, "must be 1 hour to 10 years");
}

absl::Time VerifyDue(const v1::Article& article) {
  if (!article.has_verify_interval() || article.state() == v1::ARTICLE_STATE_ARCHIVED) {
    return absl::InfiniteFuture();
  }
  return FromTimestamp(article.has_verify_time() ? article.verify_time() : article.create_time()) +
         IntervalOf(article);
}

absl::Status Verify(store::v1::ArticleRecord& record, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (article.state() == v1::ARTICLE_STATE_ARCHIVED) {
    return FailedTransition(article, "VerifyArticle", "the article is archived");
  }
  *article.mutable_verify_time() = ToTimestamp(now);
  RefreshVerification(article);
  Touch(record, now);
  return absl::OkStatus();
}

void RefreshVerification(v1::Article& article) {
  article.clear_verification_overdue();
  article.clear_verify_due_time();
  const absl::Time due = VerifyDue(article);
  if (due != absl::InfiniteFuture()) *article.mutable_verify_due_time() = ToTimestamp(due);
}

bool IsStale(const v1::Article& translation, const v1::Article& source) {
  return source.published_version() > translation.translated_version();
}

absl::Status CheckTranslation(const v1::Article& translation, const v1::Article& source,
                              std::string_view field) {
  const std::string of = fmt::format("{}.translation_of", field);
  if (!source.translation_of().empty()) {
    return InvalidField(of, "is a translation itself: name its source");
  }
  if (source.locale() == translation.locale()) {
    return InvalidField(of, "is of the same language");
  }
  if (translation.translated_version() < 1 ||
      translation.translated_version() > source.latest_version()) {
    return InvalidField(
        fmt::format("{}.translated_version", field),
        fmt::format("must be 1 to {}, a version of the source", source.latest_version()));
  }
  return absl::OkStatus();
}

bool IsLiveFor(const store::v1::ArticleRecord& record, v1::Audience audience) {
  return record.has_live() && AudienceOf(record.live()) <= audience;
}

void Touch(store::v1::ArticleRecord& record, absl::Time now) {
  record.set_version(record.version() + 1);
  record.mutable_article()->set_etag(fmt::format("{}", record.version()));
  *record.mutable_article()->mutable_update_time() = ToTimestamp(now);
}

absl::Status CheckEtag(std::string_view etag, std::string_view wanted, std::string_view name) {
  if (wanted.empty() || wanted == etag) return absl::OkStatus();
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                         "it was changed meanwhile: read it again and repeat"),
                                   "name", name),
                      "etag", etag);
}

}  // namespace frontdesk::knowledge
