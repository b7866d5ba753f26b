#pragma once

#include "libs/telemetry/metrics.h"

namespace frontdesk::health {

// Every metric of the service beyond those of the engine. Labels are bounded: nothing of a tenant
// or an account is one. Counted by handlers, so a command that is repeated after a failed sync may
// count twice: they are for watching.
struct Metrics {
  explicit Metrics(telemetry::Metrics& metrics)
      : signals(metrics.GetCounter("frontdesk_health_signals_total", "Measured signals taken in.")),
        repeated_signals(metrics.GetCounter("frontdesk_health_repeated_signals_total",
                                            "Signals whose id was known.")),
        outcomes(metrics.GetCounter("frontdesk_health_outcomes_total",
                                    "Outcomes counted from the others' events.")),
        repeated_outcomes(metrics.GetCounter(
            "frontdesk_health_repeated_outcomes_total",
            "Outcomes that had counted before: redelivered, or a second one of their resource.")),
        late_outcomes(metrics.GetCounter("frontdesk_health_late_outcomes_total",
                                         "Outcomes that came after their 30 days.")),
        events_without_account(metrics.GetCounter("frontdesk_health_events_without_account_total",
                                                  "Events of customers without an account.")),
        placeholders(metrics.GetCounter("frontdesk_health_placeholders_total",
                                        "Accounts made because something named them.")),
        score_changes(
            metrics.GetCounter("frontdesk_health_score_changes_total", "HealthChanged events.")),
        alerts(metrics.GetCounter("frontdesk_health_alerts_total", "HealthAlerted events.")),
        stale_timers(metrics.GetCounter("frontdesk_health_stale_timers_total",
                                        "Timers of an older generation, without effect.")) {}

  telemetry::Counter signals;
  telemetry::Counter repeated_signals;
  telemetry::Counter outcomes;
  telemetry::Counter repeated_outcomes;
  telemetry::Counter late_outcomes;
  telemetry::Counter events_without_account;
  telemetry::Counter placeholders;
  telemetry::Counter score_changes;
  telemetry::Counter alerts;
  telemetry::Counter stale_timers;
};

}  // namespace frontdesk::health
