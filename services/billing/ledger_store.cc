#include "services/billing/ledger_store.h"

#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/ledger.h"
#include "services/billing/names.h"

namespace frontdesk::billing {
namespace {

// Groups that a filtered list looks at in one call; then it answers with what it has and a token.
constexpr size_t kMaxRowsLookedAt = 2'000;

// Entry ids are "{group}-{number}"; groups are ULIDs, without a hyphen.
struct EntryId {
  std::string group;
  int number = 0;
};

absl::StatusOr<EntryId> ParseEntryId(std::string_view id) {
  EntryId parsed;
  const size_t hyphen = id.find('-');
  const char* end = id.data() + id.size();
  if (hyphen != std::string_view::npos) {
    parsed.group = std::string(id.substr(0, hyphen));
    const auto [rest, error] = std::from_chars(id.data() + hyphen + 1, end, parsed.number);
    if (error == std::errc() && rest == end && parsed.number > 0) return parsed;
  }
  return Error(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
               "the page token is not of this list");
}

std::string BalanceKey(const v1::LedgerBalance& balance) {
  return balance.ledger_account() + " " + balance.balance().currency_code();
}

}  // namespace

absl::Status WriteGroup(const db::Context& ctx, db::Txn& txn, std::string_view id,
                        std::string_view source, records::LedgerGroupRecord group) {
  if (group.postings().empty()) return absl::OkStatus();
  const std::string key = kBalances.Key(ctx.tenant);
  FD_ASSIGN_OR_RETURN(auto balances, kBalances.Find(txn, key));
  if (!balances.has_value()) balances.emplace();
  FD_RETURN_IF_ERROR(PostGroup(group, *balances));
  group.set_source(std::string(source));
  ToProto(ctx.now, group.mutable_create_time());
  kLedgerGroups.Put(txn, kLedgerGroups.Key(ctx.tenant, id), group);
  kBalances.Put(txn, key, *balances);
  return absl::OkStatus();
}

std::vector<v1::LedgerEntry> EntriesOf(std::string_view tenant, std::string_view group_id,
                                       const records::LedgerGroupRecord& group) {
  std::vector<v1::LedgerEntry> entries;
  for (const records::Posting& posting : group.postings()) {
    v1::LedgerEntry& entry = entries.emplace_back();
    entry.set_name(
        NameOf(tenant, collection::kLedgerEntries, fmt::format("{}-{}", group_id, entries.size())));
    entry.set_group_id(std::string(group_id));
    entry.set_ledger_account(posting.ledger_account());
    *entry.mutable_amount() = posting.amount();
    entry.set_source(group.source());
    entry.set_account(posting.account());
    *entry.mutable_create_time() = group.create_time();
  }
  return entries;
}

absl::Status ListEntries(const db::Reader& reader, std::string_view tenant,
                         const LedgerFilter& filter, const rpc::Page& page,
                         v1::ListLedgerEntriesResponse* response) {
  response->Clear();
  EntryId after;
  if (!page.after.empty()) {
    FD_ASSIGN_OR_RETURN(after, ParseEntryId(page.after));
  }
  const std::string prefix = filter.group_id.empty() ? kLedgerGroups.Key(tenant)
                                                     : kLedgerGroups.Key(tenant, filter.group_id);
  const std::string start =
      after.group.empty() ? std::string() : kLedgerGroups.Key(tenant, after.group);
  size_t looked_at = 0;
  std::string last_seen;
  absl::Status row_status;
  const auto visit = [&](std::string_view key, std::string_view value) {
    db::KeyReader fields(key);
    std::string skipped;
    std::string id;
    auto group = kLedgerGroups.Parse(value);
    if (!fields.Read(&skipped) || !fields.Read(&id) || !group.ok()) {
      row_status = db::CorruptRow(kLedgerGroups.name);
      return false;
    }
    int number = 0;
    for (v1::LedgerEntry& entry : EntriesOf(tenant, id, *group)) {
      ++number;
      if (id == after.group && number <= after.number) continue;
      if (response->ledger_entries_size() >= page.size || looked_at >= kMaxRowsLookedAt) {
        response->set_next_page_token(rpc::MakePageToken(last_seen, page.filter_hash));
        return false;
      }
      last_seen = IdOf(entry.name());
      if (filter.ledger_account.empty() || filter.ledger_account == entry.ledger_account()) {
        *response->add_ledger_entries() = std::move(entry);
      }
    }
    ++looked_at;
    return true;
  };
  FD_RETURN_IF_ERROR(reader.Scan(prefix, start, visit));
  return row_status;
}

absl::Status ListBalances(const db::Reader& reader, std::string_view tenant, const rpc::Page& page,
                          v1::ListLedgerBalancesResponse* response) {
  response->Clear();
  FD_ASSIGN_OR_RETURN(auto record, kBalances.Find(reader, kBalances.Key(tenant)));
  if (!record.has_value()) return absl::OkStatus();
  std::string last;
  for (v1::LedgerBalance& balance : *record->mutable_balances()) {
    std::string key = BalanceKey(balance);
    if (key <= page.after) continue;
    if (response->ledger_balances_size() >= page.size) {
      response->set_next_page_token(rpc::MakePageToken(last, page.filter_hash));
      return absl::OkStatus();
    }
    last = std::move(key);
    *response->add_ledger_balances() = std::move(balance);
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::billing
