#include "services/knowledge/domain/content.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/base/utf8.h"
#include "services/knowledge/domain/product_version.h"
#include "services/knowledge/domain/text_checks.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxFileNameCharacters = 200;
constexpr size_t kMaxUriBytes = 2000;
constexpr size_t kMaxMediaTypeBytes = 100;
constexpr size_t kSha256Digits = 64;

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

absl::Status ValidateBody(const std::string& body, const std::string& field) {
  if (body.empty()) return InvalidField(field, "must not be empty");
  if (body.size() > kMaxBodyBytes) {
    return InvalidField(field, fmt::format("must have at most {} bytes", kMaxBodyBytes));
  }
  FD_RETURN_IF_ERROR(CheckLines(body, kMaxBodyBytes, field));
  return IsBlank(body) ? InvalidField(field, "must not be blank") : absl::OkStatus();
}

absl::Status ValidateTags(const v1::ArticleContent& content, std::string_view field) {
  if (content.tags_size() > kMaxTags) {
    return InvalidField(fmt::format("{}.tags", field), fmt::format("must be at most {}", kMaxTags));
  }
  std::set<std::string> seen;
  for (int i = 0; i < content.tags_size(); ++i) {
    const std::string place = fmt::format("{}.tags[{}]", field, i);
    FD_RETURN_IF_ERROR(CheckLine(content.tags(i), kMaxTagCharacters, place));
    if (!seen.insert(content.tags(i)).second) return InvalidField(place, "is given twice");
  }
  return absl::OkStatus();
}

// Printable ASCII without spaces: what else a reference holds has to be escaped.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool IsUri(std::string_view uri) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (uri.substr(0, scheme.size()) == scheme) return uri.size() > scheme.size() && IsPlain(uri);
  }
  return false;
}

absl::Status ValidateAttachment(const v1::Attachment& attachment, const std::string& place) {
  FD_RETURN_IF_ERROR(CheckLine(attachment.name(), kMaxFileNameCharacters, place + ".name"));
  if (attachment.uri().size() > kMaxUriBytes || !IsUri(attachment.uri())) {
    return InvalidField(place + ".uri",
                        fmt::format("must be https:// or http:// and what follows, without spaces "
                                    "and at most {} bytes",
                                    kMaxUriBytes));
  }
  const std::string& type = attachment.media_type();
  const size_t slash = type.find('/');
  const bool typed = slash != std::string::npos && slash > 0 && slash + 1 < type.size();
  if (!type.empty() && (!typed || type.size() > kMaxMediaTypeBytes || !IsPlain(type))) {
    return InvalidField(place + ".media_type", "must be as application/pdf");
  }
  if (attachment.size_bytes() < 0) {
    return InvalidField(place + ".size_bytes", "must not be negative");
  }
  const std::string& hash = attachment.sha256();
  const bool digits = hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hash.empty() && (hash.size() != kSha256Digits || !digits)) {
    return InvalidField(place + ".sha256", "must be 64 lower-case hexadecimal digits");
  }
  return absl::OkStatus();
}

