#pragma once

#include <catch2/catch.hpp>

#include <rocksdb/db.h>

#include <optional>

#include <fmt/core.h>

#include "frontdesk/common/v1/event.pb.h"
#include "libs/base/error.h"
#include "libs/base/topics.h"
#include "libs/store/committer.h"
#include "libs/store/engine_keys.h"
#include "libs/store/outbox.h"
#include "libs/store/simulated_disk.h"
#include "libs/store/timer_scanner.h"

// What the tests of the committer share: a shard on a simulated disk and commands for it.
namespace frontdesk::store::testing {

inline constexpr uint8_t kRow = 0x20;

struct Published {
  rows::OutboxRow row;
  std::vector<std::pair<std::string, std::string>> headers;
};

// A shard's committer on a simulated disk, stepped by hand.
class Shard {
 public:
  Shard() { Open(true); }

  void Open(bool create) {
    Store::Options options{"/data/ticket/0", {"installation", "ticket", 0, 1}, create};
    auto opened = Store::Open(options, disk.environment(), clock.Now(), random);
    INFO(opened.status());
    REQUIRE(opened.ok());
    store = *std::move(opened);
    auto made = Committer::Open(
        {*store, clock, random, metrics, guard, [this](const absl::Status& s) { fatal = s; }},
        limits);
    INFO(made.status());
    REQUIRE(made.ok());
    committer = *std::move(made);
  }
  void Close() {
    committer.reset();
    store.reset();
  }
  void Crash() {
    store->Abandon();
    disk.Crash();
    Close();
    Open(false);
  }
  void Run() {
    while (committer->Step() || committer->DeliverStep()) {
    }
  }
  // Submits, runs, and gives what `done` was told.
  absl::Status Do(Command command) {
    std::optional<absl::Status> result;
    command.done = [&result](absl::Status status) { result = std::move(status); };
    committer->Submit(std::move(command));
    Run();
    REQUIRE(result.has_value());
    return *result;
  }
  std::optional<std::string> Get(const std::string& id) {
    std::optional<std::string> value;
    REQUIRE(store
                ->Read([&](const Reader& reader) -> absl::Status {
                  auto found = reader.Get(EncodeKey(kRow, id));
                  if (found.ok()) value = *found;
                  return found.status();
                })
                .ok());
    return value;
  }
  std::vector<Published> Outbox() {
    std::vector<Committer::OutboxEntry> entries;
    REQUIRE(committer->ReadOutbox(0, 1000, &entries).ok());
    std::vector<Published> parsed;
    for (const auto& entry : entries) {
      parsed.emplace_back();
      REQUIRE(parsed.back().row.ParseFromString(entry.row));
      parsed.back().headers = EventHeaders(parsed.back().row, "/frontdesk/ticket/0", entry.seq);
    }
    return parsed;
  }

  SimulatedDisk disk;
  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  uint64_t free_bytes = 1ull << 40;
  SpaceGuard guard{
      {.directory = "/data", .free_bytes = [this](const std::string&) { return free_bytes; }},
      metrics};
  Committer::Options limits;
  absl::Status fatal;
  std::unique_ptr<Store> store;
  std::unique_ptr<Committer> committer;
};

inline Command Rpc(Handler handler, std::string request_id = "") {
  Command command;
  command.method = "Test";
  command.tenant = "t1";
  command.actor = "mia";
  command.request_id = std::move(request_id);
  command.handle = std::move(handler);
  return command;
}

inline Handler PutRow(std::string id, std::string value) {
  return [=](const Context&, Txn& txn, Reply&) {
    txn.Put(EncodeKey(kRow, id), value);
    return absl::OkStatus();
  };
}

inline OutgoingEvent TicketEvent(const Context& context, std::string key) {
  OutgoingEvent event;
  event.topic = topics::kTicket;
  event.key = std::move(key);
  event.type = "frontdesk.ticket.v1.TicketCreated";
  event.subject = "tenants/t1/tickets/x";
  event.id = context.NewId();
  event.tenant = "t1";
  event.value = "value";
  return event;
}

inline std::string HeaderOf(const Published& event, std::string_view name) {
  for (const auto& [key, value] : event.headers) {
    if (key == name) return value;
  }
  return "";
}

inline Command Event(int64_t offset, uint64_t seq, uint64_t prev, Handler handler,
                     uint64_t epoch = 1) {
  Command command;
  command.source = Command::Source::kEvent;
  command.method = "frontdesk.dialog.v1.Test";
  command.tenant = "t1";
  command.handle = std::move(handler);
  command.delivery = Delivery{.bus_id = "bus",
                              .topic = "frontdesk.dialog.v1",
                              .topic_id = "topic-1",
                              .partition = 0,
                              .offset = offset,
                              .source = "/frontdesk/dialog/0",
                              .epoch = epoch,
                              .seq = seq,
                              .prev = prev,
                              .event_id = fmt::format("event-{}", offset),
                              .key = "t1/c1",
                              .value = std::make_shared<const std::string>("payload"),
                              .headers = nullptr};
  return command;
}

inline Handler Refuse(absl::Status status) {
  return [=](const Context&, Txn& txn, Reply&) {
    txn.Put(EncodeKey(kRow, "refused"), "x");
    return status;
  };
}

}  // namespace frontdesk::store::testing
