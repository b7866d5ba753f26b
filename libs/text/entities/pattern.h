#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/entities/entity.h"

namespace re2 {
class RE2;
}

namespace frontdesk::text {

inline constexpr size_t kPatternBytesMax = 1'000;
inline constexpr int kPatternProgramMax = 10'000;  // instructions: "(a{1000}){10}" has more
inline constexpr int64_t kPatternMemoryBytes = 1 << 20;
inline constexpr size_t kPatternMatchesMax = 500;  // a text

// An expression of a tenant's own, in RE2's syntax. Matching is linear in the text whatever the
// expression: what explodes in backtracking engines is harmless here, and what makes a large program
// is refused when it is compiled. Immutable, thread safe.
class Pattern {
 public:
  struct Options {
    std::string name;        // 1 to 64 characters [a-z0-9_-], told in Entity::name
    std::string expression;  // at most kPatternBytesMax
    bool ignore_case = true;
  };

  // INVALID_ARGUMENT (INVALID_FIELD) for a name or expression that can't be used, one that matches the
  // empty text, or one past the limits; the message says why.
  static absl::StatusOr<Pattern> Compile(Options options);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  const std::string& name() const { return name_; }

  // The leftmost matches, at most kPatternMatchesMax, none overlapping. `value` is the group named
  // "value", else the first group, else all of the match. REQUIRES: well-formed UTF-8.
  void Find(std::string_view text, EntityType type, std::vector<Entity>& out) const;

 private:
  Pattern(std::string name, std::unique_ptr<re2::RE2> expression, int group);

  std::string name_;
  std::unique_ptr<re2::RE2> expression_;
  int group_;  // of the value; 0 = the match
};

}  // namespace frontdesk::text
