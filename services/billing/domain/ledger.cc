#include "services/billing/domain/ledger.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

constexpr std::string_view kRevenueMessages = "revenue/messages";
constexpr std::string_view kRevenueBotResolutions = "revenue/bot-resolutions";
constexpr std::array<std::string_view, 5> kAccounts = {
    ledger_account::kUnbilled, ledger_account::kReceivable, ledger_account::kBaseFee,
    kRevenueMessages, kRevenueBotResolutions};

absl::Status Unbalanced(std::string_view why) {
  return Error(absl::StatusCode::kInternal, "LEDGER_UNBALANCED", why);
}

void AddPosting(std::string_view ledger_account, const Money& amount, std::string_view account,
                records::LedgerGroupRecord& group) {
  if (amount.micros == 0) return;
  records::Posting& posting = *group.add_postings();
  posting.set_ledger_account(std::string(ledger_account));
  ToProto(amount, posting.mutable_amount());
  posting.set_account(std::string(account));
}

absl::Status AddCredit(std::string_view ledger_account, const Money& amount,
                       std::string_view account, records::LedgerGroupRecord& group) {
  FD_ASSIGN_OR_RETURN(const Money credit, Negate(amount));
  AddPosting(ledger_account, credit, account, group);
  return absl::OkStatus();
}

// The place of the balance; made where the order of account and currency wants it.
v1::LedgerBalance& BalanceOf(const records::Posting& posting, records::BalancesRecord& balances) {
  const auto key = [](const std::string& account, const common::v1::Money& money) {
    return std::pair<std::string_view, std::string_view>(account, money.currency_code());
  };
  auto& list = *balances.mutable_balances();
  const auto wanted = key(posting.ledger_account(), posting.amount());
  int place = 0;
  while (place < list.size() && key(list[place].ledger_account(), list[place].balance()) < wanted) {
    ++place;
  }
  if (place < list.size() && key(list[place].ledger_account(), list[place].balance()) == wanted) {
    return list[place];
  }
  v1::LedgerBalance& made = *list.Add();
  made.set_ledger_account(posting.ledger_account());
  made.mutable_balance()->set_currency_code(posting.amount().currency_code());
  for (int i = list.size() - 1; i > place; --i) list.SwapElements(i, i - 1);
  return list[place];
}

}  // namespace

std::string_view RevenueAccount(v1::Meter meter) {
  return meter == v1::METER_BOT_RESOLUTIONS ? kRevenueBotResolutions : kRevenueMessages;
}

bool IsLedgerAccount(std::string_view name) {
  return std::find(kAccounts.begin(), kAccounts.end(), name) != kAccounts.end();
}

absl::StatusOr<records::LedgerGroupRecord> AccrualGroup(const std::vector<RatedUse>& uses) {
  records::LedgerGroupRecord group;
  std::map<v1::Meter, Money> by_meter;
  Money total;
  std::string account;
  for (const RatedUse& use : uses) {
    const bool first = total.currency.empty();
    if (first) {
      total = {use.amount.currency, 0};
      account = use.account;
    }
    if (account != use.account) account.clear();
    FD_ASSIGN_OR_RETURN(total, Add(total, use.amount));
    Money& sum = by_meter.try_emplace(use.meter, Money{use.amount.currency, 0}).first->second;
    FD_ASSIGN_OR_RETURN(sum, Add(sum, use.amount));
  }
  AddPosting(ledger_account::kUnbilled, total, account, group);
  for (const auto& [meter, sum] : by_meter) {
    FD_RETURN_IF_ERROR(AddCredit(RevenueAccount(meter), sum, account, group));
  }
  return group;
}

absl::StatusOr<records::LedgerGroupRecord> InvoiceGroup(const v1::Invoice& invoice,
                                                        std::string_view account) {
  records::LedgerGroupRecord group;
  const Money total = FromProto(invoice.total());
  Money base_fee{total.currency, 0};
  Money use{total.currency, 0};
  for (const v1::InvoiceLine& line : invoice.lines()) {
    Money& sum = line.meter() == v1::METER_UNSPECIFIED ? base_fee : use;
    FD_ASSIGN_OR_RETURN(sum, Add(sum, FromProto(line.amount())));
  }
  AddPosting(ledger_account::kReceivable, total, account, group);
  FD_RETURN_IF_ERROR(AddCredit(ledger_account::kBaseFee, base_fee, account, group));
  FD_RETURN_IF_ERROR(AddCredit(ledger_account::kUnbilled, use, account, group));
  return group;
}

absl::Status CheckGroup(const records::LedgerGroupRecord& group) {
  if (group.postings_size() < 2) return Unbalanced("a group needs two postings at least");
  std::map<std::string, Money> sums;
  for (const records::Posting& posting : group.postings()) {
    const Money amount = FromProto(posting.amount());
    FD_RETURN_IF_ERROR(ValidateMoney(amount, "amount"));
    if (amount.micros == 0) return Unbalanced("a posting of zero says nothing");
    if (!IsLedgerAccount(posting.ledger_account())) return Unbalanced("unknown ledger account");
    Money& sum = sums.try_emplace(amount.currency, Money{amount.currency, 0}).first->second;
    FD_ASSIGN_OR_RETURN(sum, Add(sum, amount));
  }
  for (const auto& [currency, sum] : sums) {
    if (sum.micros != 0) {
      return WithMetadata(Unbalanced("the postings of a group do not sum to zero"), "difference",
                          Format(sum));
    }
  }
  return absl::OkStatus();
}

absl::Status PostGroup(const records::LedgerGroupRecord& group, records::BalancesRecord& balances) {
  FD_RETURN_IF_ERROR(CheckGroup(group));
  records::BalancesRecord after = balances;
  for (const records::Posting& posting : group.postings()) {
    v1::LedgerBalance& balance = BalanceOf(posting, after);
    FD_ASSIGN_OR_RETURN(const Money sum,
                        Add(FromProto(balance.balance()), FromProto(posting.amount())));
    ToProto(sum, balance.mutable_balance());
    balance.set_entry_count(balance.entry_count() + 1);
  }
  balances = std::move(after);
  return absl::OkStatus();
}

}  // namespace frontdesk::billing
