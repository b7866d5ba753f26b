#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gumbo.h>

namespace frontdesk::knowledge::formats {

inline constexpr int kHtmlDepthMax = 200;

// A parsed page. Its nodes live as long as it, in one arena: Gumbo frees a tree by recursion, which
// a page made for it would let run out of stack.
class HtmlTree {
 public:
  // `html` must live as long as the tree. Of a page that is nested too deeply `root` is null.
  explicit HtmlTree(std::string_view html);
  ~HtmlTree();
  HtmlTree(const HtmlTree&) = delete;
  HtmlTree& operator=(const HtmlTree&) = delete;

  const GumboNode* root() const { return root_; }
  // The first element of this kind, in document order; null = there is none.
  const GumboNode* Find(GumboTag tag) const;

 private:
  class Arena;
  std::unique_ptr<Arena> arena_;
  const GumboNode* root_ = nullptr;
};

// "" when it has none of this name.
std::string_view Attribute(const GumboNode* node, const char* name);
GumboTag TagOf(const GumboNode* node);  // GUMBO_TAG_UNKNOWN for what is no element
// All text below it but of scripts and styles, blanks made one.
std::string TextOf(const GumboNode* node);

}  // namespace frontdesk::knowledge::formats
