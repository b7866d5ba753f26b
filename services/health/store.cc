#include "services/health/store.h"

#include <charconv>

#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "libs/store/keys.h"
#include "services/health/domain/policy.h"
#include "services/health/keys.h"

namespace frontdesk::health {

using ::frontdesk::store::CorruptRow;
using ::frontdesk::store::KeyReader;
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
                          const rpc::Page& page, v1::ListAccountsResponse* response) {
  response->Clear();
  const std::string prefix = alert_only ? keys::kInAlert.Key(tenant) : keys::kAccounts.Key(tenant);
  const auto load = [&](std::string_view key,
                        std::string_view value) -> absl::StatusOr<store::v1::AccountRecord> {
    if (!alert_only) return keys::kAccounts.Parse(value);
    std::string id;
    KeyReader fields(key.substr(prefix.size() - 1));  // a reader skips one prefix byte
    if (!fields.Read(&id) || !fields.AtEnd()) return CorruptRow(keys::kInAlert.name);
    return LoadAccount(reader, {std::string(tenant), id});
  };
  return rpc::ScanPage(
      reader, prefix, page,
      [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(auto record, load(key, value));
        *response->add_accounts() = std::move(*record.mutable_account());
        return true;
      },
      response->mutable_next_page_token());
}

absl::Status ListScores(const Reader& reader, const AccountRef& ref, const rpc::Page& page,
                        v1::ListHealthScoresResponse* response) {
  response->Clear();
  FD_RETURN_IF_ERROR(LoadAccount(reader, ref).status());
  std::string before;
  if (!page.after.empty()) {
    uint64_t sequence = 0;
    std::from_chars(page.after.data(), page.after.data() + page.after.size(), sequence);
    before = keys::kScores.Key(ref.tenant, ref.account, sequence);
  }
  absl::Status row_status;
  const auto visit = [&](std::string_view, std::string_view value) {
    if (response->health_scores_size() >= page.size) {
      const auto last = response->health_scores().rbegin()->sequence();
      response->set_next_page_token(rpc::MakePageToken(std::to_string(last), page.filter_hash));
      return false;
    }
    auto record = keys::kScores.Parse(value);
    if (!record.ok()) {
      row_status = record.status();
      return false;
    }
    *response->add_health_scores() = std::move(*record->mutable_score());
    return true;
  };
  FD_RETURN_IF_ERROR(
      reader.ScanBackward(keys::kScores.Key(ref.tenant, ref.account), before, visit));
  return row_status;
}

}  // namespace frontdesk::health
