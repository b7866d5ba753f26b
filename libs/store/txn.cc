#include "libs/store/txn.h"

#include "libs/base/error.h"

namespace frontdesk::store {

absl::StatusOr<std::optional<std::string>> Txn::Get(std::string_view key) const {
  if (const auto* changed = overlay_.Find(key); changed != nullptr) return *changed;
  return base_.Get(key);
}

absl::Status Txn::Scan(std::string_view prefix, std::string_view start, RowVisitor visit) const {
  return overlay_.Scan(base_, prefix, start, visit);
}

absl::Status Txn::ScanBackward(std::string_view prefix, std::string_view before,
                               RowVisitor visit) const {
  return overlay_.ScanBackward(base_, prefix, before, visit);
}

void Txn::Put(std::string key, std::string value) {
  bytes_ += key.size() + value.size();
  overlay_.Set(std::move(key), std::move(value));
}

void Txn::Delete(std::string key) {
  bytes_ += key.size();
  overlay_.Set(std::move(key), std::nullopt);
}

absl::Status Txn::CheckLimits() const {
  const size_t rows =
      overlay_.rows().size() + events_.size() + timers_set_.size() + timers_cancelled_.size();
  size_t bytes = bytes_;
  for (const OutgoingEvent& event : events_) {
    if (event.value.size() > kMaxEventBytes) {
      return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "EVENT_TOO_LARGE",
                                "an event is larger than 256 KiB"),
                          "type", event.type);
    }
    bytes += event.value.size();
  }
  if (rows > kMaxTxnRows || bytes > kMaxTxnBytes) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_ROWS",
                 "one command may touch at most 1000 rows and 1 MiB");
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::store
