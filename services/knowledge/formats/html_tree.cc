#include "services/knowledge/formats/html_tree.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "libs/base/absl_interop.h"

namespace frontdesk::knowledge::formats {
namespace {

// Elements that end by themselves, or have no end: open ones of these say nothing about depth.
constexpr std::string_view kShallow[] = {
    "area",   "base",     "br", "col",   "embed",  "hr",    "img",   "input",
    "link",   "meta",     "p",  "param", "source", "track", "wbr",   "li",
    "dt",     "dd",       "tr", "td",    "th",     "thead", "tbody", "tfoot",
    "option", "optgroup", "rp", "rt",    "html",   "head",  "body",  "colgroup"};

// How many elements may be open at once, by a look at the tags: Gumbo's time grows with the depth of
// every tag, so what is far too deep must not reach it.
bool LooksTooDeep(std::string_view html) {
  constexpr int kOpenMax = 4 * kHtmlDepthMax;
  int open = 0;
  for (size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    size_t begin = at + 1;
    const bool end = begin < html.size() && html[begin] == '/';
    if (end) ++begin;
    size_t stop = begin;
    while (stop < html.size() && absl::ascii_isalnum(static_cast<unsigned char>(html[stop])))
      ++stop;
    if (stop == begin) continue;
    std::string name(html.substr(begin, std::min<size_t>(stop - begin, 16)));
    absl::AsciiStrToLower(&name);
    if (std::ranges::find(kShallow, name) != std::end(kShallow)) continue;
    open = std::max(0, open + (end ? -1 : 1));
    if (open > kOpenMax) return true;
  }
  return false;
}

const GumboVector* ChildrenOf(const GumboNode* node) {
  if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE) {
    return &node->v.element.children;
  }
  return node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : nullptr;
}

// Calls `visit` for each node in document order until it says false; without recursion.
template <class Visit>
void Walk(const GumboNode* root, Visit visit) {
  std::vector<std::pair<const GumboNode*, int>> left{{root, 0}};
  while (!left.empty()) {
    const auto [node, depth] = left.back();
    left.pop_back();
    if (!visit(node, depth)) return;
    const GumboVector* children = ChildrenOf(node);
    for (unsigned i = children == nullptr ? 0 : children->length; i > 0; --i) {
      left.emplace_back(static_cast<const GumboNode*>(children->data[i - 1]), depth + 1);
    }
  }
}

}  // namespace

class HtmlTree::Arena {
 public:
  void* Take(size_t size) {
    constexpr size_t kAlign = alignof(std::max_align_t);
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (blocks_.empty() || used_ + size > size_) {
      size_ = std::max(size, size_t{256} << 10);
      blocks_.push_back(std::make_unique<std::byte[]>(size_));
      used_ = 0;
    }
    void* const at = blocks_.back().get() + used_;
    used_ += size;
    return at;
  }

 private:
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  size_t size_ = 0;
  size_t used_ = 0;
};

HtmlTree::HtmlTree(std::string_view html) : arena_(std::make_unique<Arena>()) {
  if (LooksTooDeep(html)) return;
  GumboOptions options = kGumboDefaultOptions;
  options.userdata = arena_.get();
  options.allocator = [](void* arena, size_t size) {
    return static_cast<Arena*>(arena)->Take(size);
  };
  options.deallocator = [](void*, void*) {};
  options.max_errors = 0;
  const GumboOutput* output = gumbo_parse_with_options(&options, html.data(), html.size());
  root_ = output->document;
  Walk(output->document, [this](const GumboNode*, int depth) {
    if (depth > kHtmlDepthMax) root_ = nullptr;
    return root_ != nullptr;
  });
}

HtmlTree::~HtmlTree() = default;

const GumboNode* HtmlTree::Find(GumboTag tag) const {
  const GumboNode* found = nullptr;
  if (root_ == nullptr) return found;
  Walk(root_, [&](const GumboNode* node, int) {
    if (TagOf(node) == tag) found = node;
    return found == nullptr;
  });
  return found;
}

std::string_view Attribute(const GumboNode* node, const char* name) {
  if (node == nullptr || node->type != GUMBO_NODE_ELEMENT) return {};
  const GumboAttribute* attribute = gumbo_get_attribute(&node->v.element.attributes, name);
  return attribute == nullptr ? std::string_view() : std::string_view(attribute->value);
}

GumboTag TagOf(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT ? node->v.element.tag : GUMBO_TAG_UNKNOWN;
}

std::string TextOf(const GumboNode* node) {
  std::string text;
  Walk(node, [&](const GumboNode* part, int) {
    const GumboTag parent = part->parent == nullptr ? GUMBO_TAG_UNKNOWN : TagOf(part->parent);
    const bool blank = part->type == GUMBO_NODE_WHITESPACE;
    const bool shown = part->type == GUMBO_NODE_TEXT || part->type == GUMBO_NODE_CDATA || blank;
    if (shown && parent != GUMBO_TAG_SCRIPT && parent != GUMBO_TAG_STYLE) {
      text += part->v.text.text;
    }
    return true;
  });
  absl::RemoveExtraAsciiWhitespace(&text);
  return text;
}

}  // namespace frontdesk::knowledge::formats
