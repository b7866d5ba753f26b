#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/field_mask.pb.h"

// What an article may hold and how it goes from state to state.
namespace frontdesk::knowledge {

inline constexpr int kMaxTitleCharacters = 200;
inline constexpr size_t kMaxBodyBytes = 64 << 10;
inline constexpr int kMaxQuestions = 50;
inline constexpr int kMaxQuestionCharacters = 300;
inline constexpr int kMaxTags = 20;
inline constexpr int kMaxTagCharacters = 64;

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time FromTimestamp(const google::protobuf::Timestamp& time);

// Code points of valid UTF-8.
int Characters(std::string_view text);

// INVALID_FIELD naming what is wrong below `field` ("article.content").
absl::Status ValidateContent(const v1::ArticleContent& content, std::string_view field);
// "en" or "zh".
absl::Status ValidateLocale(std::string_view locale, std::string_view field);

// `current` with the fields of `wanted` that `mask` names: content.title, content.body,
// content.questions, content.tags, content or "*"; an absent mask takes the populated ones.
absl::StatusOr<v1::ArticleContent> MergeContent(const v1::ArticleContent& current,
                                                const v1::ArticleContent& wanted,
                                                const google::protobuf::FieldMask* mask);
bool SameContent(const v1::ArticleContent& a, const v1::ArticleContent& b);

// A draft without any version yet.
store::v1::ArticleRecord NewArticle(std::string name, std::string locale, absl::Time now);
// Takes `content` in as the newest version and gives its row. The published one stays.
v1::ArticleVersion AddVersion(store::v1::ArticleRecord& record, const v1::ArticleContent& content,
                              std::string_view author, absl::Time now);
// `version` 0 = the newest. False when exactly this is published already. INVALID_FIELD for a
// version that there is not.
absl::StatusOr<bool> Publish(store::v1::ArticleRecord& record, int version, absl::Time now);
// FAILED_TRANSITION when it is archived already.
absl::Status Archive(store::v1::ArticleRecord& record, absl::Time now);

// ETAG_MISMATCH when `etag` is neither empty nor the record's.
absl::Status CheckEtag(const store::v1::ArticleRecord& record, std::string_view etag);

}  // namespace frontdesk::knowledge