absl::Status ValidateAttachments(const v1::ArticleContent& content, std::string_view field) {
  if (content.attachments_size() > kMaxAttachments) {
    return InvalidField(fmt::format("{}.attachments", field),
                        fmt::format("must be at most {}", kMaxAttachments));
  }
  std::set<std::string> seen;
  for (int i = 0; i < content.attachments_size(); ++i) {
    const std::string place = fmt::format("{}.attachments[{}]", field, i);
    FD_RETURN_IF_ERROR(ValidateAttachment(content.attachments(i), place));
    if (!seen.insert(content.attachments(i).name()).second) {
      return InvalidField(place + ".name", "is given twice");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateLinks(const v1::ArticleContent& content, std::string_view field) {
  if (content.links_size() > kMaxLinks) {
    return InvalidField(fmt::format("{}.links", field),
                        fmt::format("must be at most {}", kMaxLinks));
  }
  std::set<std::pair<int, std::string>> seen;
  for (int i = 0; i < content.links_size(); ++i) {
    const v1::ArticleLink& link = content.links(i);
    const std::string place = fmt::format("{}.links[{}]", field, i);
    if (link.kind() == v1::ARTICLE_LINK_KIND_UNSPECIFIED ||
        !v1::ArticleLinkKind_IsValid(link.kind())) {
      return InvalidField(place + ".kind", "must be RELATED, PREREQUISITE or SUPERSEDES");
    }
    FD_RETURN_IF_ERROR(
        ParseResourceName(link.article(), {"tenants", "articles"}, place + ".article").status());
    if (!seen.emplace(link.kind(), link.article()).second) {
      return InvalidField(place + ".article", "is given twice");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateNodes(const v1::ArticleContent& content, std::string_view field) {
  const std::pair<const char*, const std::string&> kNodes[] = {
      {"product", content.product()},
      {"product_module", content.product_module()},
      {"error_type", content.error_type()},
      {"solution_kind", content.solution_kind()}};
  for (const auto& [name, id] : kNodes) {
    if (!id.empty()) FD_RETURN_IF_ERROR(ValidateId(id, fmt::format("{}.{}", field, name)));
  }
  return absl::OkStatus();
}

// The field of ArticleContent that "content.title" names; null when there is none.
const FieldDescriptor* FieldOfPath(std::string_view path) {
  constexpr std::string_view kPrefix = "content.";
  if (path.substr(0, kPrefix.size()) != kPrefix) return nullptr;
  return v1::ArticleContent::descriptor()->FindFieldByName(
      std::string(path.substr(kPrefix.size())));
}

void CopyField(const v1::ArticleContent& from, const FieldDescriptor* field,
               v1::ArticleContent& to) {
  v1::ArticleContent only = from;
  const auto* reflection = only.GetReflection();
  for (int i = 0; i < only.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* other = only.GetDescriptor()->field(i);
    if (other != field) reflection->ClearField(&only, other);
  }
  reflection->ClearField(&to, field);
  to.MergeFrom(only);
}

void RenderAttributes(const v1::ArticleContent& content, std::string& text) {
  for (const std::string& question : content.questions()) text += "question: " + question + "\n";
  for (const std::string& tag : content.tags()) text += "tag: " + tag + "\n";
  const std::pair<const char*, const std::string&> kNodes[] = {
      {"product", content.product()},
      {"product_module", content.product_module()},
      {"error_type", content.error_type()},
      {"solution_kind", content.solution_kind()}};
  for (const auto& [name, id] : kNodes) {
    if (!id.empty()) text += fmt::format("{}: {}\n", name, id);
  }
  for (const v1::VersionRange& range : content.product_versions()) {
    text += fmt::format("product_versions: {} to {}\n",
                        range.min_version().empty() ? "*" : range.min_version(),
                        range.max_version().empty() ? "*" : range.max_version());
  }
  text += fmt::format("audience: {}\n",
                      v1::Audience_Name(AudienceOf(content)).substr(sizeof("AUDIENCE_") - 1));
  for (const v1::Attachment& attachment : content.attachments()) {
    text += fmt::format("attachment: {} <{}> {} {} {}\n", attachment.name(), attachment.uri(),
                        attachment.media_type(), attachment.size_bytes(), attachment.sha256());
  }
  for (const v1::ArticleLink& link : content.links()) {
    text +=
        fmt::format("link: {} {}\n",
                    v1::ArticleLinkKind_Name(link.kind()).substr(sizeof("ARTICLE_LINK_KIND_") - 1),
                    link.article());
  }
}

}  // namespace

absl::Status ValidateContent(const v1::ArticleContent& content, std::string_view field) {
  FD_RETURN_IF_ERROR(
      CheckLine(content.title(), kMaxTitleCharacters, fmt::format("{}.title", field)));
  FD_RETURN_IF_ERROR(ValidateBody(content.body(), fmt::format("{}.body", field)));
  if (content.questions_size() > kMaxQuestions) {
    return InvalidField(fmt::format("{}.questions", field),
                        fmt::format("must be at most {}", kMaxQuestions));
  }
  for (int i = 0; i < content.questions_size(); ++i) {
    FD_RETURN_IF_ERROR(CheckLine(content.questions(i), kMaxQuestionCharacters,
                                 fmt::format("{}.questions[{}]", field, i)));
  }
  FD_RETURN_IF_ERROR(ValidateTags(content, field));
  FD_RETURN_IF_ERROR(ValidateNodes(content, field));
  FD_RETURN_IF_ERROR(
      ValidateVersionRanges(content.product_versions(), fmt::format("{}.product_versions", field)));
  if (!v1::Audience_IsValid(content.audience())) {
    return InvalidField(fmt::format("{}.audience", field), "must be PUBLIC, CUSTOMERS or AGENTS");
  }
  FD_RETURN_IF_ERROR(ValidateAttachments(content, field));
  return ValidateLinks(content, field);
}

absl::Status ValidateLocale(std::string_view locale, std::string_view field) {
  if (locale == "en" || locale == "zh") return absl::OkStatus();
  return InvalidField(field, "must be \"en\" or \"zh\"");
}

absl::StatusOr<v1::ArticleContent> MergeContent(const v1::ArticleContent& current,
                                                const v1::ArticleContent& wanted,
                                                const std::vector<std::string>& paths) {
  v1::ArticleContent merged = current;
  if (paths.empty()) {
    std::vector<const FieldDescriptor*> populated;
    wanted.GetReflection()->ListFields(wanted, &populated);
    for (const FieldDescriptor* field : populated) CopyField(wanted, field, merged);
    return merged;
  }
  for (const std::string& path : paths) {
    if (path == "*" || path == "content") {
      merged = wanted;
      continue;
    }
    const FieldDescriptor* field = FieldOfPath(path);
    if (field == nullptr) {
      return InvalidField("update_mask",
                          fmt::format("may name content, a field of it as content.title, owner, "
                                      "verify_interval, translated_version or *, not {}",
                                      TruncateUtf8(path, 100)));
    }
    CopyField(wanted, field, merged);
  }
  return merged;
}

bool SameContent(const v1::ArticleContent& a, const v1::ArticleContent& b) {
  return MessageDifferencer::Equals(a, b);
}

std::vector<std::string> ChangedFields(const v1::ArticleContent& a, const v1::ArticleContent& b) {
  std::vector<std::string> changed;
  const auto* descriptor = v1::ArticleContent::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    v1::ArticleContent with_field = a;
    CopyField(b, descriptor->field(i), with_field);
    if (!SameContent(a, with_field)) changed.push_back(descriptor->field(i)->name());
  }
  return changed;
}

v1::ArticleContent Outline(const v1::ArticleContent& content) {
  v1::ArticleContent outline = content;
  outline.clear_body();
  outline.clear_attachments();
  return outline;
}

std::string RenderContent(const v1::ArticleContent& content) {
  std::string text = "title: " + content.title() + "\n";
  RenderAttributes(content, text);
  text += "\n" + content.body();
  if (text.back() != '\n') text += '\n';
  return text;
}

v1::Audience AudienceOf(const v1::ArticleContent& content) {
  return content.audience() == v1::AUDIENCE_UNSPECIFIED ? v1::AUDIENCE_PUBLIC : content.audience();
}

}  // namespace frontdesk::knowledge
