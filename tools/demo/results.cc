#include <map>
#include <set>

#include <fmt/core.h>

#include "libs/base/money.h"
#include "libs/base/status_macros.h"
#include "tools/demo/story.h"
#include "tools/demo/transcript.h"
#include "tools/demo/wait.h"

namespace frontdesk::demo {
namespace {

std::string Points(int32_t bps) { return fmt::format("{}.{:02}", bps / 100, bps % 100); }

std::string Amount(const common::v1::Money& money) {
  const int64_t micros = money.micros();
  const int64_t size = micros < 0 ? -micros : micros;
  return fmt::format("{}{}.{:06} {}", micros < 0 ? "-" : "", size / 1'000'000, size % 1'000'000,
                     money.currency_code());
}

// Lower case, words apart: "HEALTH_DIMENSION_DAILY_ACTIVE_RATE" -> "daily active rate".
std::string Words(const std::string& name, std::string_view prefix) {
  std::string words = name.substr(prefix.size());
  for (char& c : words) c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  return words;
}

const health::v1::Contribution* Feedback(const health::v1::HealthScore& score) {
  for (const auto& part : score.contributions()) {
    if (part.dimension() == health::v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE) return &part;
  }
  return nullptr;
}

// Messages of everybody who wrote; every reply must have been delivered.
absl::StatusOr<int64_t> CountMessages(Story& story, bool* all_delivered) {
  int64_t count = 0;
  *all_delivered = true;
  for (const std::string& customer : story.customers) {
    FD_ASSIGN_OR_RETURN(const auto messages, AllMessages(story.backend, kAgentToken, customer));
    count += static_cast<int64_t>(messages.size());
    for (const auto& message : messages) {
      if (message.direction() != channel::v1::MESSAGE_DIRECTION_OUTBOUND) continue;
      *all_delivered &= message.state() == channel::v1::MESSAGE_STATE_DELIVERED;
    }
  }
  return count;
}

int64_t QuantityOf(const billing::v1::Invoice& invoice, billing::v1::Meter meter) {
  for (const auto& line : invoice.lines()) {
    if (line.meter() == meter) return line.quantity();
  }
  return 0;
}

absl::StatusOr<billing::v1::Invoice> Preview(Story& story) {
  billing::v1::PreviewInvoiceRequest request;
  request.set_subscription(kSubscription);
  FD_ASSIGN_OR_RETURN(
      auto response,
      story.backend.Call<billing::v1::PreviewInvoiceResponse>(
          kAdminToken, "frontdesk.billing.v1.BillingService/PreviewInvoice", request));
  return std::move(*response.mutable_invoice());
}

template <class Rows, class MoneyOf>
void CheckBalanced(Checks& checks, std::string_view what, const Rows& rows, MoneyOf money_of) {
  std::map<std::string, int64_t> sums;
  for (const auto& row : rows) sums[money_of(row).currency_code()] += money_of(row).micros();
  checks.True(fmt::format("there are {}", what), !sums.empty(), "none");
  for (const auto& [currency, sum] : sums) {
    checks.Equal(fmt::format("sum of the {} in {} micros", what, currency), 0, sum);
  }
}

void CheckInvoice(Story& story, const billing::v1::Invoice& invoice, int64_t messages) {
  constexpr int64_t kBaseMicros = 99'000'000;
  constexpr int64_t kMessageMicros = 2'000;
  constexpr int64_t kResolutionMicros = 800'000;
  const int64_t resolutions = story.bot_resolutions;
  int64_t sum = 0;
  for (const auto& line : invoice.lines()) {
    sum += line.amount().micros();
    story.checks.Equal("amount of a line", line.billable() * line.unit_price().micros(),
                       line.amount().micros());
  }
  story.checks.Equal("lines of the invoice", 3, invoice.lines_size());
  story.checks.Equal("bot resolutions billed", resolutions,
                     QuantityOf(invoice, billing::v1::METER_BOT_RESOLUTIONS));
  story.checks.Equal("total against the sum of the lines", sum, invoice.total().micros());
  story.checks.Equal("total in micros",
                     kBaseMicros + messages * kMessageMicros + resolutions * kResolutionMicros,
                     invoice.total().micros());
  CheckBalanced(story.checks, "postings of the invoice", invoice.postings(),
                [](const auto& entry) { return entry.amount(); });
}

void PrintInvoice(const billing::v1::Invoice& invoice) {
  for (const auto& line : invoice.lines()) {
    PrintRow(line.description(), fmt::format("{:>4} x {:>14} = {:>16}", line.billable(),
                                             Amount(line.unit_price()), Amount(line.amount())));
  }
  PrintRow("total", fmt::format("{:>40}", Amount(invoice.total())));
  PrintNote("what it would post (positive = debit):");
  for (const auto& entry : invoice.postings()) {
    PrintRow(entry.ledger_account(), fmt::format("{:>40}", Amount(entry.amount())));
  }
}

}  // namespace

absl::Status WaitUntilServing(Story& story) {
  FD_RETURN_IF_ERROR(
      WaitUntil("gRPC health says SERVING", kSoon, [&] { return story.backend.Serving(); }));
  knowledge::v1::GetIndexStatusRequest request;
  request.set_parent(fmt::format("tenants/{}", kTenant));
  return WaitUntil(
      "every published article is in the search index", kSoon, [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(
            const auto response,
            story.backend.Call<knowledge::v1::GetIndexStatusResponse>(
                kAdminToken, "frontdesk.knowledge.v1.KnowledgeService/GetIndexStatus", request));
        const auto& index = response.index_status();
        return index.published_articles() > 0 &&
               index.indexed_articles() == index.published_articles();
      });
}

absl::StatusOr<health::v1::HealthScore> ReadHealth(Story& story) {
  health::v1::GetHealthScoreRequest request;
  request.set_account(kAccount);
  FD_ASSIGN_OR_RETURN(
      auto response, story.backend.Call<health::v1::GetHealthScoreResponse>(
                         kAdminToken, "frontdesk.health.v1.HealthService/GetHealthScore", request));
  return std::move(*response.mutable_health_score());
}

absl::StatusOr<health::v1::HealthScore> AwaitHealth(Story& story, int outcomes) {
  health::v1::HealthScore score;
  FD_RETURN_IF_ERROR(WaitUntil(fmt::format("the account's health rests on {} outcomes", outcomes),
                               kSoon, [&]() -> absl::StatusOr<bool> {
                                 FD_ASSIGN_OR_RETURN(score, ReadHealth(story));
                                 const auto* feedback = Feedback(score);
                                 return feedback != nullptr &&
                                        feedback->outcome_count() >= outcomes;
                               }));
  return score;
}

void PrintHealth(const health::v1::HealthScore& score) {
  PrintRow("score", fmt::format("{} (because of {})", Points(score.score_bps()), score.cause()));
  for (const auto& part : score.contributions()) {
    const std::string name =
        Words(health::v1::HealthDimension_Name(part.dimension()), "HEALTH_DIMENSION_");
    std::string value = "unknown";
    if (part.state() == health::v1::CONTRIBUTION_STATE_KNOWN) {
      value = fmt::format("{:>6} x {:>5}% = {:>6}", Points(part.value_bps()),
                          Points(part.effective_weight_bps()), Points(part.contribution_bps()));
    }
    if (part.outcome_count() > 0) value += fmt::format("   ({} outcomes)", part.outcome_count());
    PrintRow("  " + name, value);
  }
}

void CheckHealth(Story& story, const health::v1::HealthScore& before,
                 const health::v1::HealthScore& after) {
  for (const auto* score : {&before, &after}) {
    int64_t sum = 0;
    for (const auto& part : score->contributions()) sum += part.contribution_bps();
    story.checks.True("the account is scored", score->scored());
    story.checks.Equal("parts of the score", 5, score->contributions_size());
    story.checks.Equal("sum of the contributions", score->score_bps(), sum);
  }
  // 70, 65, 90, 50 and 80 weighed with 30, 25, 20, 15 and 10 %. Then 80 counts as five outcomes, to
  // which come three good ones and the handoff: (5 * 80 + 3 * 100) / 9 = 77.78.
  story.checks.Equal("the score before", 7075, before.score_bps());
  story.checks.Equal("the score after", 7053, after.score_bps());
  const auto* feedback = Feedback(after);
  story.checks.Equal("outcomes in it", 4, feedback == nullptr ? 0 : feedback->outcome_count());
}

absl::Status ShowLabels(Story& story) {
  PrintTitle("What the knowledge base has learnt from how they ended");
  // Of the last answer in each: thanks speak for its article.
  const std::map<std::string, std::string> expected = {
      {"Is the shipping fee refunded as well?", "answered by refunds"},
      {"支持哪些支付方式？", "answered by payment-failed-zh"}};
  knowledge::v1::ListLabeledQuestionsRequest request;
  request.set_parent(fmt::format("tenants/{}", kTenant));
  request.set_source(knowledge::v1::LABEL_SOURCE_OUTCOME);
  std::map<std::string, std::string> learnt;
  FD_RETURN_IF_ERROR(WaitUntil(
      "the conversations have given labelled questions", kSoon, [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(
            const auto labels,
            story.backend.Call<knowledge::v1::ListLabeledQuestionsResponse>(
                kAgentToken, "frontdesk.knowledge.v1.KnowledgeService/ListLabeledQuestions",
                request));
        for (const auto& label : labels.labeled_questions()) {
          const bool right = !label.expected_article().empty();
          const std::string& article = right ? label.expected_article() : label.wrong_article();
          learnt[label.question()] = fmt::format("{} by {}", right ? "answered" : "not answered",
                                                 article.substr(article.rfind('/') + 1));
        }
        return learnt.size() >= expected.size();
      }));
  for (const auto& [question, verdict] : learnt) PrintRow(question, verdict);
  for (const auto& [question, verdict] : expected) {
    story.checks.Equal("what was learnt of \"" + question + "\"", verdict, learnt[question]);
  }
  return absl::OkStatus();
}

absl::Status ShowInvoice(Story& story) {
  PrintTitle("The invoice so far, and what it would post");
  int64_t messages = 0;
  billing::v1::Invoice invoice;
  FD_RETURN_IF_ERROR(
      WaitUntil("every message is delivered and metered", kSoon, [&]() -> absl::StatusOr<bool> {
        bool delivered = false;
        FD_ASSIGN_OR_RETURN(messages, CountMessages(story, &delivered));
        FD_ASSIGN_OR_RETURN(invoice, Preview(story));
        return delivered && QuantityOf(invoice, billing::v1::METER_MESSAGES) >= messages &&
               QuantityOf(invoice, billing::v1::METER_BOT_RESOLUTIONS) >= story.bot_resolutions;
      }));
  PrintInvoice(invoice);
  story.checks.Equal("messages metered", messages,
                     QuantityOf(invoice, billing::v1::METER_MESSAGES));
  CheckInvoice(story, invoice, messages);
  billing::v1::ListLedgerBalancesRequest request;
  request.set_parent(fmt::format("tenants/{}", kTenant));
  FD_ASSIGN_OR_RETURN(
      const auto ledger,
      story.backend.Call<billing::v1::ListLedgerBalancesResponse>(
          kAdminToken, "frontdesk.billing.v1.BillingService/ListLedgerBalances", request));
  PrintNote("what use has posted already:");
  for (const auto& balance : ledger.ledger_balances()) {
    PrintRow(balance.ledger_account(), fmt::format("{:>40}", Amount(balance.balance())));
  }
  CheckBalanced(story.checks, "balances of the ledger", ledger.ledger_balances(),
                [](const auto& row) { return row.balance(); });
  return absl::OkStatus();
}

absl::Status ShowEvents(Story& story) {
  PrintTitle("Events that carried it from service to service");
  common::v1::GetEngineStatusResponse status;
  FD_RETURN_IF_ERROR(
      WaitUntil("all events are published and consumed", kSoon, [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(status,
                            story.backend.Call<common::v1::GetEngineStatusResponse>(
                                kOperatorToken, "frontdesk.common.v1.AdminService/GetEngineStatus",
                                common::v1::GetEngineStatusRequest()));
        for (const auto& shard : status.shards()) {
          if (shard.outbox_rows() > 0) return false;
          for (const auto& consumer : shard.consumers()) {
            if (consumer.lag() != 0) return false;
          }
        }
        return true;
      }));
  std::set<std::string> services;
  for (const auto& shard : status.shards()) {
    services.insert(shard.service());
    PrintRow(fmt::format("{}, shard {}", shard.service(), shard.shard()),
             fmt::format("{:>4} events", shard.last_seq()));
    story.checks.Equal("dead letters of " + shard.service(), 0U, shard.dead_letters());
    story.checks.True(shard.service() + " takes changes", shard.ready(), shard.not_ready_reason());
    for (const auto& consumer : shard.consumers()) {
      story.checks.True(fmt::format("{} reads {}", shard.service(), consumer.topic()),
                        !consumer.paused(), consumer.pause_reason());
    }
  }
  story.checks.Equal("services in the process", size_t{6}, services.size());
  return absl::OkStatus();
}

}  // namespace frontdesk::demo
