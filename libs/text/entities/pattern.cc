#include "libs/text/entities/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::text {
namespace {

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

int ValueGroup(const re2::RE2& expression) {
  const auto& names = expression.NamedCapturingGroups();
  if (auto it = names.find("value"); it != names.end()) return it->second;
  return std::min(expression.NumberOfCapturingGroups(), 1);
}

}  // namespace

absl::StatusOr<Pattern> Pattern::Compile(Options options) {
  if (!IsName(options.name)) {
    return InvalidField("pattern.name", "must be 1 to 64 characters of [a-z0-9_-]");
  }
  if (options.expression.empty() || options.expression.size() > kPatternBytesMax) {
    return InvalidField("pattern.expression", "must have 1 to 1000 bytes");
  }
  re2::RE2::Options settings;
  settings.set_case_sensitive(!options.ignore_case);
  settings.set_max_mem(kPatternMemoryBytes);
  settings.set_log_errors(false);
  auto expression = std::make_unique<re2::RE2>(options.expression, settings);
  if (!expression->ok()) return InvalidField("pattern.expression", expression->error());
  if (expression->ProgramSize() > kPatternProgramMax ||
      expression->ReverseProgramSize() > kPatternProgramMax) {
    return InvalidField("pattern.expression", "makes too large a program");
  }
  if (re2::RE2::FullMatch("", *expression)) {
    return InvalidField("pattern.expression", "matches the empty text");
  }
  const int group = ValueGroup(*expression);
  if (group > 15) return InvalidField("pattern.expression", "has its value behind the 15th group");
  return Pattern(std::move(options.name), std::move(expression), group);
}

Pattern::Pattern(std::string name, std::unique_ptr<re2::RE2> expression, int group)
    : name_(std::move(name)), expression_(std::move(expression)), group_(group) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

void Pattern::Find(std::string_view text, EntityType type, std::vector<Entity>& out) const {
  const re2::StringPiece input(text.data(), text.size());
  std::array<re2::StringPiece, 16> groups;
  size_t from = 0;
  for (size_t match = 0; match < kPatternMatchesMax && from < text.size(); ++match) {
    if (!expression_->Match(input, from, text.size(), re2::RE2::UNANCHORED, groups.data(),
                            group_ + 1)) {
      return;
    }
    const auto begin = static_cast<size_t>(groups[0].data() - text.data());
    if (groups[0].empty()) {
      // At an edge ("\\b" alone): step over a character.
      from = begin + 1;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
      continue;
    }
    const re2::StringPiece& value = groups[static_cast<size_t>(group_)];
    Entity entity;
    entity.type = type;
    entity.begin = begin;
    entity.end = begin + groups[0].size();
    entity.name = name_;
    const bool has_value = value.data() != nullptr && !value.empty();
    entity.value = std::string(has_value ? value : groups[0]);
    out.push_back(std::move(entity));
    from = begin + groups[0].size();
  }
}

}  // namespace frontdesk::text
