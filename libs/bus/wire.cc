#include "libs/bus/wire.h"

#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "frontdesk/store/v1/engine.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "libs/store/outbox.h"
#include "libs/store/table.h"
#include "libs/store/txn.h"

namespace frontdesk::bus {
namespace {

// A key is a tenant and a resource id; sizes beyond these are not ours.
constexpr size_t kMaxIdBytes = 128;
constexpr size_t kMaxNameBytes = 512;

absl::Status Undecodable(const Record& record, std::string_view what) {
  return WithMetadata(
      Error(absl::StatusCode::kInvalidArgument, "EVENT_UNDECODABLE",
            fmt::format("{}/{}@{}: {}", record.topic, record.partition, record.offset, what)),
      "topic", record.topic);
}

bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

// Where the text of a header goes; nullptr for those that are not text of ours.
std::string* TextField(std::string_view name, EventInfo* info) {
  if (name == "ce_id") return &info->id;
  if (name == "ce_source") return &info->source;
  if (name == "ce_type") return &info->type;
  if (name == "ce_subject") return &info->subject;
  if (name == "traceparent") return &info->traceparent;
  if (name == "fd_tenant") return &info->tenant;
  if (name == "fd_actor") return &info->actor;
  if (name == "fd_cause") return &info->cause;
  if (name == "fd_correlation") return &info->correlation;
  return nullptr;
}

uint64_t* NumberField(std::string_view name, EventInfo* info) {
  if (name == "fd_epoch") return &info->epoch;
  if (name == "fd_seq") return &info->seq;
  if (name == "fd_prev") return &info->prev;
  return nullptr;
}

// Empty, or what is wrong with a header. Headers that are not ours pass.
std::string ReadHeader(std::string_view name, const std::string& value, EventInfo* info) {
  if (value.size() > kMaxHeaderBytes) return fmt::format("header {} is too long", name);
  if (uint64_t* number = NumberField(name, info); number != nullptr) {
    if (!ParseNumber(value, number)) return fmt::format("{} is not a number", name);
    return "";
  }
  if (std::string* text = TextField(name, info); text != nullptr) {
    if (!IsValidUtf8(value)) return fmt::format("{} is not UTF-8", name);
    *text = value;
    return "";
  }
  if (name == "ce_time") {
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, value, &info->time, &error)) {
      return fmt::format("ce_time: {}", error);
    }
  }
  return "";
}

std::string MissingOrTooLong(const EventInfo& info) {
  if (info.id.empty() || info.id.size() > kMaxIdBytes) return "ce_id";
  if (info.source.empty() || info.source.size() > kMaxIdBytes) return "ce_source";
  if (info.type.empty() || info.type.size() > kMaxNameBytes) return "ce_type";
  if (info.subject.size() > kMaxNameBytes) return "ce_subject";
  if (info.tenant.size() > kMaxIdBytes) return "fd_tenant";
  if (info.tenant.empty() && info.type != kSourceRestoredType) return "fd_tenant";
  if (info.epoch == 0) return "fd_epoch";
  if (info.seq == 0) return "fd_seq";
  return "";
}

}  // namespace

absl::Status ParseHeaders(const Record& record, EventInfo* info) {
  info->key = record.key;
  info->topic = record.topic;
  info->partition = record.partition;
  info->offset = record.offset;
  info->time = record.time;
  std::string problem;
  if (record.headers.size() > kMaxHeaders) {
    problem = fmt::format("{} headers", record.headers.size());
  }
  // All of them, also after a problem: the place in the source counts.
  for (const auto& [name, value] : record.headers) {
    std::string found = ReadHeader(name, value, info);
    if (problem.empty()) problem = std::move(found);
  }
  if (problem.empty()) {
    const std::string field = MissingOrTooLong(*info);
    if (!field.empty()) problem = fmt::format("{} is missing or too long", field);
  }
  if (problem.empty() && record.value.size() > store::kMaxEventBytes) {
    problem = fmt::format("value of {} bytes", record.value.size());
  }
  if (!problem.empty()) return Undecodable(record, problem);
  return absl::OkStatus();
}

store::Delivery MakeDelivery(Record&& record, const EventInfo& info, std::string_view bus_id,
                             std::string_view topic_id) {
  store::Delivery delivery;
  delivery.bus_id = bus_id;
  delivery.topic = std::move(record.topic);
  delivery.topic_id = topic_id;
  delivery.partition = record.partition;
  delivery.offset = record.offset;
  delivery.source = info.source;
  delivery.epoch = info.seq == 0 ? 0 : info.epoch;
  delivery.seq = info.seq;
  delivery.prev = info.prev;
  delivery.source_restored = info.type == kSourceRestoredType;
  delivery.event_id = info.id;
  delivery.key = std::move(record.key);
  delivery.value = std::make_shared<const std::string>(std::move(record.value));
  delivery.headers = std::make_shared<const Headers>(std::move(record.headers));
  return delivery;
}

void FillCommand(const EventInfo& info, const store::Delivery& delivery, store::Command* command) {
  command->source = store::Command::Source::kEvent;
  command->tenant = info.tenant;
  command->actor = info.actor.empty() ? "system" : info.actor;
  command->cause = info.id;
  command->correlation = info.correlation;
  command->traceparent = info.traceparent;
  command->bytes = delivery.value->size() + 512;
  command->delivery = delivery;
}

absl::Status ParseOutboxRow(const store::Committer::OutboxEntry& entry, std::string_view source,
                            OutboundRecord* record, absl::Time* appended) {
  store::v1::OutboxRow parsed;
  if (!parsed.ParseFromString(entry.row)) {
    return store::CorruptRow("outbox row");
  }
  record->topic = std::move(*parsed.mutable_topic());
  record->partition = parsed.partition();
  record->key = std::move(*parsed.mutable_key());
  record->value = std::move(*parsed.mutable_value());
  record->headers = store::EventHeaders(parsed, source, entry.seq);
  *appended = absl::FromUnixMicros(parsed.time_us());
  return absl::OkStatus();
}

}  // namespace frontdesk::bus
