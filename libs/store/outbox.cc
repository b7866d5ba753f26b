#include "libs/store/outbox.h"

#include <fmt/format.h>

#include "absl/time/time.h"

namespace frontdesk::store {

std::vector<std::pair<std::string, std::string>> EventHeaders(const v1::OutboxRow& row,
                                                              std::string_view source,
                                                              uint64_t seq) {
  std::vector<std::pair<std::string, std::string>> headers;
  headers.reserve(15 + static_cast<size_t>(row.extra_headers_size()));
  const auto add = [&headers](const char* name, std::string value) {
    headers.emplace_back(name, std::move(value));
  };
  add("ce_specversion", "1.0");
  add("ce_id", row.id());
  add("ce_source", std::string(source));
  add("ce_type", row.type());
  add("ce_subject", row.subject());
  add("ce_time", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::FromUnixMicros(row.time_us()),
                                  absl::UTCTimeZone()));
  add("content-type", "application/protobuf");
  if (!row.traceparent().empty()) add("traceparent", row.traceparent());
  add("fd_tenant", row.tenant());
  add("fd_epoch", fmt::format_int(row.epoch()).str());
  add("fd_seq", fmt::format_int(seq).str());
  add("fd_prev", fmt::format_int(row.prev()).str());
  add("fd_actor", row.actor());
  add("fd_cause", row.cause());
  add("fd_correlation", row.correlation());
  for (const v1::Header& header : row.extra_headers()) add(header.name().c_str(), header.value());
  return headers;
}

}  // namespace frontdesk::store
