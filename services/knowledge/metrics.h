#pragma once

#include "libs/http/server_metrics.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::knowledge {

// Every metric of the service; label values come from fixed sets only. The search queue adds
// frontdesk_queue_{depth,wait_seconds,rejected_total}{queue="knowledge.search"}.
struct KnowledgeMetrics {
  explicit KnowledgeMetrics(telemetry::Metrics& metrics)
      : answers_known(metrics.GetCounter("frontdesk_knowledge_answers_total",
                                         "Questions by outcome", {{"outcome", "known"}})),
        answers_unknown(metrics.GetCounter("frontdesk_knowledge_answers_total",
                                           "Questions by outcome", {{"outcome", "unknown"}})),
        answers_failed(metrics.GetCounter("frontdesk_knowledge_answers_total",
                                          "Questions by outcome", {{"outcome", "failed"}})),
        answer_seconds(metrics.GetHistogram("frontdesk_knowledge_answer_seconds",
                                            "Search and scoring of one question")),
        index_seconds(metrics.GetHistogram("frontdesk_knowledge_index_commit_seconds",
                                           "One commit of the search index")),
        index_failures(metrics.GetCounter("frontdesk_knowledge_index_failures_total",
                                          "Steps of the indexer that failed")),
        index_behind(metrics.GetGauge("frontdesk_knowledge_index_behind",
                                      "Changes that the search index has not seen yet, at most "
                                      "one batch behind the last look")),
        index_rebuilds(metrics.GetCounter("frontdesk_knowledge_index_rebuilds_total",
                                          "Search indexes built anew")),
        http_port(metrics, "knowledge"),
        vectors_made(metrics.GetCounter("frontdesk_knowledge_vectors_total",
                                        "Vectors put into the index", {{"source", "encoder"}})),
        vectors_taken_over(metrics.GetCounter("frontdesk_knowledge_vectors_total",
                                              "Vectors put into the index",
                                              {{"source", "old_index"}})),
        vector_failures(metrics.GetCounter("frontdesk_knowledge_vector_failures_total",
                                           "Articles indexed without vectors after an error")),
        queries_by_meaning(metrics.GetCounter("frontdesk_knowledge_queries_total",
                                              "Searches and questions", {{"by", "meaning"}})),
        queries_by_words(metrics.GetCounter("frontdesk_knowledge_queries_total",
                                            "Searches and questions", {{"by", "words"}})),
        queries_cached(metrics.GetCounter("frontdesk_knowledge_queries_total",
                                          "Searches and questions", {{"by", "cache"}})),
        proposals_drafted(metrics.GetCounter("frontdesk_knowledge_proposals_total",
                                             "Sources that articles were drafted from by itself",
                                             {{"outcome", "drafted"}})),
        proposals_failed(metrics.GetCounter("frontdesk_knowledge_proposals_total",
                                            "Sources that articles were drafted from by itself",
                                            {{"outcome", "failed"}})) {}

  telemetry::Counter answers_known;
  telemetry::Counter answers_unknown;
  telemetry::Counter answers_failed;
  telemetry::Histogram answer_seconds;
  telemetry::Histogram index_seconds;
  telemetry::Counter index_failures;
  telemetry::Gauge index_behind;
  telemetry::Counter index_rebuilds;
  http::ServerMetrics http_port;
  telemetry::Counter vectors_made;
  telemetry::Counter vectors_taken_over;
  telemetry::Counter vector_failures;
  telemetry::Counter queries_by_meaning;
  telemetry::Counter queries_by_words;
  telemetry::Counter queries_cached;
  telemetry::Counter proposals_drafted;
  telemetry::Counter proposals_failed;
};

}  // namespace frontdesk::knowledge
