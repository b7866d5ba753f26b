#include "services/knowledge/config.h"

#include "libs/base/error.h"

namespace frontdesk::knowledge {

void Config::Describe(config::Fields& fields) {
  fields.Add("search_threads", &search_threads, "Threads that search and answer.").Range(1, 64);
  fields.Add("search_queue_max", &search_queue_max, "Searches that may wait for a thread.")
      .Range(1, 100'000);
  fields
      .Add("answer_threshold_bps", &answer_threshold_bps,
           "Confidence in basis points from which on an answer is given.")
      .Range(1, 10'000);
  fields.Add("search_timeout", &search_timeout, "Longest wait for a search, queue included.")
      .Range(absl::Milliseconds(10), absl::Seconds(30));
  fields
      .Add("index_poll_interval", &index_poll_interval,
           "How often the indexer looks for changes nobody woke it for.")
      .Range(absl::Milliseconds(10), absl::Seconds(1));
  fields.Add("index_batch_articles", &index_batch_articles, "Articles in one commit of the index.")
      .Range(1, 500);
  fields.Add("http_listen", &http_listen,
             "Address of the help centre, host:port; port 0 = any, empty = none.");
  fields.Add("http_threads", &http_threads, "Threads of the help centre.").Range(1, 64);
  fields
      .Add("http_connections_max", &http_connections_max,
           "Open connections of the help centre; more are closed at once.")
      .Range(1, 100'000);
  fields.Add("http_idle_timeout", &http_idle_timeout, "Closes a connection that says nothing.")
      .Range(absl::Seconds(1), absl::Hours(1));
  fields.Add("help_tenant", &help_tenant, "Whose help centre \"/\" leads to.");
  fields.Add("help_base_url", &help_base_url,
             "The help centre's address as readers see it (\"https://help.example.com\"), for "
             "sitemaps and search engines; empty = the request's host.");
  fields.Add("propose_articles", &propose_articles,
             "Draft articles by itself from what people resolved; a tenant's rules can say no.");
  fields
      .Add("transcript_timeout", &transcript_timeout,
           "Longest wait for what was said in a conversation or on a ticket.")
      .Range(absl::Milliseconds(10), absl::Seconds(10));
  fields.Add("vectors", &vectors,
             "Search by meaning as well as by words, where the models of the encoders are.");
  fields
      .Add("encode_timeout", &encode_timeout,
           "Longest wait for the meaning of a query; words alone are searched after it.")
      .Range(absl::Milliseconds(1), absl::Seconds(5));
  fields.Add("query_cache", &query_cache, "Replies to queries that were asked lately.")
      .Range(config::MiB(0), config::GiB(1));
  fields.Add(
      "generator_target", &generator_target,
      "host:port of a service that phrases answers (AnswerGeneratorService); empty = answers "
      "are in the words of the articles.");
  fields.Add("generator_token", &generator_token, "Bearer token for the generator; may be empty.")
      .Secret();
  fields
      .Add("generator_timeout", &generator_timeout,
           "Longest wait for the generator; the article's own words are given after it.")
      .Range(absl::Milliseconds(10), absl::Seconds(30));
  fields
      .Add("generator_calls_max", &generator_calls_max,
           "Calls of the generator at a time; beyond, the article's own words are given.")
      .Range(1, 1'000);
}

absl::Status Config::Validate() const {
  if (search_threads < 1 || search_queue_max < 1 || index_batch_articles < 1) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                 "knowledge: search_threads, search_queue_max and index_batch_articles must be "
                 "at least 1");
  }
  if (answer_threshold_bps < 1 || answer_threshold_bps > 10'000) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                 "knowledge: answer_threshold_bps must be 1 to 10000");
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
