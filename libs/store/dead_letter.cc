#include "libs/store/dead_letter.h"

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"

namespace frontdesk::store {
namespace {

constexpr size_t kMaxMessageBytes = 1 << 10;

// The engine writes these itself on every record of the dead-letter topic.
bool IsEngineHeader(std::string_view name) {
  return name == "ce_specversion" || name == "ce_id" || name == "ce_type" ||
         name == "ce_subject" || name == "content-type" || name.starts_with("fd_");
}

}  // namespace

rows::DeadLetterRow MakeDeadLetterRow(const Delivery& delivery, const absl::Status& why,
                                      absl::Time now) {
  rows::DeadLetterRow row;
  row.set_ce_id(delivery.event_id.empty() ? fmt::format("{}-{}-{}", delivery.topic,
                                                        delivery.partition, delivery.offset)
                                          : delivery.event_id);
  row.set_topic(delivery.topic);
  row.set_partition(delivery.partition);
  row.set_offset(delivery.offset);
  row.set_key(delivery.key);
  if (delivery.headers != nullptr) {
    for (const auto& [name, value] : *delivery.headers) {
      rows::Header* header = row.add_headers();
      header->set_name(name);
      header->set_value(value);
    }
  }
  if (delivery.value != nullptr) row.set_value(*delivery.value);
  row.set_error_code(static_cast<int32_t>(why.code()));
  row.set_reason(ReasonOf(why));
  row.set_message(std::string(TruncateUtf8(MessageOf(why), kMaxMessageBytes)));
  row.set_first_seen_us(absl::ToUnixMicros(now));
  row.set_attempts(1);
  return row;
}

OutgoingEvent MakeDeadLetterEvent(const rows::DeadLetterRow& row, std::string_view tenant) {
  OutgoingEvent event;
  event.topic = topics::kDeadLetter;
  event.key = row.key();
  event.id = row.ce_id();
  event.tenant = tenant;
  event.value = row.value();
  for (const rows::Header& header : row.headers()) {
    if (header.name() == "ce_type") event.type = header.value();
    if (header.name() == "ce_subject") event.subject = header.value();
    if (!IsEngineHeader(header.name())) continue;
    event.extra_headers.emplace_back("dl_" + header.name(), header.value());
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
