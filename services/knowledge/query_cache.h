#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace frontdesk::knowledge {

// Replies of searches that were asked lately, by everything they depend on; least lately used first
// out, bounded by bytes. A key names the state of the index, so a reply of an older one is never found
// again and falls out in time. Thread safe, one short lock a call.
class QueryCache {
 public:
  // 0 bytes = keeps nothing.
  explicit QueryCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<std::string> Find(std::string_view key);
  void Insert(std::string key, std::string reply);
  size_t bytes() const;

 private:
  using Entries = std::list<std::pair<std::string, std::string>>;  // key, reply; latest used first
  static size_t BytesOf(const Entries::value_type& entry);

  const size_t bytes_max_;
  mutable std::mutex mu_;
  Entries entries_;                                             // guarded by mu_
  absl::flat_hash_map<std::string, Entries::iterator> by_key_;  // guarded by mu_
  size_t bytes_ = 0;                                            // guarded by mu_
};

}  // namespace frontdesk::knowledge
