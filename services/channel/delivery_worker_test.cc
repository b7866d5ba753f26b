#include <catch2/catch.hpp>
#include <deque>

#include "services/channel/testing/channel_world.h"

namespace frontdesk::channel {
namespace {

using testing::ChannelWorld;

constexpr const char* kHook = "tenants/acme/channelAccounts/hook";

// Takes what the test tells it to take.
class FakeAdapter final : public Adapter {
 public:
  Description describe() const override {
    return {.kind = v1::CHANNEL_KIND_WEBHOOK, .name = "fake", .acknowledges = false};
  }
  Limits limits() const override { return {.text_bytes_max = 1000}; }
  bool availability(const Outbound&) override { return true; }
  absl::StatusOr<std::string> render(const Outbound& outbound) const override {
    return outbound.text;
  }
  void deliver(const Outbound&, const std::string& rendered, Done done) override {
    tried.push_back(rendered);
    DeliveryOutcome outcome;
    outcome.kind = DeliveryOutcome::Kind::kTaken;
    if (!outcomes.empty()) {
      outcome.kind = outcomes.front();
      outcomes.pop_front();
    }
    done(std::move(outcome));
  }

  std::vector<std::string> tried;
  std::deque<DeliveryOutcome::Kind> outcomes;
};

// A worker of its own beside the App's, over the same store.
struct Delivery {
  explicit Delivery(ChannelWorld& world)
      : metrics(world.metrics),
        worker({world.app->shards(), world.app->keys(), world.clock, metrics}, {}, {&adapter}),
        world(world) {}
  void Settle() {
    bool moved = true;
    while (moved) {
      moved = worker.Step(world.clock.Now());
      world.Settle();
    }
  }

  FakeAdapter adapter;
  ChannelMetrics metrics;
  DeliveryWorker worker;
  ChannelWorld& world;
};

TEST_CASE("a customer's messages are delivered in order, a failed one holds the others up") {
  ChannelWorld world;
  const std::string customer = world.Ingest("m1", "ada", "hello", kHook).customer();
  Delivery delivery(world);
  delivery.adapter.outcomes = {DeliveryOutcome::Kind::kRetry, DeliveryOutcome::Kind::kRetry};
  const v1::Message one = world.Send(customer, "one", kHook);
  const v1::Message two = world.Send(customer, "two", kHook);
  delivery.Settle();
  CHECK(delivery.adapter.tried == std::vector<std::string>{"one"});
  CHECK(world.Get(one.name()).state() == v1::MESSAGE_STATE_SENDING);
  world.clock.Advance(absl::Seconds(1));
  delivery.Settle();
  CHECK(delivery.adapter.tried.size() == 2);
  world.clock.Advance(absl::Seconds(1));
  delivery.Settle();
  CHECK(delivery.adapter.tried.size() == 2);  // the second pause is longer
  world.clock.Advance(absl::Seconds(1));
  delivery.Settle();
  CHECK(delivery.adapter.tried == std::vector<std::string>{"one", "one", "one", "two"});
  CHECK(world.Get(one.name()).state() == v1::MESSAGE_STATE_DELIVERED);
  CHECK(world.Get(two.name()).state() == v1::MESSAGE_STATE_DELIVERED);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageDelivered) == 2);
}

TEST_CASE("what waits is found again after a restart, and is not sent when it is final") {
  ChannelWorld world;
  const std::string customer = world.Ingest("m1", "ada", "hello", kHook).customer();
  const v1::Message one = world.Send(customer, "one", kHook);
  world.CrashFor(absl::Seconds(1));
  {
    Delivery delivery(world);
    delivery.Settle();
    CHECK(delivery.adapter.tried == std::vector<std::string>{"one"});
  }
  Delivery again(world);
  again.worker.Enqueue(
      {"acme", customer.substr(customer.rfind('/') + 1), "hook", one.sequence(), true});
  again.Settle();
  CHECK(again.adapter.tried.empty());
}

TEST_CASE("a refused message fails with an event, and the next one goes out") {
  ChannelWorld world;
  const std::string customer = world.Ingest("m1", "ada", "hello", kHook).customer();
  Delivery delivery(world);
  delivery.adapter.outcomes = {DeliveryOutcome::Kind::kRefused};
  const v1::Message one = world.Send(customer, "one", kHook);
  const v1::Message long_one = world.Send(customer, std::string(2000, 'x'), kHook);
  const v1::Message two = world.Send(customer, "two", kHook);
  delivery.Settle();
  CHECK(world.Get(one.name()).failure_reason() == v1::MESSAGE_FAILURE_REASON_REJECTED);
  CHECK(world.Get(long_one.name()).failure_reason() == v1::MESSAGE_FAILURE_REASON_REJECTED);
  CHECK(world.Get(two.name()).state() == v1::MESSAGE_STATE_DELIVERED);
  CHECK(world.CountEvents(v1::ChannelEvent::kMessageFailed) == 2);
}

}  // namespace
}  // namespace frontdesk::channel
