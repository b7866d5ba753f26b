#include "services/knowledge/formats/html_markdown.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"
#include "services/knowledge/formats/html_tree.h"
#include "services/knowledge/formats/markdown_text.h"

namespace frontdesk::knowledge::formats {
namespace {

constexpr GumboTag kLeftOut[] = {
    GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,  GUMBO_TAG_TEMPLATE, GUMBO_TAG_NOSCRIPT, GUMBO_TAG_IFRAME,
    GUMBO_TAG_OBJECT, GUMBO_TAG_EMBED,  GUMBO_TAG_SVG,      GUMBO_TAG_MATH,     GUMBO_TAG_INPUT,
    GUMBO_TAG_BUTTON, GUMBO_TAG_SELECT, GUMBO_TAG_TEXTAREA, GUMBO_TAG_NAV,      GUMBO_TAG_FOOTER,
    GUMBO_TAG_ASIDE,  GUMBO_TAG_HEAD,   GUMBO_TAG_CANVAS,   GUMBO_TAG_AUDIO,    GUMBO_TAG_VIDEO};

constexpr GumboTag kInline[] = {
    GUMBO_TAG_A,      GUMBO_TAG_ABBR,   GUMBO_TAG_B,    GUMBO_TAG_BDI,   GUMBO_TAG_BDO,
    GUMBO_TAG_BIG,    GUMBO_TAG_BR,     GUMBO_TAG_CITE, GUMBO_TAG_CODE,  GUMBO_TAG_DATA,
    GUMBO_TAG_DEL,    GUMBO_TAG_DFN,    GUMBO_TAG_EM,   GUMBO_TAG_FONT,  GUMBO_TAG_I,
    GUMBO_TAG_IMG,    GUMBO_TAG_INS,    GUMBO_TAG_KBD,  GUMBO_TAG_LABEL, GUMBO_TAG_MARK,
    GUMBO_TAG_Q,      GUMBO_TAG_S,      GUMBO_TAG_SAMP, GUMBO_TAG_SMALL, GUMBO_TAG_SPAN,
    GUMBO_TAG_STRIKE, GUMBO_TAG_STRONG, GUMBO_TAG_SUB,  GUMBO_TAG_SUP,   GUMBO_TAG_TIME,
    GUMBO_TAG_TT,     GUMBO_TAG_U,      GUMBO_TAG_VAR,  GUMBO_TAG_WBR};

template <size_t N>
bool In(const GumboTag (&tags)[N], GumboTag tag) {
  return std::ranges::find(tags, tag) != std::end(tags);
}

struct Block {
  std::string text;
  bool list = false;
};

std::string Join(const std::vector<Block>& blocks, bool tight) {
  std::string text;
  for (const Block& block : blocks) {
    if (!text.empty()) text += tight ? "\n" : "\n\n";
    text += block.text;
  }
  return text;
}

bool IsTight(const std::vector<Block>& item) {
  for (size_t i = 0; i < item.size(); ++i) {
    if (i > 0 && !item[i].list) return false;
  }
  return true;
}

// The depth of recursion is the tree's, which HtmlTree bounds.
class Converter {
 public:
  explicit Converter(const HtmlMarkdownOptions& options) : options_(options) {}

  std::vector<Block> Blocks(const GumboNode* parent) {
    std::vector<Block> blocks;
    std::string run;
    const auto end_run = [&] {
      if (std::string text = MarkdownParagraph(run); !text.empty()) blocks.push_back({text});
      run.clear();
    };
    for (const GumboNode* node : Children(parent)) {
      if (IsLeftOut(node)) continue;
      if (node->type != GUMBO_NODE_ELEMENT || In(kInline, TagOf(node))) {
        run += Inline(node);
        continue;
      }
      end_run();
      AddBlock(node, blocks);
    }
    end_run();
    return blocks;
  }

 private:
  static std::vector<const GumboNode*> Children(const GumboNode* node) {
    std::vector<const GumboNode*> children;
    if (node->type != GUMBO_NODE_ELEMENT) return children;
    const GumboVector& all = node->v.element.children;
    for (unsigned i = 0; i < all.length; ++i) {
      children.push_back(static_cast<const GumboNode*>(all.data[i]));
    }
    return children;
  }

  bool IsLeftOut(const GumboNode* node) const {
    if (node->type == GUMBO_NODE_COMMENT || node->type == GUMBO_NODE_TEMPLATE) return true;
    if (node->type != GUMBO_NODE_ELEMENT) return false;
    return node == options_.skip || In(kLeftOut, TagOf(node)) ||
           gumbo_get_attribute(&node->v.element.attributes, "hidden") != nullptr ||
           Attribute(node, "aria-hidden") == "true";
  }

