#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/message.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bus/wire.h"
#include "libs/store/command.h"

namespace frontdesk::bus {

// What the prepare step of an event found out; travels in the command to the handler. Empty when
// there was no such step, or it failed or was late (Context::unprepared).
class Prepared {
 public:
  Prepared() = default;
  template <class T>
  static Prepared Of(T value) {
    Prepared prepared;
    prepared.value_ = std::make_shared<const std::any>(std::move(value));
    return prepared;
  }
  // nullptr when empty or of another type.
  template <class T>
  const T* Get() const {
    return value_ == nullptr ? nullptr : std::any_cast<T>(value_.get());
  }
  bool empty() const { return value_ == nullptr; }

 private:
  std::shared_ptr<const std::any> value_;
};

// Call it once, on any thread, even after the deadline (then it has no effect). An empty Prepared
// says that preparing failed: the handler runs with Context::unprepared.
using PrepareDone = absl::AnyInvocable<void(Prepared)>;

// Which events a service listens to and what it does with them: one line each in its consumer.cc.
//
//   routes.On<channel::v1::ChannelEvent>(topics::kChannel, "frontdesk.channel.v1.MessageReceived",
//                                        HandleMessageReceived, PrepareMessageReceived);
//
// Handlers run on the committer threads of all shards, prepare steps on the prepare pool: both must
// be safe to call from several threads. An event whose type has no route is skipped and counted.
// Filled while the service is put together, constant afterwards.
class EventRoutes {
 public:
  template <class Event>
  using Handler = std::function<absl::Status(const Event&, const Prepared&, const store::Context&,
                                             store::Txn&)>;
  // Slow work: may block until `deadline` (from now), or return and call `done` later.
  template <class Event>
  using Prepare = std::function<void(std::shared_ptr<const Event>, const EventInfo&,
                                     absl::Duration deadline, PrepareDone done)>;

  struct Route {
    std::string topic;
    std::string type;
    std::function<std::shared_ptr<google::protobuf::Message>()> make;
    Handler<google::protobuf::Message> handle;
    Prepare<google::protobuf::Message> prepare;  // null: none
  };

  template <class Event>
  void On(std::string_view topic, std::string_view type, Handler<Event> handle,
          Prepare<Event> prepare = nullptr) {
    Route route{std::string(topic), std::string(type), [] { return std::make_shared<Event>(); },
                [handle = std::move(handle)](const google::protobuf::Message& event,
                                             const Prepared& prepared,
                                             const store::Context& context, store::Txn& txn) {
                  return handle(static_cast<const Event&>(event), prepared, context, txn);
                },
                nullptr};
    if (prepare) {
      route.prepare = [prepare = std::move(prepare)](
                          std::shared_ptr<const google::protobuf::Message> event,
                          const EventInfo& info, absl::Duration deadline, PrepareDone done) {
        prepare(std::static_pointer_cast<const Event>(std::move(event)), info, deadline,
                std::move(done));
      };
    }
    Add(std::move(route));
  }

  // nullptr when the service does not listen to it.
  const Route* Find(std::string_view topic, std::string_view type) const;
  const std::set<std::string>& topics() const { return topics_; }

 private:
  void Add(Route route);

  using ByType = std::map<std::string, std::unique_ptr<Route>, std::less<>>;
  std::map<std::string, ByType, std::less<>> routes_;  // by topic
  std::set<std::string> topics_;
};

// The event in `value`. INVALID_ARGUMENT (EVENT_UNDECODABLE) when it is no protobuf of the route's
// message, or its `payload` is not what the type says: handlers may rely on the payload being set.
absl::StatusOr<std::shared_ptr<const google::protobuf::Message>> DecodeEvent(
    const EventRoutes::Route& route, std::string_view value);

}  // namespace frontdesk::bus
