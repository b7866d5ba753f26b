#pragma once

#include "libs/telemetry/metrics.h"

namespace frontdesk::ticket {

// Every metric of the service beyond those of the engine. Labels are bounded: nothing of a tenant
// or a ticket is one. Counted by handlers, so a command that is repeated after a failed sync may
// count twice: they are for watching, not for billing.
struct Metrics {
  explicit Metrics(telemetry::Metrics& metrics)
      : created_by_rpc(Created(metrics, "rpc")),
        created_by_event(Created(metrics, "event")),
        repeated_requests(metrics.GetCounter("frontdesk_ticket_repeated_requests_total",
                                             "Ticket requests that had made their ticket before.")),
        timers_late(metrics.GetHistogram("frontdesk_ticket_clock_lateness_seconds",
                                         "From the mark of a clock to its timer's command.")),
        timers_stale(metrics.GetCounter("frontdesk_ticket_stale_timers_total",
                                        "Timers of an older generation, without effect.")),
        texts_unsealed(metrics.GetCounter(
            "frontdesk_ticket_texts_unsealed_total",
            "Texts kept in masked form only, because the customer has no key.")) {}

  telemetry::Counter created_by_rpc;
  telemetry::Counter created_by_event;
  telemetry::Counter repeated_requests;
  telemetry::Histogram timers_late;
  telemetry::Counter timers_stale;
  telemetry::Counter texts_unsealed;

 private:
  static telemetry::Counter Created(telemetry::Metrics& metrics, const char* by) {
    return metrics.GetCounter("frontdesk_ticket_created_total", "Tickets made, by what asked.",
                              {{"by", by}});
  }
};

}  // namespace frontdesk::ticket
