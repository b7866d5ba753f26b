#pragma once

#include <thread>
#include <vector>

#include "libs/base/bounded_queue.h"
#include "libs/base/clock.h"
#include "services/channel/adapters/adapter.h"
#include "services/channel/adapters/http_post.h"
#include "services/channel/key_vault.h"

namespace frontdesk::channel {

// Replies as signed webhooks (Standard Webhooks) to the address of the channel account; the name of
// the message is its webhook-id, so a receiver can tell a repeated one. Any 2xx is DELIVERED; 410
// and other 4xx but 408, 425 and 429 are refusals; all else is tried again. An account without an
// address is read like OPEN_API. Owns its threads ("fd-webhook"), on which it blocks.
class WebhookAdapter final : public Adapter {
 public:
  struct Options {
    int threads = 2;
    size_t queue_max = 1000;
    absl::Duration timeout = absl::Seconds(10);
  };
  WebhookAdapter(const KeyVault& keys, Clock& clock, PostFn post, Options options);
  ~WebhookAdapter() override;

  Description describe() const override;
  Limits limits() const override;
  bool availability(const Outbound& outbound) override;
  absl::StatusOr<std::string> render(const Outbound& outbound) const override;
  void deliver(const Outbound& outbound, const std::string& rendered, Done done) override;

 private:
  struct Job {
    HttpPost post;
    Done done;
  };
  void Run();

  const KeyVault& keys_;
  Clock& clock_;
  const PostFn post_;
  const Options options_;
  BoundedQueue<Job> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::channel
