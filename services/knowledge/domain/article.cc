#include "services/knowledge/domain/article.h"

#include <set>

#include <fmt/core.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"

namespace frontdesk::knowledge {
namespace {

absl::Status CheckLine(std::string_view text, int max_characters, const std::string& field) {
  if (text.empty()) return InvalidField(field, "must not be empty");
  if (!IsValidUtf8(text)) return InvalidField(field, "must be valid UTF-8");
  if (Characters(text) > max_characters) {
    return InvalidField(field, fmt::format("must have at most {} characters", max_characters));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return InvalidField(field, "must not be blank");
  }
  if (text.find('\0') != std::string_view::npos) {
    return InvalidField(field, "must not contain a NUL character");
  }
  return absl::OkStatus();
}

void Touch(store::v1::ArticleRecord& record, absl::Time now) {
  record.set_version(record.version() + 1);
  record.mutable_article()->set_etag(fmt::format("{}", record.version()));
  *record.mutable_article()->mutable_update_time() = ToTimestamp(now);
}

std::string StateName(v1::ArticleState state) {
  return v1::ArticleState_Name(state).substr(std::string_view("ARTICLE_STATE_").size());
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  google::protobuf::Timestamp result;
  result.set_seconds(seconds);
  result.set_nanos(static_cast<int32_t>(rest * 1000));
  return result;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

int Characters(std::string_view text) {
  int count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

absl::Status ValidateContent(const v1::ArticleContent& content, std::string_view field) {
  FD_RETURN_IF_ERROR(
      CheckLine(content.title(), kMaxTitleCharacters, fmt::format("{}.title", field)));
  const std::string body_field = fmt::format("{}.body", field);
  if (content.body().empty()) return InvalidField(body_field, "must not be empty");
  if (content.body().size() > kMaxBodyBytes) {
    return InvalidField(body_field, fmt::format("must have at most {} bytes", kMaxBodyBytes));
  }
  if (!IsValidUtf8(content.body())) return InvalidField(body_field, "must be valid UTF-8");
  if (content.body().find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidField(body_field, "must not be blank");
  }
  if (content.questions_size() > kMaxQuestions) {
    return InvalidField(fmt::format("{}.questions", field),
                        fmt::format("must be at most {}", kMaxQuestions));
  }
  for (int i = 0; i < content.questions_size(); ++i) {
    FD_RETURN_IF_ERROR(CheckLine(content.questions(i), kMaxQuestionCharacters,
                                 fmt::format("{}.questions[{}]", field, i)));
  }
  if (content.tags_size() > kMaxTags) {
    return InvalidField(fmt::format("{}.tags", field), fmt::format("must be at most {}", kMaxTags));
  }
  std::set<std::string> seen;
  for (int i = 0; i < content.tags_size(); ++i) {
    const std::string tag_field = fmt::format("{}.tags[{}]", field, i);
    FD_RETURN_IF_ERROR(CheckLine(content.tags(i), kMaxTagCharacters, tag_field));
    if (!seen.insert(content.tags(i)).second) return InvalidField(tag_field, "is given twice");
  }
  return absl::OkStatus();
}

absl::Status ValidateLocale(std::string_view locale, std::string_view field) {
  if (locale == "en" || locale == "zh") return absl::OkStatus();
  return InvalidField(field, "must be \"en\" or \"zh\"");
}

absl::StatusOr<v1::ArticleContent> MergeContent(const v1::ArticleContent& current,
                                                const v1::ArticleContent& wanted,
                                                const google::protobuf::FieldMask* mask) {
  bool title = false, body = false, questions = false, tags = false;
  if (mask == nullptr || mask->paths_size() == 0) {
    title = !wanted.title().empty();
    body = !wanted.body().empty();
    questions = wanted.questions_size() > 0;
    tags = wanted.tags_size() > 0;
  } else {
    for (const std::string& path : mask->paths()) {
      const bool all = path == "*" || path == "content";
      title |= all || path == "content.title";
      body |= all || path == "content.body";
      questions |= all || path == "content.questions";
      tags |= all || path == "content.tags";
      if (!all && path != "content.title" && path != "content.body" &&
          path != "content.questions" && path != "content.tags") {
        return InvalidField("update_mask",
                            "may name content, content.title, content.body, content.questions, "
                            "content.tags or *");
      }
    }
  }
  v1::ArticleContent merged = current;
  if (title) merged.set_title(wanted.title());
  if (body) merged.set_body(wanted.body());
  if (questions) *merged.mutable_questions() = wanted.questions();
  if (tags) *merged.mutable_tags() = wanted.tags();
  return merged;
}

bool SameContent(const v1::ArticleContent& a, const v1::ArticleContent& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

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
                              std::string_view author, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  const int number = article.latest_version() + 1;
  article.set_latest_version(number);
  *article.mutable_content() = content;
  article.mutable_content()->clear_body();
  Touch(record, now);
  v1::ArticleVersion version;
  version.set_name(fmt::format("{}/versions/{}", article.name(), number));
  version.set_version(number);
  version.set_locale(article.locale());
  *version.mutable_content() = content;
  version.set_author(std::string(author));
  *version.mutable_create_time() = ToTimestamp(now);
  return version;
}

absl::StatusOr<bool> Publish(store::v1::ArticleRecord& record, int version, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (version < 0 || version > article.latest_version()) {
    return InvalidField("version", fmt::format("must be 0 or 1 to {}", article.latest_version()));
  }
  if (version == 0) version = article.latest_version();
  if (article.state() == v1::ARTICLE_STATE_PUBLISHED && article.published_version() == version) {
    return false;
  }
  article.set_state(v1::ARTICLE_STATE_PUBLISHED);
  article.set_published_version(version);
  Touch(record, now);
  return true;
}

absl::Status Archive(store::v1::ArticleRecord& record, absl::Time now) {
  v1::Article& article = *record.mutable_article();
  if (article.state() == v1::ARTICLE_STATE_ARCHIVED) {
    return WithMetadata(WithMetadata(Error(absl::StatusCode::kFailedPrecondition,
                                           "FAILED_TRANSITION", "the article is archived already"),
                                     "state", StateName(article.state())),
                        "verb", "ArchiveArticle");
  }
  article.set_state(v1::ARTICLE_STATE_ARCHIVED);
  article.set_published_version(0);
  Touch(record, now);
  return absl::OkStatus();
}

absl::Status CheckEtag(const store::v1::ArticleRecord& record, std::string_view etag) {
  const v1::Article& article = record.article();
  if (etag.empty() || etag == article.etag()) return absl::OkStatus();
  return WithMetadata(
      WithMetadata(Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                         "the article was changed meanwhile: read it again and repeat"),
                   "name", article.name()),
      "etag", article.etag());
}

}  // namespace frontdesk::knowledge