  void AddBlock(const GumboNode* node, std::vector<Block>& blocks) {
    const auto add = [&](std::string text, bool list = false) {
      if (!text.empty()) blocks.push_back({std::move(text), list});
    };
    switch (TagOf(node)) {
      case GUMBO_TAG_H1:
      case GUMBO_TAG_H2:
      case GUMBO_TAG_H3:
      case GUMBO_TAG_H4:
      case GUMBO_TAG_H5:
      case GUMBO_TAG_H6:
        return add(Heading(node));
      case GUMBO_TAG_UL:
      case GUMBO_TAG_OL:
        return add(List(node), true);
      case GUMBO_TAG_BLOCKQUOTE: {
        const std::string inner = Join(Blocks(node), false);
        return add(inner.empty() ? inner : "> " + Quote(inner));
      }
      case GUMBO_TAG_PRE:
        return add(MarkdownFence(RawText(node)));
      case GUMBO_TAG_TABLE:
        return AddTable(node, blocks);
      case GUMBO_TAG_HR:
        return add("---");
      case GUMBO_TAG_DT:
      case GUMBO_TAG_SUMMARY:
        return add(MarkdownParagraph(MarkdownEmphasis(OneLine(node), "**")));
      default:
        for (Block& block : Blocks(node)) blocks.push_back(std::move(block));
    }
  }

  std::string Heading(const GumboNode* node) {
    const int level = static_cast<int>(TagOf(node)) - static_cast<int>(GUMBO_TAG_H1) + 1;
    std::string text = OneLine(node);
    while (text.ends_with('#')) text.pop_back();
    text = std::string(ToStd(absl::StripAsciiWhitespace(ToAbsl(text))));
    if (text.empty()) return text;
    return fmt::format("{} {}", std::string(std::max(1, level - options_.heading_shift), '#'),
                       text);
  }

  std::string OneLine(const GumboNode* node) {
    std::string text;
    for (const GumboNode* child : Children(node)) text += Inline(child);
    std::ranges::replace(text, '\n', ' ');
    absl::RemoveExtraAsciiWhitespace(&text);
    return text;
  }

  std::string List(const GumboNode* list) {
    const bool ordered = TagOf(list) == GUMBO_TAG_OL;
    int number = 1;
    const std::string_view start = Attribute(list, "start");
    std::from_chars(start.data(), start.data() + start.size(), number);
    number = std::clamp(number, 0, 99'999);
    std::vector<Block> items;
    bool tight = true;
    for (const GumboNode* child : Children(list)) {
      if (IsLeftOut(child) || child->type != GUMBO_NODE_ELEMENT) continue;
      // What stands in a list without an item belongs to the item before it.
      std::vector<Block> item;
      if (TagOf(child) == GUMBO_TAG_LI) {
        item = Blocks(child);
      } else {
        AddBlock(child, item);
      }
      if (item.empty()) continue;
      tight = tight && IsTight(item);
      const std::string marker = ordered ? fmt::format("{}. ", number++) : "- ";
      items.push_back(
          {marker + Indented(Join(item, IsTight(item)), std::string(marker.size(), ' '))});
    }
    return Join(items, tight);
  }

  static std::string Quote(std::string_view inner) {
    std::string quoted;
    for (const char c : inner) {
      quoted += c;
      if (c == '\n') quoted += "> ";
    }
    return quoted;
  }

  // The rows of this table, not those of tables in it.
  void CollectRows(const GumboNode* node, std::vector<const GumboNode*>& rows) {
    for (const GumboNode* child : Children(node)) {
      const GumboTag tag = TagOf(child);
      if (tag == GUMBO_TAG_TR) rows.push_back(child);
      if (tag == GUMBO_TAG_THEAD || tag == GUMBO_TAG_TBODY || tag == GUMBO_TAG_TFOOT) {
        CollectRows(child, rows);
      }
    }
  }

  std::vector<const GumboNode*> CellsOf(const GumboNode* row) {
    std::vector<const GumboNode*> cells;
    for (const GumboNode* cell : Children(row)) {
      if (TagOf(cell) == GUMBO_TAG_TD || TagOf(cell) == GUMBO_TAG_TH) cells.push_back(cell);
    }
    return cells;
  }

  void AddTable(const GumboNode* table, std::vector<Block>& blocks) {
    std::vector<const GumboNode*> rows;
    CollectRows(table, rows);
    size_t columns = 0;
    for (const GumboNode* row : rows) columns = std::max(columns, CellsOf(row).size());
    for (const GumboNode* child : Children(table)) {
      if (TagOf(child) == GUMBO_TAG_CAPTION) AddBlock(child, blocks);
    }
    if (columns < 2) {  // for the layout only
      for (const GumboNode* row : rows) {
        for (const GumboNode* cell : CellsOf(row)) AddBlock(cell, blocks);
      }
      return;
    }
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i) {
      std::string line = "|";
      const auto cells = CellsOf(rows[i]);
      for (size_t k = 0; k < columns; ++k) {
        line += fmt::format(" {} |", k < cells.size() ? Cell(cells[k]) : std::string());
      }
      text += (text.empty() ? "" : "\n") + line;
      if (i > 0) continue;
      text += "\n|";
      for (size_t k = 0; k < columns; ++k) text += " --- |";
    }
    blocks.push_back({std::move(text)});
  }

