#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/bus/event_log.h"
#include "libs/bus/shard.h"

namespace frontdesk::process {

// A store that has never written an event, while its source's partitions hold some: they are those
// of an earlier store. Consumers would take what the new one writes for what they know already and
// skip it in silence, so: FAILED_PRECONDITION (BUS_MISMATCH) saying what to do. OK for all others,
// and when the bus does not answer within `longest`. Blocks; before the service is started.
absl::Status CheckOwnTopic(bus::EventLog& log, bus::ShardSet& shards, absl::Duration longest);

}  // namespace frontdesk::process
