#pragma once

#include <string>
#include <string_view>

// Pieces of text as Markdown that says just them.
namespace frontdesk::knowledge::formats {

// Within a line: what would be emphasis, code, a link, HTML or an entity is escaped.
std::string EscapeMarkdown(std::string_view text);
// A paragraph: blanks at the ends of its lines go, and no line begins a list, heading or quote.
std::string MarkdownParagraph(std::string_view inlines);
std::string MarkdownCode(std::string_view code);
std::string MarkdownFence(std::string_view code);
// `inner` between two `marks`, blanks and closing punctuation outside, where marks work.
std::string MarkdownEmphasis(std::string_view inner, std::string_view mark);
// For the parentheses of a link; "" for an address that is not kept.
std::string MarkdownAddress(std::string_view url);
// Every line but the first begins with `indent`.
std::string Indented(std::string_view text, std::string_view indent);

}  // namespace frontdesk::knowledge::formats
