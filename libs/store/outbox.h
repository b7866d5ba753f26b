#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontdesk/store/v1/engine.pb.h"

namespace frontdesk::store {

// The headers with which an outbox row is published: CloudEvents in Kafka's binary mode, and ours.
// `source` is "/frontdesk/<service>/<shard>", `seq` the row's sequence number.
std::vector<std::pair<std::string, std::string>> EventHeaders(const v1::OutboxRow& row,
                                                              std::string_view source,
                                                              uint64_t seq);

}  // namespace frontdesk::store
