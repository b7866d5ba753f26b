#include "services/channel/message_feed.h"

#include <utility>
#include <vector>

#include <fmt/core.h>

namespace frontdesk::channel {
namespace {

std::string Subject(std::string_view tenant, std::string_view customer) {
  return fmt::format("{}/{}", tenant, customer);
}

}  // namespace

MessageFeed::Subscription& MessageFeed::Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  Cancel();
  feed_ = std::exchange(other.feed_, nullptr);
  subject_ = std::move(other.subject_);
  id_ = other.id_;
  return *this;
}

void MessageFeed::Subscription::Cancel() {
  if (feed_ != nullptr) std::exchange(feed_, nullptr)->Cancel(subject_, id_);
}

MessageFeed::Subscription MessageFeed::Subscribe(std::string_view tenant, std::string_view customer,
                                                 Wake wake) {
  Subscription subscription;
  subscription.feed_ = this;
  subscription.subject_ = Subject(tenant, customer);
  const std::lock_guard lock(mu_);
  subscription.id_ = next_id_++;
  waiting_[subscription.subject_][subscription.id_] = std::make_shared<Wake>(std::move(wake));
  return subscription;
}

bool MessageFeed::Tell(std::string_view tenant, std::string_view customer) {
  std::vector<std::shared_ptr<Wake>> wakes;
  {
    const std::lock_guard lock(mu_);
    const auto found = waiting_.find(Subject(tenant, customer));
    if (found == waiting_.end()) return false;
    for (const auto& [id, wake] : found->second) wakes.push_back(wake);
  }
  for (const auto& wake : wakes) (*wake)();
  return true;
}

bool MessageFeed::HasListener(std::string_view tenant, std::string_view customer) {
  const std::lock_guard lock(mu_);
  return waiting_.contains(Subject(tenant, customer));
}

void MessageFeed::Cancel(const std::string& subject, uint64_t id) {
  const std::lock_guard lock(mu_);
  const auto found = waiting_.find(subject);
  if (found == waiting_.end()) return;
  found->second.erase(id);
  if (found->second.empty()) waiting_.erase(found);
}

}  // namespace frontdesk::channel
