#pragma once

#include "libs/http/server_metrics.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::knowledge {

// What became of a generator's replies.
struct GenerationMetrics {
  explicit GenerationMetrics(telemetry::Metrics& metrics)
      : generated(Outcome(metrics, "generated")),
        in_part(Outcome(metrics, "in_part")),
        refused(Outcome(metrics, "refused")),
        unavailable(Outcome(metrics, "unavailable")),
        no_words(Refused(metrics, "words")),
        no_fact(Refused(metrics, "fact")),
        negation(Refused(metrics, "negation")),
        promise(Refused(metrics, "promise")),
        seconds(metrics.GetHistogram("frontdesk_knowledge_generation_seconds",
                                     "One call of the generator")) {}

  telemetry::Counter generated;
  telemetry::Counter in_part;
  telemetry::Counter refused;
  telemetry::Counter unavailable;
  telemetry::Counter no_words;
  telemetry::Counter no_fact;
  telemetry::Counter negation;
  telemetry::Counter promise;
  telemetry::Histogram seconds;

 private:
  static telemetry::Counter Outcome(telemetry::Metrics& metrics, const char* outcome) {
    return metrics.GetCounter("frontdesk_knowledge_generations_total",
                              "Known answers that a generator was asked to phrase",
                              {{"outcome", outcome}});
  }
  static telemetry::Counter Refused(telemetry::Metrics& metrics, const char* reason) {
    return metrics.GetCounter("frontdesk_knowledge_refused_sentences_total",
                              "Sentences of a generator that no cited passage supports",
                              {{"reason", reason}});
  }
};

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
        recommend_seconds(metrics.GetHistogram("frontdesk_knowledge_recommend_seconds",
                                               "One recommendation, without what was said")),
        generation(metrics),
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
  telemetry::Histogram recommend_seconds;
  GenerationMetrics generation;
  telemetry::Counter proposals_drafted;
  telemetry::Counter proposals_failed;
};

}  // namespace frontdesk::knowledge
