#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/channel/v1/channel.pb.h"

namespace frontdesk::channel {

// What one attempt to hand a message to its channel came to.
struct DeliveryOutcome {
  enum class Kind {
    kTaken,    // the channel has it: DELIVERED
    kWaiting,  // the customer's side fetches and acknowledges it: stays SENDING
    kRetry,    // not now; try again after `retry_after`
    kRefused,  // for good: FAILED, REJECTED
  };
  Kind kind = Kind::kWaiting;
  std::string channel_message_id = {};  // kTaken: what the channel called it; may be empty
  absl::Duration retry_after = absl::ZeroDuration();
  std::string why = {};  // for the log; never customer text
};

// One outbound message on its way.
struct Outbound {
  std::string tenant;  // ids
  std::string customer;
  std::string channel_account;
  v1::ChannelAccount account;
  v1::Message message;
  std::string text;  // plain; empty when its key is destroyed
};

// How one kind of channel account takes messages out: the contract of every channel. Owned by the
// App, shared by all accounts of its kind. Thread safe.
class Adapter {
 public:
  struct Description {
    v1::ChannelKind kind;
    std::string_view name;
    // The customer's side acknowledges what it has seen; else being taken is delivery.
    bool acknowledges = false;
  };
  struct Limits {
    size_t text_bytes_max = 0;
  };
  using Done = absl::AnyInvocable<void(DeliveryOutcome)>;

  virtual ~Adapter() = default;

  virtual Description describe() const = 0;
  virtual Limits limits() const = 0;
  // Whether an attempt for this customer could succeed now. Must not block.
  virtual bool availability(const Outbound& outbound) = 0;
  // The message in the channel's own form. INVALID_ARGUMENT when it can't be said there.
  virtual absl::StatusOr<std::string> render(const Outbound& outbound) const = 0;
  // Hands it over. `done` is called once, on any thread; may block up to the adapter's own timeout
  // only if it says so in its header.
  virtual void deliver(const Outbound& outbound, const std::string& rendered, Done done) = 0;
};

}  // namespace frontdesk::channel
