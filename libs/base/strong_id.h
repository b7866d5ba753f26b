#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "absl/status/status.h"

namespace frontdesk {

// An id that cannot be mistaken for the id of something else. Holds any text; what comes from
// outside passes ValidateId first.
template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  explicit StrongId(std::string_view value) : value_(value) {}
  explicit StrongId(const char* value) : value_(value) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

  template <class H>
  friend H AbslHashValue(H h, const StrongId& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  std::string value_;
};

using TenantId = StrongId<struct TenantIdTag>;
using CustomerId = StrongId<struct CustomerIdTag>;
using ConversationId = StrongId<struct ConversationIdTag>;
using TicketId = StrongId<struct TicketIdTag>;
using AgentId = StrongId<struct AgentIdTag>;
using ArticleId = StrongId<struct ArticleIdTag>;
using AccountId = StrongId<struct AccountIdTag>;
using MessageId = StrongId<struct MessageIdTag>;

// Ids are 1 to 63 characters of [a-z0-9-].
bool IsId(std::string_view id);
// INVALID_ARGUMENT naming `field` when `id` is not an id.
absl::Status ValidateId(std::string_view id, std::string_view field);

}  // namespace frontdesk

template <class Tag>
struct std::hash<frontdesk::StrongId<Tag>> {
  size_t operator()(const frontdesk::StrongId<Tag>& id) const noexcept {
    return std::hash<std::string>()(id.value());
  }
};

template <class Tag>
struct fmt::formatter<frontdesk::StrongId<Tag>> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const frontdesk::StrongId<Tag>& id, Context& context) const {
    return fmt::formatter<std::string_view>::format(id.value(), context);
  }
};