  std::string Cell(const GumboNode* cell) {
    std::string text;
    for (const char c : OneLine(cell)) {
      if (c == '|') text += '\\';
      text += c;
    }
    return text;
  }

  std::string Inline(const GumboNode* node) {
    if (IsLeftOut(node)) return {};
    if (node->type != GUMBO_NODE_ELEMENT) return Text(node);
    switch (TagOf(node)) {
      case GUMBO_TAG_BR:
        return "\n";
      case GUMBO_TAG_IMG:
        return Image(node);
      case GUMBO_TAG_CODE:
      case GUMBO_TAG_KBD:
      case GUMBO_TAG_SAMP:
      case GUMBO_TAG_TT:
        return MarkdownCode(TextOf(node));
      default:
        break;
    }
    std::string inner;
    for (const GumboNode* child : Children(node)) inner += Inline(child);
    switch (TagOf(node)) {
      case GUMBO_TAG_B:
      case GUMBO_TAG_STRONG:
        return MarkdownEmphasis(inner, "**");
      case GUMBO_TAG_I:
      case GUMBO_TAG_EM:
        return MarkdownEmphasis(inner, "*");
      case GUMBO_TAG_DEL:
      case GUMBO_TAG_S:
      case GUMBO_TAG_STRIKE:
        return MarkdownEmphasis(inner, "~~");
      case GUMBO_TAG_A:
        return Link(node, inner);
      default:
        return In(kInline, TagOf(node)) ? inner : " " + inner + " ";
    }
  }

  std::string Link(const GumboNode* node, const std::string& inner) {
    const std::string address = MarkdownAddress(Attribute(node, "href"));
    const bool blank = ToStd(absl::StripAsciiWhitespace(ToAbsl(inner))).empty();
    if (address.empty() || blank || inner.find('\n') != std::string::npos) return inner;
    std::string text;
    for (const char c : inner) {
      // An image in a link keeps its brackets; others would end the text.
      if (c == ']' && inner.find("](") == std::string::npos) text += '\\';
      text += c;
    }
    return fmt::format("[{}]({})", text, address);
  }

  static std::string Image(const GumboNode* node) {
    std::string alt = EscapeMarkdown(Attribute(node, "alt"));
    std::ranges::replace(alt, '\n', ' ');
    const std::string_view source = Attribute(node, "src");
    const bool remote = absl::StartsWithIgnoreCase(ToAbsl(source), "https://") ||
                        absl::StartsWithIgnoreCase(ToAbsl(source), "http://");
    return remote ? fmt::format("![{}]({})", alt, MarkdownAddress(source)) : alt;
  }

  static std::string Text(const GumboNode* node) {
    if (node->type != GUMBO_NODE_TEXT && node->type != GUMBO_NODE_WHITESPACE &&
        node->type != GUMBO_NODE_CDATA) {
      return {};
    }
    std::string text;
    for (const char c : std::string_view(node->v.text.text)) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
      if (!blank) text += c;
      if (blank && (text.empty() || text.back() != ' ')) text += ' ';
    }
    return EscapeMarkdown(text);
  }

  std::string RawText(const GumboNode* node) {
    if (node->type != GUMBO_NODE_ELEMENT) {
      return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE
                 ? std::string(node->v.text.text)
                 : std::string();
    }
    if (TagOf(node) == GUMBO_TAG_BR) return "\n";
    std::string text;
    for (const GumboNode* child : Children(node)) {
      if (!IsLeftOut(child)) text += RawText(child);
    }
    return text;
  }

  const HtmlMarkdownOptions& options_;
};

}  // namespace

std::string HtmlToMarkdown(const GumboNode* root, const HtmlMarkdownOptions& options) {
  return root == nullptr ? std::string() : Join(Converter(options).Blocks(root), false);
}

}  // namespace frontdesk::knowledge::formats
