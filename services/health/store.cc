#include "services/health/store.h"

#include <charconv>

#include "libs/base/status_macros.h"
#include "libs/store/keys.h"
#include "services/health/domain/policy.h"
#include "services/health/keys.h"

namespace frontdesk::health {

using ::frontdesk::store::CorruptRow;
using ::frontdesk::store::KeyReader;
using ::frontdesk::store::KeyWriter;
using ::frontdesk::store::PrefixEnd;
using ::frontdesk::store::Reader;

absl::StatusOr<store::v1::AccountRecord> LoadAccount(const Reader& reader, const AccountRef& ref) {
  return keys::kAccounts.Load(reader, keys::kAccounts.Key(ref.tenant, ref.account), ref.Name());
}

absl::StatusOr<store::v1::PolicyRecord> LoadPolicy(const Reader& reader, std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto record, keys::kPolicies.Find(reader, keys::kPolicies.Key(tenant)));
  if (record.has_value()) return *std::move(record);
  store::v1::PolicyRecord defaults;
  *defaults.mutable_policy() = DefaultPolicy(tenant);
  return defaults;
}

absl::Status ListAccounts(const Reader& reader, std::string_view tenant, bool alert_only,
                          const PageBounds& bounds, std::vector<v1::Account>* accounts,
                          std::string* last) {
  const std::string prefix = alert_only ? keys::kInAlert.Key(tenant) : keys::kAccounts.Key(tenant);
  std::string start;
  if (!bounds.after.empty()) {
    start = PrefixEnd(std::move(KeyWriter(prefix).Add(bounds.after)).Take());
  }
  bool more = false;
  std::string id;
  absl::Status row_status;
  const auto visit = [&](std::string_view key, std::string_view value) {
    more = accounts->size() >= bounds.size;
    if (more) return false;
    KeyReader fields(key.substr(prefix.size() - 1));  // a reader skips one prefix byte
    if (!fields.Read(&id) || !fields.AtEnd()) {
      row_status = CorruptRow(keys::kAccounts.name);
      return false;
    }
    auto record =
        alert_only ? LoadAccount(reader, {std::string(tenant), id}) : keys::kAccounts.Parse(value);
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    accounts->push_back(std::move(*record->mutable_account()));
    return true;
  };
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, visit));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? id : std::string();
  return absl::OkStatus();
}

absl::Status ListScores(const Reader& reader, const AccountRef& ref, const PageBounds& bounds,
                        std::vector<v1::HealthScore>* scores, std::string* last) {
  FD_RETURN_IF_ERROR(LoadAccount(reader, ref).status());
  std::string before;
  if (!bounds.after.empty()) {
    uint64_t sequence = 0;
    std::from_chars(bounds.after.data(), bounds.after.data() + bounds.after.size(), sequence);
    before = keys::kScores.Key(ref.tenant, ref.account, sequence);
  }
  bool more = false;
  absl::Status row_status;
  const auto visit = [&](std::string_view, std::string_view value) {
    more = scores->size() >= bounds.size;
    if (more) return false;
    auto record = keys::kScores.Parse(value);
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    scores->push_back(std::move(*record->mutable_score()));
    return true;
  };
  FD_RETURN_IF_ERROR(
      reader.ScanBackward(keys::kScores.Key(ref.tenant, ref.account), before, visit));
  FD_RETURN_IF_ERROR(row_status);
  *last = more ? std::to_string(scores->back().sequence()) : std::string();
  return absl::OkStatus();
}

}  // namespace frontdesk::health
