#include "libs/store/overlay.h"

#include <iterator>
#include <utility>

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

const std::optional<std::string>* Overlay::Find(std::string_view key) const {
  const auto it = rows_.find(key);
  return it == rows_.end() ? nullptr : &it->second;
}

void Overlay::Set(std::string key, std::optional<std::string> value) {
  rows_.insert_or_assign(std::move(key), std::move(value));
}

void Overlay::Absorb(Overlay& newer) {
  while (!newer.rows_.empty()) {
    auto inserted = rows_.insert(newer.rows_.extract(newer.rows_.begin()));
    if (!inserted.inserted) inserted.position->second = std::move(inserted.node.mapped());
  }
}

absl::Status Overlay::Scan(const Reader& base, std::string_view prefix, std::string_view start,
                           Reader::RowVisitor visit) const {
  const auto first = rows_.lower_bound(start.empty() ? prefix : start);
  const std::string prefix_end = PrefixEnd(prefix);
  const auto last = prefix_end.empty() ? rows_.end() : rows_.lower_bound(prefix_end);
  if (first == last) return base.Scan(prefix, start, visit);
  const auto before = [](std::string_view a, std::string_view b) { return a < b; };
  OverlayMerge merge(first, last, before, visit);
  absl::Status status =
      base.Scan(prefix, start, [&merge](std::string_view key, std::string_view value) {
        return merge.OnBaseRow(key, value);
      });
  if (status.ok()) merge.Finish();
  return status;
}

absl::Status Overlay::ScanBackward(const Reader& base, std::string_view prefix,
                                   std::string_view before, Reader::RowVisitor visit) const {
  const std::string prefix_end = before.empty() ? PrefixEnd(prefix) : std::string(before);
  const auto upper = prefix_end.empty() ? rows_.end() : rows_.lower_bound(prefix_end);
  const auto lower = rows_.lower_bound(prefix);
  if (lower == upper) return base.ScanBackward(prefix, before, visit);
  const auto first = std::make_reverse_iterator(upper);
  const auto last = std::make_reverse_iterator(lower);
  const auto later = [](std::string_view a, std::string_view b) { return a > b; };
  OverlayMerge merge(first, last, later, visit);
  absl::Status status =
      base.ScanBackward(prefix, before, [&merge](std::string_view key, std::string_view value) {
        return merge.OnBaseRow(key, value);
      });
  if (status.ok()) merge.Finish();
  return status;
}

}  // namespace frontdesk::store
