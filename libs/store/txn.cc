#include "libs/store/txn.h"

#include "libs/base/error.h"
#include "libs/store/keys.h"

namespace frontdesk::store {
namespace {

// Merges the rows of the base, which arrive through a visitor, with the overlay's: Next() yields
// overlay rows up to a base key. `Before` says which of two keys comes first in scan direction.
template <class Iterator, class Before>
class OverlayMerge {
 public:
  OverlayMerge(Iterator next, Iterator end, Before before, Reader::RowVisitor visit)
      : next_(next), end_(end), before_(before), visit_(visit) {}

  // False when the visitor has had enough.
  bool OnBaseRow(std::string_view key, std::string_view value) {
    while (next_ != end_ && before_(next_->first, key)) {
      if (!EmitOverlay()) return false;
    }
    if (next_ != end_ && next_->first == key) return EmitOverlay();
    return Stop(visit_(key, value));
  }

  void Finish() {
    while (!stopped_ && next_ != end_) EmitOverlay();
  }

 private:
  bool EmitOverlay() {
    const auto& [key, value] = *next_;
    const bool go_on = !value.has_value() || visit_(key, *value);
    ++next_;
    return Stop(go_on);
  }
  bool Stop(bool go_on) {
    stopped_ = !go_on;
    return go_on;
  }

  Iterator next_;
  Iterator end_;
  Before before_;
  Reader::RowVisitor visit_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::optional<std::string>> Txn::Get(std::string_view key) const {
  const auto it = overlay_.find(key);
  if (it != overlay_.end()) return it->second;
  return base_.Get(key);
}

absl::Status Txn::Scan(std::string_view prefix, std::string_view start, RowVisitor visit) const {
  const auto first = overlay_.lower_bound(start.empty() ? prefix : start);
  const std::string prefix_end = PrefixEnd(prefix);
  const auto last = prefix_end.empty() ? overlay_.end() : overlay_.lower_bound(prefix_end);
  if (first == last) return base_.Scan(prefix, start, visit);
  const auto before = [](std::string_view a, std::string_view b) { return a < b; };
  OverlayMerge merge(first, last, before, visit);
  absl::Status status =
      base_.Scan(prefix, start, [&merge](std::string_view key, std::string_view value) {
        return merge.OnBaseRow(key, value);
      });
  if (status.ok()) merge.Finish();
  return status;
}

absl::Status Txn::ScanBackward(std::string_view prefix, std::string_view before,
                               RowVisitor visit) const {
  const std::string prefix_end = before.empty() ? PrefixEnd(prefix) : std::string(before);
  const auto upper = prefix_end.empty() ? overlay_.end() : overlay_.lower_bound(prefix_end);
  const auto lower = overlay_.lower_bound(prefix);
  if (lower == upper) return base_.ScanBackward(prefix, before, visit);
  const auto first = std::make_reverse_iterator(upper);
  const auto last = std::make_reverse_iterator(lower);
  const auto later = [](std::string_view a, std::string_view b) { return a > b; };
  OverlayMerge merge(first, last, later, visit);
  absl::Status status =
      base_.ScanBackward(prefix, before, [&merge](std::string_view key, std::string_view value) {
        return merge.OnBaseRow(key, value);
      });
  if (status.ok()) merge.Finish();
  return status;
}

void Txn::Put(std::string key, std::string value) {
  bytes_ += key.size() + value.size();
  overlay_.insert_or_assign(std::move(key), std::move(value));
}

void Txn::Delete(std::string key) {
  bytes_ += key.size();
  overlay_.insert_or_assign(std::move(key), std::nullopt);
}

absl::Status Txn::CheckLimits() const {
  const size_t rows =
      overlay_.size() + events_.size() + timers_set_.size() + timers_cancelled_.size();
  size_t bytes = bytes_;
  for (const OutgoingEvent& event : events_) {
    if (event.value.size() > kMaxEventBytes) {
      return WithMetadata(Error(absl::StatusCode::kResourceExhausted, "EVENT_TOO_LARGE",
                                "an event is larger than 256 KiB"),
                          "type", event.type);
    }
    bytes += event.value.size();
  }
  if (rows > kMaxTxnRows || bytes > kMaxTxnBytes) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
                 "one command may touch at most 1000 rows and 1 MiB");
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::store
