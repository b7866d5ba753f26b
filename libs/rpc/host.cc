#include "libs/rpc/host.h"

#include "libs/rpc/deadlines.h"

namespace frontdesk::rpc {

Host::Host(Authenticator& authenticator, Clock& clock, RandomSource& random,
           telemetry::Metrics& metrics, Options options)
    : authenticator_(authenticator),
      clock_(clock),
      random_(random),
      metrics_(metrics),
      options_(options),
      deadlines_(std::make_unique<Deadlines>(clock, "rpc-deadlines")) {}

Host::~Host() = default;

void Host::EndCalls() {
  stopping_.store(true, std::memory_order_release);
  deadlines_->ExpireAll();
}

}  // namespace frontdesk::rpc
