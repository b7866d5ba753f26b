#include "libs/config/fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/config/parse.h"

namespace frontdesk::config {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

absl::Status Expected(std::string_view form) {
  return absl::InvalidArgumentError(ToAbsl(fmt::format("expected {}", form)));
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    items.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

std::string JoinQuoted(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ", ";
    out += Quote(item);
  }
  return out + "]";
}

}  // namespace

Field::Field(std::string name, Target target, std::string description)
    : name_(std::move(name)), target_(target), description_(std::move(description)) {
  FD_CHECK(IsFieldName(name_), "'{}' is no snake_case name", name_);
}

Field& Field::OneOf(std::initializer_list<std::string_view> values) {
  FD_CHECK(std::holds_alternative<std::string*>(target_), "{}: not a string", name_);
  one_of_.assign(values.begin(), values.end());
  return *this;
}

Field& Field::Required() {
  required_ = true;
  return *this;
}

Field& Field::Secret() {
  FD_CHECK(std::holds_alternative<std::string*>(target_), "{}: not a string", name_);
  secret_ = true;
  return *this;
}

Field& Field::NumericRange(double min, double max) {
  min_ = min;
  max_ = max;
  return *this;
}

std::string_view Field::type_name() const {
  return std::visit(
      Overloaded{[](bool*) { return "bool"; }, [](int*) { return "integer"; },
                 [](int64_t*) { return "integer"; }, [](double*) { return "number"; },
                 [](std::string*) { return "text"; }, [](absl::Duration*) { return "duration"; },
                 [](ByteSize*) { return "size"; },
                 [](std::vector<std::string>*) { return "list"; }},
      target_);
}

std::string Field::NumberText(double value) const {
  if (std::holds_alternative<absl::Duration*>(target_)) {
    return absl::FormatDuration(absl::Seconds(value));
  }
  if (std::holds_alternative<ByteSize*>(target_)) {
    return FormatByteSize(static_cast<int64_t>(value));
  }
  return FormatDouble(value);
}

std::string Field::LimitText() const {
  if (!one_of_.empty()) return fmt::format("one of {}", fmt::join(one_of_, ", "));
  const bool has_min = min_ != -kNoBound;
  const bool has_max = max_ != kNoBound;
  if (has_min && has_max) return fmt::format("{} to {}", NumberText(min_), NumberText(max_));
  if (has_min) return fmt::format("at least {}", NumberText(min_));
  if (has_max) return fmt::format("at most {}", NumberText(max_));
  return "";
}

absl::Status Field::CheckRange(double value) const {
  if (value >= min_ && value <= max_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      ToAbsl(fmt::format("{} is out of range, expected {}", NumberText(value), LimitText())));
}

absl::Status Field::SetText(std::string_view text) {
  // Checks the number's range before the target changes.
  const auto set = [this](auto* target, auto value, double number) {
    absl::Status status = CheckRange(number);
    if (status.ok()) *target = std::move(value);
    return status;
  };
  return std::visit(
      Overloaded{[&](bool* target) {
                   const auto value = ParseBool(text);
                   return value ? set(target, *value, 0) : Expected("true or false");
                 },
                 [&](int* target) {
                   const auto value = ParseInt64(text);
                   if (!value || *value > std::numeric_limits<int>::max() ||
                       *value < std::numeric_limits<int>::min()) {
                     return Expected("a whole number");
                   }
                   return set(target, static_cast<int>(*value), static_cast<double>(*value));
                 },
                 [&](int64_t* target) {
                   const auto value = ParseInt64(text);
                   return value ? set(target, *value, static_cast<double>(*value))
                                : Expected("a whole number");
                 },
                 [&](double* target) {
                   const auto value = ParseDouble(text);
                   return value ? set(target, *value, *value) : Expected("a number");
                 },
                 [&](std::string* target) {
                   if (!one_of_.empty() &&
                       std::find(one_of_.begin(), one_of_.end(), text) == one_of_.end()) {
                     return Expected(LimitText());
                   }
                   *target = text;
                   return absl::OkStatus();
                 },
                 [&](absl::Duration* target) {
                   const auto value = ParseDuration(text);
                   return value ? set(target, *value, AsNumber(*value))
                                : Expected("a duration such as 300ms or 1h30m");
                 },
                 [&](ByteSize* target) {
                   const auto value = ParseByteSize(text);
                   return value ? set(target, ByteSize{*value}, static_cast<double>(*value))
                                : Expected("a size such as 512, 64KiB or 2GiB");
                 },
                 [&](std::vector<std::string>* target) {
                   *target = SplitList(text);
                   return absl::OkStatus();
                 }},
      target_);
}

absl::Status Field::SetList(std::vector<std::string> items) {
  auto* const* target = std::get_if<std::vector<std::string>*>(&target_);
  if (target == nullptr) return Expected(fmt::format("a single value ({})", type_name()));
  **target = std::move(items);
  return absl::OkStatus();
}

absl::Status Field::CheckRequired() const {
  if (!required_) return absl::OkStatus();
  bool empty = false;
  if (auto* const* text = std::get_if<std::string*>(&target_)) empty = (*text)->empty();
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&target_))
    empty = (*list)->empty();
  if (!empty) return absl::OkStatus();
  return absl::InvalidArgumentError(ToAbsl(fmt::format("{} must be set", key())));
}

std::string Field::ValueText() const {
  if (secret_) return std::get<std::string*>(target_)->empty() ? "\"\"" : "\"***\"";
  return std::visit(Overloaded{[](const bool* v) { return std::string(*v ? "true" : "false"); },
                               [](const int* v) { return fmt::format("{}", *v); },
                               [](const int64_t* v) { return fmt::format("{}", *v); },
                               [](const double* v) { return FormatDouble(*v); },
                               [](const std::string* v) { return Quote(*v); },
                               [](const absl::Duration* v) { return absl::FormatDuration(*v); },
                               [](const ByteSize* v) { return FormatByteSize(v->bytes); },
                               [](const std::vector<std::string>* v) { return JoinQuoted(*v); }},
                    target_);
}

Field& Fields::Add(std::string_view name, Field::Target target, std::string_view description) {
  Field field(prefix_ + std::string(name), target, std::string(description));
  for (const Field& other : fields_) {
    FD_CHECK(other.name() != field.name(), "field {} is declared twice", field.name());
  }
  return fields_.emplace_back(std::move(field));
}

Field* Fields::Find(std::string_view key) {
  for (Field& field : fields_) {
    if (field.key() == key) return &field;
  }
  return nullptr;
}

std::vector<std::string> Fields::Keys() const {
  std::vector<std::string> keys;
  for (const Field& field : fields_) keys.push_back(field.key());
  return keys;
}

}  // namespace frontdesk::config
