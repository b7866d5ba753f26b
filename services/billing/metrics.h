#pragma once

#include "libs/telemetry/metrics.h"

namespace frontdesk::billing {

// Every metric of the service beyond those of the engine. Labels are bounded. Counted by handlers,
// so a command that is repeated after a failed sync may count twice: they are for watching; what
// is billed stands in the ledger.
struct Metrics {
  explicit Metrics(telemetry::Metrics& metrics)
      : recorded(Usages(metrics, "recorded")),
        duplicates(Usages(metrics, "duplicate")),
        conflicts(Usages(metrics, "conflict")),
        backlog_rated(metrics.GetCounter("frontdesk_billing_backlog_rated_total",
                                         "Usages rated after their subscription was made.")),
        invoices(metrics.GetCounter("frontdesk_billing_invoices_total", "Invoices issued.")) {}

  telemetry::Counter recorded;
  telemetry::Counter duplicates;
  telemetry::Counter conflicts;
  telemetry::Counter backlog_rated;
  telemetry::Counter invoices;

 private:
  static telemetry::Counter Usages(telemetry::Metrics& metrics, const char* outcome) {
    return metrics.GetCounter("frontdesk_billing_usages_total",
                              "Usages that came in, by what became of them.",
                              {{"outcome", outcome}});
  }
};

}  // namespace frontdesk::billing
