#pragma once

#include "libs/http/server_metrics.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::channel {

// Every metric of the service beside those of the engine and of its RPCs.
struct ChannelMetrics {
  explicit ChannelMetrics(telemetry::Metrics& metrics)
      : ingested(metrics.GetCounter("frontdesk_channel_messages_ingested_total",
                                    "Customers' messages stored")),
        duplicates(metrics.GetCounter("frontdesk_channel_messages_duplicate_total",
                                      "Channel message ids that were stored before")),
        key_races(metrics.GetCounter("frontdesk_channel_key_races_total",
                                     "Messages prepared again: their customer appeared meanwhile")),
        key_cache_hits(metrics.GetCounter("frontdesk_channel_key_cache_hits_total",
                                          "Data keys found in memory")),
        key_cache_misses(metrics.GetCounter("frontdesk_channel_key_cache_misses_total",
                                            "Data keys read and unwrapped")),
        delivered(metrics.GetCounter("frontdesk_channel_deliveries_total",
                                     "Delivery attempts by outcome", {{"outcome", "taken"}})),
        waiting(metrics.GetCounter("frontdesk_channel_deliveries_total",
                                   "Delivery attempts by outcome", {{"outcome", "waiting"}})),
        retried(metrics.GetCounter("frontdesk_channel_deliveries_total",
                                   "Delivery attempts by outcome", {{"outcome", "retried"}})),
        refused(metrics.GetCounter("frontdesk_channel_deliveries_total",
                                   "Delivery attempts by outcome", {{"outcome", "refused"}})),
        delivery_queue(metrics, "channel.delivery"),
        http_port(metrics, "channel") {}

  telemetry::Counter ingested, duplicates, key_races, key_cache_hits, key_cache_misses;
  telemetry::Counter delivered, waiting, retried, refused;
  telemetry::QueueMetrics delivery_queue;
  http::ServerMetrics http_port;
};

}  // namespace frontdesk::channel
