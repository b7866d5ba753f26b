#include "services/dialog/domain/intent.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {
namespace {

constexpr int kMaxDisplayNames = 10;
constexpr size_t kMaxDisplayNameCharacters = 100;
constexpr size_t kMaxLocaleCharacters = 35;  // longest tag of RFC 5646 without extensions

bool Names(const std::vector<std::string>& paths, std::string_view path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

bool IsLocale(std::string_view locale) {
  return !locale.empty() && locale.size() <= kMaxLocaleCharacters &&
         std::all_of(locale.begin(), locale.end(), [](char c) {
           return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z');
         });
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

absl::Status CheckDisplayNames(const v1::Intent& intent, const std::string& field) {
  if (intent.display_names().empty() || intent.display_names_size() > kMaxDisplayNames) {
    return InvalidField(field, "must be 1 to 10, one a language");
  }
  std::set<std::string_view> locales;
  for (const v1::LocalizedText& name : intent.display_names()) {
    if (!IsLocale(name.locale())) {
      return InvalidField(field + ".locale", "must be a language tag of 1 to 35 characters");
    }
    if (!locales.insert(name.locale()).second) {
      return InvalidField(field + ".locale", "must not come twice");
    }
    if (IsBlank(name.text()) || CountCharacters(name.text()) > kMaxDisplayNameCharacters) {
      return InvalidField(field + ".text", "must have 1 to 100 characters");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckExamples(const v1::Intent& intent, const std::string& field) {
  if (intent.examples_size() > kMaxExamples) return InvalidField(field, "must be at most 500");
  size_t bytes = 0;
  for (int i = 0; i < intent.examples_size(); ++i) {
    const v1::IntentExample& example = intent.examples(i);
    const std::string item = fmt::format("{}[{}]", field, i);
    if (!IsLocale(example.locale())) {
      return InvalidField(item + ".locale", "must be a language tag of 1 to 35 characters");
    }
    if (IsBlank(example.text()) || CountCharacters(example.text()) > kMaxExampleCharacters) {
      return InvalidField(item + ".text", "must have 1 to 500 characters");
    }
    bytes += example.text().size();
  }
  if (bytes <= kMaxExampleBytes) return absl::OkStatus();
  return InvalidField(field, "must have at most 64 KiB of text together");
}

bool Same(const v1::LocalizedText& a, const v1::LocalizedText& b) {
  return a.locale() == b.locale() && a.text() == b.text();
}
bool Same(const v1::IntentExample& a, const v1::IntentExample& b) {
  return a.locale() == b.locale() && a.text() == b.text();
}

// Takes `wanted` over; true when it differs.
template <class Items>
bool Take(const Items& wanted, Items& items) {
  const bool same = std::equal(wanted.begin(), wanted.end(), items.begin(), items.end(),
                               [](const auto& a, const auto& b) { return Same(a, b); });
  if (!same) items = wanted;
  return !same;
}

}  // namespace

absl::Status CheckIntent(const v1::Intent& intent, const std::vector<std::string>& paths,
                         std::string_view prefix) {
  const std::string before(prefix);
  if (Names(paths, "display_names")) {
    FD_RETURN_IF_ERROR(CheckDisplayNames(intent, before + "display_names"));
  }
  if (Names(paths, "action") && !v1::IntentAction_IsValid(intent.action())) {
    return InvalidField(before + "action", "is not an action");
  }
  if (Names(paths, "urgency") && !common::v1::Priority_IsValid(intent.urgency())) {
    return InvalidField(before + "urgency", "is not a priority");
  }
  return Names(paths, "examples") ? CheckExamples(intent, before + "examples") : absl::OkStatus();
}

const std::vector<std::string>& AllIntentPaths() {
  static const auto* const kPaths =
      new std::vector<std::string>{"display_names", "action", "urgency", "examples"};
  return *kPaths;
}

absl::StatusOr<std::vector<std::string>> IntentPaths(const v1::UpdateIntentRequest& request) {
  std::vector<std::string> paths;
  if (!request.has_update_mask()) {
    const v1::Intent& intent = request.intent();
    if (!intent.display_names().empty()) paths.emplace_back("display_names");
    if (intent.action() != v1::INTENT_ACTION_UNSPECIFIED) paths.emplace_back("action");
    if (intent.urgency() != common::v1::PRIORITY_UNSPECIFIED) paths.emplace_back("urgency");
    if (!intent.examples().empty()) paths.emplace_back("examples");
    return paths;
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "*") return AllIntentPaths();
    if (!Names(AllIntentPaths(), path)) {
      return InvalidField("update_mask",
                          "may name display_names, action, urgency and examples only");
    }
    paths.push_back(path);
  }
  return paths;
}

bool ChangeIntent(const v1::Intent& wanted, const std::vector<std::string>& paths,
                  v1::Intent& intent) {
  bool changed = false;
  if (Names(paths, "display_names")) {
    changed |= Take(wanted.display_names(), *intent.mutable_display_names());
  }
  if (Names(paths, "action")) {
    const auto action = wanted.action() == v1::INTENT_ACTION_UNSPECIFIED ? v1::INTENT_ACTION_ANSWER
                                                                         : wanted.action();
    changed |= action != intent.action();
    intent.set_action(action);
  }
  if (Names(paths, "urgency")) {
    changed |= wanted.urgency() != intent.urgency();
    intent.set_urgency(wanted.urgency());
  }
  if (Names(paths, "examples")) {
    changed |= Take(wanted.examples(), *intent.mutable_examples());
    intent.set_example_count(intent.examples_size());
  }
  return changed;
}

std::string_view DisplayName(const v1::Intent& intent, std::string_view language) {
  const auto tongue = [](std::string_view tag) { return tag.substr(0, tag.find('-')); };
  const v1::LocalizedText* best = nullptr;
  for (const v1::LocalizedText& name : intent.display_names()) {
    if (name.locale() == language) return name.text();
    if (best == nullptr && tongue(name.locale()) == tongue(language)) best = &name;
  }
  if (best == nullptr && !intent.display_names().empty()) best = &intent.display_names(0);
  return best == nullptr ? std::string_view() : std::string_view(best->text());
}

}  // namespace frontdesk::dialog
