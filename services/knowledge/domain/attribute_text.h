#pragma once

#include <string>
#include <string_view>

#include "frontdesk/knowledge/v1/knowledge.pb.h"

// Attributes of an article as people write them into files, one value a line. The readers give what
// is wrong with the text, "" when nothing is, and then have added or set it; what the writers give
// is read as the same again.
namespace frontdesk::knowledge {

// "1.2..2.0", "1.2..", "..2.0".
std::string ReadVersionRange(std::string_view text, v1::ArticleContent& content);
std::string WriteVersionRange(const v1::VersionRange& range);

// "related other-article", "prerequisite …", "supersedes …".
std::string ReadLink(std::string_view text, v1::ArticleContent& content);
std::string WriteLink(const v1::ArticleLink& link);

// "https://… | application/pdf | 1200 | <sha256> | Name.pdf"; what is not known is empty, and the
// name alone may be left out with all before it but the address.
std::string ReadAttachment(std::string_view text, v1::ArticleContent& content);
std::string WriteAttachment(const v1::Attachment& attachment);

// "public", "customers", "agents"; "" for unspecified.
std::string ReadAudience(std::string_view text, v1::ArticleContent& content);
std::string WriteAudience(v1::Audience audience);

// Without blanks at both ends.
std::string_view TrimBlanks(std::string_view text);

// "" or what is wrong with a text that somebody else made: not UTF-8, or a control character other
// than tab and line end. `line` then is the line it stands in, from 1.
std::string CheckFileText(std::string_view text, int* line);

}  // namespace frontdesk::knowledge
