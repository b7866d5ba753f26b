#pragma once

#include <string>

#include <fmt/core.h>

#include "libs/telemetry/metrics.h"

namespace frontdesk::http {

// Of the HTTP port of one service.
struct ServerMetrics {
  ServerMetrics(telemetry::Metrics& metrics, const std::string& service)
      : connections(metrics.GetGauge(fmt::format("frontdesk_{}_http_connections", service),
                                     "Open connections of the HTTP port")),
        refused(
            metrics.GetCounter(fmt::format("frontdesk_{}_http_connections_refused_total", service),
                               "Connections closed at once: too many are open")),
        web_sockets(metrics.GetGauge(fmt::format("frontdesk_{}_web_sockets", service),
                                     "Open WebSocket connections")),
        slow_readers(metrics.GetCounter(fmt::format("frontdesk_{}_slow_readers_total", service),
                                        "WebSocket connections closed because they did not read")) {
  }

  telemetry::Gauge connections;
  telemetry::Counter refused;
  telemetry::Gauge web_sockets;
  telemetry::Counter slow_readers;
};

}  // namespace frontdesk::http
