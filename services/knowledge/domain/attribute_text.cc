#include "services/knowledge/domain/attribute_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "libs/base/utf8.h"

namespace frontdesk::knowledge {
namespace {

struct LinkWord {
  std::string_view word;
  v1::ArticleLinkKind kind;
};
constexpr std::array<LinkWord, 3> kLinkWords = {{
    {"related", v1::ARTICLE_LINK_KIND_RELATED},
    {"prerequisite", v1::ARTICLE_LINK_KIND_PREREQUISITE},
    {"supersedes", v1::ARTICLE_LINK_KIND_SUPERSEDES},
}};

struct AudienceWord {
  std::string_view word;
  v1::Audience audience;
};
constexpr std::array<AudienceWord, 3> kAudienceWords = {{
    {"public", v1::AUDIENCE_PUBLIC},
    {"customers", v1::AUDIENCE_CUSTOMERS},
    {"agents", v1::AUDIENCE_AGENTS},
}};

// The part before the next '|', taken off the front.
std::string_view NextPart(std::string_view& text) {
  const size_t bar = std::min(text.find('|'), text.size());
  const std::string_view part = TrimBlanks(text.substr(0, bar));
  text.remove_prefix(std::min(bar + 1, text.size()));
  return part;
}

// The last part of the path, as a name for it.
std::string_view NameOfUri(std::string_view uri) {
  uri = uri.substr(0, uri.find_first_of("?#"));
  return uri.substr(uri.rfind('/') + 1);
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string ReadVersionRange(std::string_view text, v1::ArticleContent& content) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    return "product versions are written \"1.2..2.0\", \"1.2..\" or \"..2.0\"";
  }
  v1::VersionRange& range = *content.add_product_versions();
  range.set_min_version(std::string(TrimBlanks(text.substr(0, dots))));
  range.set_max_version(std::string(TrimBlanks(text.substr(dots + 2))));
  return "";
}

std::string WriteVersionRange(const v1::VersionRange& range) {
  return fmt::format("{}..{}", range.min_version(), range.max_version());
}

std::string ReadLink(std::string_view text, v1::ArticleContent& content) {
  const size_t blank = std::min(text.find(' '), text.size());
  for (const LinkWord& word : kLinkWords) {
    if (text.substr(0, blank) != word.word) continue;
    v1::ArticleLink& link = *content.add_links();
    link.set_kind(word.kind);
    link.set_article(std::string(TrimBlanks(text.substr(blank))));
    return "";
  }
  return "links are written \"related ARTICLE\", \"prerequisite ARTICLE\" or \"supersedes "
         "ARTICLE\"";
}

std::string WriteLink(const v1::ArticleLink& link) {
  for (const LinkWord& word : kLinkWords) {
    if (word.kind == link.kind()) return fmt::format("{} {}", word.word, link.article());
  }
  return fmt::format("related {}", link.article());
}

std::string ReadAttachment(std::string_view text, v1::ArticleContent& content) {
  v1::Attachment attachment;
  attachment.set_uri(std::string(NextPart(text)));
  attachment.set_media_type(std::string(NextPart(text)));
  const std::string_view size = NextPart(text);
  attachment.set_sha256(std::string(NextPart(text)));
  attachment.set_name(std::string(TrimBlanks(text)));
  if (attachment.name().empty()) attachment.set_name(std::string(NameOfUri(attachment.uri())));
  int64_t bytes = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), bytes);
  if (!size.empty() && (error != std::errc() || end != size.data() + size.size() || bytes < 0)) {
    return "attachments are written \"https://… | media type | bytes | sha256 | name\"";
  }
  attachment.set_size_bytes(bytes);
  *content.add_attachments() = std::move(attachment);
  return "";
}

std::string WriteAttachment(const v1::Attachment& attachment) {
  return fmt::format(
      "{} | {} | {} | {} | {}", attachment.uri(), attachment.media_type(),
      attachment.size_bytes() == 0 ? std::string() : std::to_string(attachment.size_bytes()),
      attachment.sha256(), attachment.name());
}

std::string ReadAudience(std::string_view text, v1::ArticleContent& content) {
  if (text.empty()) return "";
  for (const AudienceWord& word : kAudienceWords) {
    if (text != word.word) continue;
    content.set_audience(word.audience);
    return "";
  }
  return "the audience is public, customers or agents";
}

std::string WriteAudience(v1::Audience audience) {
  for (const AudienceWord& word : kAudienceWords) {
    if (word.audience == audience) return std::string(word.word);
  }
  return "";
}

std::string CheckFileText(std::string_view text, int* line) {
  *line = 1;
  if (!IsValidUtf8(text)) {
    // Lines end outside of characters, so the first bad one alone is not UTF-8.
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      if (!IsValidUtf8(text.substr(0, end))) break;
      text.remove_prefix(std::min(end + 1, text.size()));
      ++*line;
    }
    return "is not UTF-8";
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') ++*line;
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F) {
      return "holds a control character";
    }
  }
  return "";
}

}  // namespace frontdesk::knowledge
