// What is counted: use, ledger, invoices, health.
#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/topics.h"
#include "tests/sim/checks.h"
#include "tests/sim/list_all.h"

namespace frontdesk::sim {
namespace {

// Of the tenants' plan, which covers nothing but the base fee.
constexpr int64_t kBaseFeeMicros = 49'000'000;

int64_t PriceMicros(billing::v1::Meter meter) {
  return meter == billing::v1::METER_MESSAGES ? 20'000 : 350'000;
}

// What a usage counts: a customer's message by the channel's own id, so that it counts once also
// when it was stored twice because its channel was restored; all else by its evidence.
std::string MeterKey(const std::string& tenant, const billing::v1::Usage& usage) {
  const bool inbound = usage.source().ends_with(".MessageReceived");
  return fmt::format(
      "{}/{}", static_cast<int>(usage.meter()),
      inbound ? fmt::format("tenants/{}/{}", tenant, usage.usage_id()) : usage.evidence(0));
}

}  // namespace

void Checks::CheckBilling(const std::string& tenant) {
  billing::v1::ListUsagesRequest request;
  request.set_parent("tenants/" + tenant);
  std::map<int, int64_t> rated;
  for (const auto& usage : ListAll<billing::v1::Usage, billing::BillingService>(
           &billing::BillingService::ListUsages, "ListUsages", tenant, request,
           &billing::v1::ListUsagesResponse::usages)) {
    if (usage.source() == "app") {
      const std::string fact = fmt::format("usage/{}/{}", tenant, usage.usage_id());
      ++Seen(fact);
      if (usage.quantity() != model_.quantities[fact]) {
        Fail(fmt::format("{} has the quantity {}", fact, usage.quantity()));
      }
    } else if (usage.evidence().empty() || ++metered_[MeterKey(tenant, usage)] > 1) {
      Fail(fmt::format("{} of {} is counted twice, or rests on nothing", usage.usage_id(),
                       usage.source()));
    }
    if (!usage.has_amount()) continue;
    if (usage.amount().micros() != usage.quantity() * PriceMicros(usage.meter())) {
      Fail(fmt::format("{} of {} units costs {} micros", usage.name(), usage.quantity(),
                       usage.amount().micros()));
    }
    rated[usage.meter()] += usage.amount().micros();
  }
  CheckLedger(tenant, rated);
  CheckInvoices(tenant);
}

// Groups and balances sum to zero, balances are the sums of entries, revenue is what was rated.
void Checks::CheckLedger(const std::string& tenant, const std::map<int, int64_t>& rated) {
  billing::v1::ListLedgerEntriesRequest entries;
  entries.set_parent("tenants/" + tenant);
  using Key = std::pair<std::string, std::string>;  // group or account, currency
  std::map<Key, int64_t> groups;
  std::map<Key, int64_t> sums;
  for (const auto& entry : ListAll<billing::v1::LedgerEntry, billing::BillingService>(
           &billing::BillingService::ListLedgerEntries, "ListLedgerEntries", tenant, entries,
           &billing::v1::ListLedgerEntriesResponse::ledger_entries)) {
    groups[{entry.group_id(), entry.amount().currency_code()}] += entry.amount().micros();
    sums[{entry.ledger_account(), entry.amount().currency_code()}] += entry.amount().micros();
  }
  for (const auto& [group, sum] : groups) {
    if (sum != 0) Fail(fmt::format("postings {} of {} sum to {}", group.first, tenant, sum));
  }
  billing::v1::ListLedgerBalancesRequest request;
  request.set_parent("tenants/" + tenant);
  std::map<Key, int64_t> balances;
  for (const auto& balance : ListAll<billing::v1::LedgerBalance, billing::BillingService>(
           &billing::BillingService::ListLedgerBalances, "ListLedgerBalances", tenant, request,
           &billing::v1::ListLedgerBalancesResponse::ledger_balances)) {
    balances[{balance.ledger_account(), balance.balance().currency_code()}] =
        balance.balance().micros();
  }
  if (balances != sums)
    Fail(fmt::format("the balances of {} are not those of its entries", tenant));
  const auto revenue = [&](const char* account, int meter) {
    const auto posted = sums.find({account, "EUR"});
    const auto priced = rated.find(meter);
    const int64_t credit = posted == sums.end() ? 0 : -posted->second;
    const int64_t owed = priced == rated.end() ? 0 : priced->second;
    if (credit != owed) {
      Fail(fmt::format("{} of {} is {} micros, use is rated at {}", account, tenant, credit, owed));
    }
  };
  revenue("revenue/messages", billing::v1::METER_MESSAGES);
  revenue("revenue/bot-resolutions", billing::v1::METER_BOT_RESOLUTIONS);
}

void Checks::CheckInvoices(const std::string& tenant) {
  billing::v1::ListInvoicesRequest request;
  request.set_parent("tenants/" + tenant);
  for (const auto& invoice : ListAll<billing::v1::Invoice, billing::BillingService>(
           &billing::BillingService::ListInvoices, "ListInvoices", tenant, request,
           &billing::v1::ListInvoicesResponse::invoices)) {
    ++Seen(fmt::format("invoice/{}/{}", tenant, invoice.period_start_time().seconds()));
    int64_t lines = 0;
    int64_t base_fee = 0;
    for (const auto& line : invoice.lines()) {
      lines += line.amount().micros();
      if (line.meter() == billing::v1::METER_UNSPECIFIED) base_fee += line.amount().micros();
    }
    int64_t postings = 0;
    for (const auto& posting : invoice.postings()) postings += posting.amount().micros();
    if (lines != invoice.total().micros() || postings != 0 || base_fee != kBaseFeeMicros) {
      Fail(fmt::format("{}: total {}, lines {}, postings {}, base fee {}", invoice.name(),
                       invoice.total().micros(), lines, postings, base_fee));
    }
  }
}

// Every message and every conversation that the bot resolved alone is counted once.
void Checks::CheckMeters() {
  std::map<std::string, bool> expected;
  for (const auto& event : EventsOf<channel::v1::ChannelEvent>(topics::kChannel)) {
    if (event.has_message_received()) {
      const channel::v1::Message& message = event.message_received().message();
      expected[fmt::format("1/{}/messages/{}", message.channel_account(),
                           message.channel_message_id())] = true;
    } else if (event.has_message_delivered()) {
      expected["1/" + event.message_delivered().message().name()] = true;
    }
  }
  for (const auto& event : EventsOf<dialog::v1::DialogEvent>(topics::kDialog)) {
    if (event.has_conversation_resolved() && event.conversation_resolved().bot_only()) {
      expected["2/" + event.conversation_resolved().conversation().name()] = true;
    }
  }
  for (const auto& [key, is_expected] : expected) {
    if (!metered_.contains(key)) Fail(fmt::format("{} is not counted", key));
  }
  for (const auto& [key, count] : metered_) {
    if (!expected.contains(key)) Fail(fmt::format("{} is counted and did not happen", key));
  }
}

void Checks::CheckHealth(const std::string& tenant) {
  health::v1::ListAccountsRequest request;
  request.set_parent("tenants/" + tenant);
  for (const auto& account : ListAll<health::v1::Account, health::HealthService>(
           &health::HealthService::ListAccounts, "ListAccounts", tenant, request,
           &health::v1::ListAccountsResponse::accounts)) {
    health::v1::GetHealthScoreRequest get;
    get.set_account(account.name());
    auto read = world_.Read<health::HealthService, health::v1::GetHealthScoreRequest,
                            health::v1::GetHealthScoreResponse>(
        &health::HealthService::GetHealthScore, "GetHealthScore", tenant, get);
    if (!read.ok()) {
      Fail(fmt::format("the score of {}: {}", account.name(), read.status()));
      continue;
    }
    const health::v1::HealthScore& score = read->health_score();
    int sum = 0;
    int weights = 0;
    for (const auto& part : score.contributions()) {
      sum += part.contribution_bps();
      weights += part.effective_weight_bps();
      CheckSignal(account.name(), part);
    }
    if (score.contributions_size() != 5 || (score.scored() && weights != 10'000) ||
        sum != score.score_bps()) {
      Fail(fmt::format("{}: score {} of {} parts that sum to {}, weights to {}", account.name(),
                       score.score_bps(), score.contributions_size(), sum, weights));
    }
  }
}

void Checks::CheckSignal(const std::string& account, const health::v1::Contribution& part) {
  // Outcomes of other services take part in the last dimension.
  if (part.dimension() == health::v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE) return;
  const auto known =
      model_.signals.find(fmt::format("{}/{}", account, static_cast<int>(part.dimension())));
  if (known == model_.signals.end() || known->second.last < 0) return;
  if (part.state() != health::v1::CONTRIBUTION_STATE_KNOWN ||
      (part.value_bps() != known->second.last &&
       !known->second.uncertain.contains(part.value_bps()))) {
    Fail(fmt::format("{} shows {} where {} was acknowledged last", known->first, part.value_bps(),
                     known->second.last));
  }
}

}  // namespace frontdesk::sim
