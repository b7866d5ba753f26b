#include "tests/sim/checks.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/topics.h"
#include "tests/sim/list_all.h"

namespace frontdesk::sim {
namespace {

uint64_t Number(const std::string& text) { return text.empty() ? 0 : std::stoull(text); }

}  // namespace

void Checks::Run() {
  ReadBus();
  CheckEngines();
  CheckHandledOnce();
  if (!model_.violations().empty()) return;
  world_.proposed = 0;
  for (const char* tenant : kTenants) {
    CheckChannel(tenant);
    CheckDialog(tenant);
    CheckTickets(tenant);
    CheckProposals(tenant);
    CheckBilling(tenant);
    CheckHealth(tenant);
  }
  CheckJourney();
  CheckTicketEvents();
  CheckMeters();
  CheckCauses();
  CheckFacts();
}

bool Checks::ParseEvent(const bus::Record& record, Event* event) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : record.headers) {
    if (!headers.emplace(name, value).second) {
      Fail(fmt::format("{}/{}@{} has the header {} twice", record.topic, record.partition,
                       record.offset, name));
    }
  }
  *event = {headers["ce_id"],
            headers["ce_source"],
            headers["ce_type"],
            headers["ce_subject"],
            headers["fd_cause"],
            record.key,
            record.value,
            Number(headers["fd_epoch"]),
            Number(headers["fd_seq"]),
            Number(headers["fd_prev"]),
            record.topic,
            record.partition};
  if (event->id.empty() || event->source.empty() || event->epoch == 0 || event->seq == 0) {
    Fail(fmt::format("{}/{}@{} lacks a header", record.topic, record.partition, record.offset));
    return false;
  }
  return true;
}

void Checks::ReadBus() {
  std::map<std::pair<std::string, std::string>, int32_t> places;  // topic, key -> partition
  for (const TopicSpec& topic : AllTopics()) {
    auto records = world_.ReadTopic(topic.name);
    if (!records.ok())
      return Fail(fmt::format("{} can't be read: {}", topic.name, records.status()));
    std::map<int32_t, std::vector<Event>> partitions;
    for (const bus::Record& record : *records) {
      Event event;
      if (!ParseEvent(record, &event)) return;
      const auto [place, is_new] =
          places.emplace(std::pair{record.topic, record.key}, record.partition);
      // What a restore announces is for every partition of every shard.
      const bool announcement = record.key.starts_with("source-restored/");
      if (!is_new && !announcement && place->second != record.partition) {
        Fail(fmt::format("key {} of {} is in two partitions", record.key, record.topic));
      }
      partitions[record.partition].push_back(std::move(event));
    }
    for (auto& [number, events] : partitions) CheckPartition(events);
  }
  CheckSequences();
}

// Duplicates are exact, first occurrences are in order and each names the one before it.
void Checks::CheckPartition(const std::vector<Event>& records) {
  struct Tail {
    uint64_t epoch = 0;
    uint64_t seq = 0;
  };
  std::map<std::string, Tail> tails;  // by source
  for (const Event& event : records) {
    const auto [known, is_new] = events_.emplace(event.id, event);
    if (!is_new) {
      const Event& first = known->second;
      if (first.seq != event.seq || first.epoch != event.epoch || first.value != event.value ||
          first.partition != event.partition || first.topic != event.topic) {
        Fail(fmt::format("event {} is on the bus in two forms", event.id));
      }
      continue;
    }
    const auto [place, is_new_number] =
        sequences_[{event.source, event.epoch}].emplace(event.seq, event.id);
    if (!is_new_number) {
      Fail(fmt::format("{} epoch {} gave number {} to {} and to {}", event.source, event.epoch,
                       event.seq, place->second, event.id));
    }
    Tail& tail = tails[event.source];
    const bool first_of_epoch = event.epoch != tail.epoch;
    if (event.epoch < tail.epoch || (!first_of_epoch && event.seq <= tail.seq)) {
      Fail(fmt::format("{}/{}: event {} ({}/{}) comes after {}/{}", event.topic, event.partition,
                       event.id, event.epoch, event.seq, tail.epoch, tail.seq));
    }
    if (first_of_epoch ? tail.epoch != 0 && !event.type.ends_with(".SourceRestored")
                       : event.prev != tail.seq) {
      Fail(fmt::format("{}/{}: event {} ({}/{}, {}) follows {}/{} but says {}", event.topic,
                       event.partition, event.id, event.epoch, event.seq, event.type, tail.epoch,
                       tail.seq, event.prev));
    }
    tail = {event.epoch, event.seq};
  }
}

