#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace frontdesk::channel {

// Who waits for messages of which customer in this process: chat connections and long polls. Only
// wakes them; what they missed they read from the store. Owned by the App. Thread safe.
class MessageFeed {
 public:
  // Called on the thread that tells; must not block and must not call the feed.
  using Wake = std::function<void()>;

  // Ends when destroyed; `Wake` may still be running then, so it holds what it touches weakly.
  class Subscription {
   public:
    Subscription() = default;
    ~Subscription() { Cancel(); }
    Subscription(Subscription&& other) noexcept { *this = std::move(other); }
    Subscription& operator=(Subscription&& other) noexcept;
    void Cancel();

   private:
    friend class MessageFeed;
    MessageFeed* feed_ = nullptr;
    std::string subject_;
    uint64_t id_ = 0;
  };

  Subscription Subscribe(std::string_view tenant, std::string_view customer, Wake wake);
  // Wakes everybody who waits for the customer. False when nobody does.
  bool Tell(std::string_view tenant, std::string_view customer);
  bool HasListener(std::string_view tenant, std::string_view customer);

 private:
  void Cancel(const std::string& subject, uint64_t id);

  std::mutex mu_;
  uint64_t next_id_ = 1;  // guarded by mu_
  // guarded by mu_
  absl::flat_hash_map<std::string, absl::flat_hash_map<uint64_t, std::shared_ptr<Wake>>> waiting_;
};

}  // namespace frontdesk::channel
