#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/field_mask.pb.h"

// What a version of an article may say.
namespace frontdesk::knowledge {

inline constexpr int kMaxTitleCharacters = 200;
inline constexpr size_t kMaxBodyBytes = 64 << 10;
inline constexpr int kMaxQuestions = 50;
inline constexpr int kMaxQuestionCharacters = 300;
inline constexpr int kMaxTags = 20;
inline constexpr int kMaxTagCharacters = 64;
inline constexpr int kMaxAttachments = 20;
inline constexpr int kMaxLinks = 50;

// INVALID_FIELD naming what is wrong below `field` ("article.content"). What it refers to is not
// looked up here.
absl::Status ValidateContent(const v1::ArticleContent& content, std::string_view field);
// "en" or "zh".
absl::Status ValidateLocale(std::string_view locale, std::string_view field);

// `current` with the fields of `wanted` that `paths` name: "content", "content.<field>" or "*";
// no paths take the populated ones. INVALID_FIELD for a path that is neither of these.
absl::StatusOr<v1::ArticleContent> MergeContent(const v1::ArticleContent& current,
                                                const v1::ArticleContent& wanted,
                                                const std::vector<std::string>& paths);
bool SameContent(const v1::ArticleContent& a, const v1::ArticleContent& b);
// Names of the fields that differ, in the order of their numbers.
std::vector<std::string> ChangedFields(const v1::ArticleContent& a, const v1::ArticleContent& b);

// What a record keeps of it: all but what is large and belongs to the version.
v1::ArticleContent Outline(const v1::ArticleContent& content);
// A version as lines of text, to be compared: attributes one a line, an empty line, the body.
std::string RenderContent(const v1::ArticleContent& content);

// Unspecified = PUBLIC.
v1::Audience AudienceOf(const v1::ArticleContent& content);

}  // namespace frontdesk::knowledge
