#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace frontdesk::config {

// A size in bytes: "512", "64KiB", "64MiB", "2GiB".
struct ByteSize {
  int64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

inline constexpr ByteSize KiB(int64_t n) { return {n << 10}; }
inline constexpr ByteSize MiB(int64_t n) { return {n << 20}; }
inline constexpr ByteSize GiB(int64_t n) { return {n << 30}; }

// One declared option: where its value goes and what it may be. Made by Fields::Add.
class Field {
 public:
  using Target = std::variant<bool*, int*, int64_t*, double*, std::string*, absl::Duration*,
                              ByteSize*, std::vector<std::string>*>;

  Field(std::string name, Target target, std::string description);

  // Both ends belong to the range. For int, int64, double, Duration and ByteSize fields.
  template <class T>
  Field& Range(T min, T max) {
    return NumericRange(AsNumber(min), AsNumber(max));
  }
  template <class T>
  Field& AtLeast(T min) {
    return NumericRange(AsNumber(min), kNoBound);
  }
  // For string fields.
  Field& OneOf(std::initializer_list<std::string_view> values);
  // For string and list fields.
  Field& Required();
  // For string fields: set through `<name>_file`, a path to a file that holds the value; the value
  // itself is never accepted in the open, and never printed.
  Field& Secret();

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  bool secret() const { return secret_; }
  bool is_bool() const { return std::holds_alternative<bool*>(target_); }
  // What a user writes: the name, or `<name>_file` for a secret.
  std::string key() const { return secret_ ? name_ + "_file" : name_; }
  // "duration", "size", "list" …
  std::string_view type_name() const;
  // "one of a, b", "100ms to 5s", "" without limits.
  std::string LimitText() const;

  // Parses into the target; INVALID_ARGUMENT says what form is expected. The target is unchanged
  // then.
  absl::Status SetText(std::string_view text);
  absl::Status SetList(std::vector<std::string> items);
  absl::Status CheckRequired() const;
  // As YAML; "***" for a secret that is set.
  std::string ValueText() const;

 private:
  static constexpr double kNoBound = 1e300;

  template <class T>
  static double AsNumber(T value) {
    if constexpr (std::is_same_v<T, absl::Duration>) {
      return absl::ToDoubleSeconds(value);
    } else if constexpr (std::is_same_v<T, ByteSize>) {
      return static_cast<double>(value.bytes);
    } else {
      return static_cast<double>(value);
    }
  }

  Field& NumericRange(double min, double max);
  absl::Status CheckRange(double value) const;
  std::string NumberText(double value) const;

  std::string name_;
  Target target_;
  std::string description_;
  bool secret_ = false;
  bool required_ = false;
  double min_ = -kNoBound;
  double max_ = kNoBound;
  std::vector<std::string> one_of_;
};

// The declared options of one configuration struct. The struct's initialisers are the defaults:
//
//   struct TicketConfig {
//     absl::Duration prepare_timeout = absl::Milliseconds(300);
//     store::StoreConfig store;
//     void Describe(config::Fields& fields) {
//       fields.Add("prepare_timeout", &prepare_timeout, "Longest preparation of a command.")
//           .Range(absl::Milliseconds(10), absl::Seconds(10));
//       fields.Section("store", store);
//     }
//   };
//
// Keeps pointers into the struct, which must outlive it and not move. Not thread-safe.
class Fields {
 public:
  Field& Add(std::string_view name, Field::Target target, std::string_view description);

  // Adds the fields of a nested struct as `name.field`.
  template <class Config>
  void Section(std::string_view name, Config& config) {
    const std::string outer = prefix_;
    prefix_ += std::string(name) + ".";
    config.Describe(*this);
    prefix_ = outer;
  }

  std::deque<Field>& all() { return fields_; }
  const std::deque<Field>& all() const { return fields_; }
  // By the key a user writes; nullptr when there is none.
  Field* Find(std::string_view key);
  std::vector<std::string> Keys() const;

 private:
  std::string prefix_;
  std::deque<Field> fields_;  // addresses must stay
};

}  // namespace frontdesk::config
