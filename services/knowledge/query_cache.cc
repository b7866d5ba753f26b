#include "services/knowledge/query_cache.h"

#include "libs/base/absl_interop.h"

namespace frontdesk::knowledge {
namespace {

// List node, map slot, strings' own.
constexpr size_t kEntryBytes = 192;

}  // namespace

size_t QueryCache::BytesOf(const Entries::value_type& entry) {
  return 2 * entry.first.size() + entry.second.size() + kEntryBytes;
}

std::optional<std::string> QueryCache::Find(std::string_view key) {
  const std::lock_guard lock(mu_);
  const auto found = by_key_.find(ToAbsl(key));
  if (found == by_key_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void QueryCache::Insert(std::string key, std::string reply) {
  const std::lock_guard lock(mu_);
  if (by_key_.contains(key)) return;
  entries_.emplace_front(key, std::move(reply));
  bytes_ += BytesOf(entries_.front());
  by_key_.emplace(std::move(key), entries_.begin());
  while (bytes_ > bytes_max_) {
    bytes_ -= BytesOf(entries_.back());
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

size_t QueryCache::bytes() const {
  const std::lock_guard lock(mu_);
  return bytes_;
}

}  // namespace frontdesk::knowledge