// The numbers of a source have no gap, and all that was committed is there.
void Checks::CheckSequences() {
  for (const auto& [source, numbers] : sequences_) {
    const uint64_t first = numbers.begin()->first;
    const uint64_t last = numbers.rbegin()->first;
    if (last - first + 1 != numbers.size() || (source.second == 1 && first != 1)) {
      Fail(fmt::format("{} epoch {}: numbers {} to {}, but only {} events", source.first,
                       source.second, first, last, numbers.size()));
    }
  }
}

void Checks::CheckEngines() {
  for (size_t i = 0; i < kServiceCount; ++i) {
    bus::ShardSet& shards = world_.app(static_cast<ServiceId>(i)).shards();
    for (size_t shard = 0; shard < shards.size(); ++shard) {
      store::Committer& committer = shards.shard(shard).committer();
      if (committer.stats().dead_letters > 0) {
        Fail(fmt::format("{}/{} has {} dead letters", kServiceNames[i], shard,
                         committer.stats().dead_letters));
      }
      const auto numbers =
          sequences_.find({fmt::format("/frontdesk/{}/{}", kServiceNames[i], shard),
                           shards.shard(shard).store().epoch()});
      const uint64_t published = numbers == sequences_.end() ? 0 : numbers->second.rbegin()->first;
      const bool silent = published == 0 && shards.shard(shard).store().epoch() > 1;
      if (published != committer.outbox_last() && !silent) {
        Fail(fmt::format("{}/{} has committed {} events, the bus has {}", kServiceNames[i], shard,
                         committer.outbox_last(), published));
      }
    }
  }
}

// Handlers know by the ids of what an event is about that it had its effect before. The engine keeps
// what is delivered again from them, so they never have to, until a restore forgets what was read.
void Checks::CheckHandledOnce() {
  if (model_.AnyRestored()) return;
  for (const char* name :
       {"frontdesk_dialog_repeated_messages_total", "frontdesk_ticket_repeated_requests_total"}) {
    const double repeated = world_.metrics.GetCounter(name, "").Value();
    if (repeated > 0) Fail(fmt::format("handlers saw {} events again: {}", repeated, name));
  }
}

// What one request did, it did once: no two events of a kind about one thing.
void Checks::CheckCauses() {
  std::map<std::string, int> counts;
  for (const auto& [id, event] : events_) {
    const bool by_request = event.cause.starts_with("r-");
    if (!by_request || event.type.find(".Sla") != std::string::npos) continue;
    const std::string key = fmt::format("{} {} of {} epoch {} about {}", event.cause, event.type,
                                        event.source, event.epoch, event.subject);
    if (++counts[key] == 2) Fail(fmt::format("two events of one request: {}", key));
  }
  for (const auto& event : EventsOf<knowledge::v1::KnowledgeEvent>(topics::kKnowledge)) {
    if (!event.has_answer_rated()) continue;
    std::string_view tenant = event.metadata().tenant();
    if (tenant.starts_with("tenants/")) tenant.remove_prefix(8);
    ++Seen(fmt::format("rating/{}/{}", tenant, event.answer_rated().answer_id()));
  }
}

void Checks::CheckFacts() {
  for (const auto& [key, fact] : model_.facts) {
    // Seen elsewhere or nowhere.
    if (key.starts_with("rating/") && model_.Restored(ServiceId::kKnowledge)) continue;
    Model::Bounds bounds = Model::Expected(fact);
    // What a restored dialog does again is a second request to the ticket service.
    if (key.starts_with("ticket/") && fact.service == ServiceId::kDialog) {
      bounds.most += fact.forgotten;
    }
    const int seen = Seen(key);
    if (seen < bounds.least || seen > bounds.most) {
      Fail(fmt::format("{} ({}) is there {} times: {}", key, fact.about, seen,
                       fact.acknowledged ? "it was acknowledged"
                       : fact.possible   ? "its outcome was unknown"
                                         : "it was refused"));
    }
  }
  for (const auto& [key, count] : seen_) {
    if (!model_.facts.contains(key)) Fail(fmt::format("{} is there and nobody wanted it", key));
  }
}

}  // namespace frontdesk::sim
