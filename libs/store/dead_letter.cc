#include "libs/store/dead_letter.h"

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"

namespace frontdesk::store {
namespace {

constexpr size_t kMaxMessageBytes = 1 << 10;
// Of one part of a letter's event. A record that nobody could use comes from anywhere: whatever is
// in it, the letter must be readable here and small enough for the bus.
constexpr size_t kMaxTextBytes = 512;
constexpr size_t kMaxHeaderBytes = 4 << 10;
constexpr size_t kMaxHeaders = 64;

// Text for fields that must be UTF-8.
std::string Text(std::string_view text, size_t max) {
  if (IsValidUtf8(text)) return std::string(TruncateUtf8(text, max));
  std::string clean(text.substr(0, max));
  for (char& c : clean) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return clean;
}

// The engine writes these itself on every record of the dead-letter topic.
bool IsEngineHeader(std::string_view name) {
  return name == "ce_specversion" || name == "ce_id" || name == "ce_type" || name == "ce_subject" ||
         name == "content-type" || name.starts_with("fd_");
}

}  // namespace

rows::DeadLetterRow MakeDeadLetterRow(const Delivery& delivery, const absl::Status& why,
                                      absl::Time now) {
  rows::DeadLetterRow row;
  row.set_ce_id(delivery.event_id.empty()
                    ? fmt::format("{}-{}-{}", delivery.topic, delivery.partition, delivery.offset)
                    : delivery.event_id);
  row.set_topic(delivery.topic);
  row.set_partition(delivery.partition);
  row.set_offset(delivery.offset);
  row.set_key(delivery.key);
  if (delivery.headers != nullptr) {
    for (const auto& [name, value] : *delivery.headers) {
      rows::Header* header = row.add_headers();
      header->set_name(Text(name, kMaxTextBytes));
      header->set_value(value);
    }
  }
  if (delivery.value != nullptr) row.set_value(*delivery.value);
  row.set_error_code(static_cast<int32_t>(why.code()));
  row.set_reason(ReasonOf(why));
  row.set_message(Text(MessageOf(why), kMaxMessageBytes));
  row.set_first_seen_us(absl::ToUnixMicros(now));
  row.set_attempts(1);
  return row;
}

OutgoingEvent MakeDeadLetterEvent(const rows::DeadLetterRow& row, std::string_view tenant) {
  OutgoingEvent event;
  event.topic = topics::kDeadLetter;
  event.key = row.key().substr(0, kMaxTextBytes);
  event.id = Text(row.ce_id(), kMaxTextBytes);
  event.tenant = Text(tenant, kMaxTextBytes);
  const bool fits = row.value().size() <= kMaxEventBytes;
  if (fits) event.value = row.value();
  for (const rows::Header& header : row.headers()) {
    if (header.name() == "ce_type") event.type = Text(header.value(), kMaxTextBytes);
    if (header.name() == "ce_subject") event.subject = Text(header.value(), kMaxTextBytes);
    if (!IsEngineHeader(header.name()) || event.extra_headers.size() == kMaxHeaders) continue;
    event.extra_headers.emplace_back("dl_" + header.name(),
                                     header.value().substr(0, kMaxHeaderBytes));
  }
  if (!fits) {
    event.extra_headers.emplace_back("dl_left_out_bytes", fmt::format("{}", row.value().size()));
  }
  event.extra_headers.emplace_back("dl_topic", row.topic());
  event.extra_headers.emplace_back("dl_partition", fmt::format("{}", row.partition()));
  event.extra_headers.emplace_back("dl_offset", fmt::format("{}", row.offset()));
  event.extra_headers.emplace_back("dl_code", fmt::format("{}", row.error_code()));
  event.extra_headers.emplace_back("dl_reason", row.reason());
  event.extra_headers.emplace_back("dl_message", row.message());
  return event;
}

}  // namespace frontdesk::store
