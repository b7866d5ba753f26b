#include "libs/store/shard_ledger.h"

#include <catch2/catch.hpp>

using namespace frontdesk;
using namespace frontdesk::store;

namespace {

// An empty store whose disk may fail.
class EmptyReader final : public Reader {
 public:
  bool fails = false;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view) const override {
    if (fails) return absl::UnavailableError("the disk does not answer");
    return std::optional<std::string>();
  }
  absl::Status Scan(std::string_view, std::string_view, RowVisitor) const override {
    return absl::OkStatus();
  }
  absl::Status ScanBackward(std::string_view, std::string_view, RowVisitor) const override {
    return absl::OkStatus();
  }
};

Delivery At(int64_t offset, uint64_t seq) {
  Delivery delivery;
  delivery.bus_id = "bus";
  delivery.topic = "frontdesk.dialog.v1";
  delivery.topic_id = "topic";
  delivery.offset = offset;
  delivery.epoch = seq == 0 ? 0 : 1;
  delivery.seq = seq;
  delivery.prev = seq == 0 ? 0 : seq - 1;
  return delivery;
}

using Verdict = ShardLedger::Verdict;

}  // namespace

TEST_CASE("of a new consumer, too, nothing passes an event that could not be judged") {
  // With numbers and without: a new consumer has nothing to compare them with.
  const bool numbered = GENERATE(true, false);
  const auto at = [&](int64_t offset) {
    return At(offset, numbered ? static_cast<uint64_t>(offset) + 10 : 0);
  };
  ShardLedger ledger({"installation", "ticket", 0, 1}, 1);
  EmptyReader reader;
  reader.fails = true;
  CHECK(IsTransient(ledger.Judge(at(0), reader).status().code()));
  reader.fails = false;
  CHECK(*ledger.Judge(at(1), reader) == Verdict::kOutOfOrder);
  reader.fails = true;
  CHECK(*ledger.Judge(at(2), reader) == Verdict::kOutOfOrder);  // known by now
  CHECK(*ledger.Judge(at(0), reader) == Verdict::kApply);
  ledger.Advance(at(0));
  CHECK(*ledger.Judge(at(1), reader) == Verdict::kApply);
}

TEST_CASE("a start position has no effect once something was read") {
  ShardLedger ledger({"installation", "ticket", 0, 1}, 1);
  const EmptyReader reader;
  rows::PositionRow start;
  start.set_bus_id("bus");
  start.set_topic("frontdesk.dialog.v1");
  start.set_next_offset(5);
  ledger.StartPosition(start);
  CHECK(*ledger.Judge(At(4, 1), reader) == Verdict::kDuplicate);
  CHECK(*ledger.Judge(At(5, 2), reader) == Verdict::kApply);
  ledger.Advance(At(5, 2));
  ledger.StartPosition(start);
  CHECK(*ledger.Judge(At(5, 2), reader) == Verdict::kDuplicate);
  // A switch of the bus begins anew, at the earliest: that is a place to start from again.
  start.set_next_offset(-1);
  ledger.SetPosition(start);
  start.set_next_offset(3);
  ledger.StartPosition(start);
  CHECK(*ledger.Judge(At(2, 9), reader) == Verdict::kDuplicate);
  CHECK(*ledger.Judge(At(3, 1), reader) == Verdict::kApply);
}
