#include "libs/store/commit_batch.h"

#include "libs/store/rocks_reader.h"

namespace frontdesk::store {

absl::StatusOr<std::optional<std::string>> CommitBatch::Get(std::string_view key) const {
  if (const auto* changed = changed_.Find(key); changed != nullptr) return *changed;
  return base_->Get(key);
}

absl::Status CommitBatch::Scan(std::string_view prefix, std::string_view start,
                               RowVisitor visit) const {
  return changed_.Scan(*base_, prefix, start, visit);
}

absl::Status CommitBatch::ScanBackward(std::string_view prefix, std::string_view before,
                                       RowVisitor visit) const {
  return changed_.ScanBackward(*base_, prefix, before, visit);
}

void CommitBatch::Put(std::string key, std::string value) {
  PutUnread(key, value);
  changed_.Set(std::move(key), std::move(value));
}

void CommitBatch::Delete(std::string key) {
  batch_.Delete(store_.Family(key), ToSlice(key));
  changed_.Set(std::move(key), std::nullopt);
}

void CommitBatch::PutUnread(std::string_view key, std::string_view value) {
  batch_.Put(store_.Family(key), ToSlice(key), ToSlice(value));
}

void CommitBatch::SingleDelete(std::string_view key) {
  batch_.SingleDelete(store_.Family(key), ToSlice(key));
}

void CommitBatch::Apply(Overlay& changes) {
  for (const auto& [key, value] : changes.rows()) {
    if (value.has_value()) {
      PutUnread(key, *value);
    } else {
      batch_.Delete(store_.Family(key), ToSlice(key));
    }
  }
  changed_.Absorb(changes);
}

}  // namespace frontdesk::store
