#pragma once

#include <cstdint>
#include <initializer_list>

#include "google/protobuf/message.h"

namespace frontdesk::rpc {

// Hash of a message as if the named top-level fields were not set; names that it lacks are ignored.
// The same content gives the same hash in every process of one release; part of no stored form
// that outlives the life of a request id.
uint64_t FingerprintWithout(const google::protobuf::Message& message,
                            std::initializer_list<const char*> fields);

}  // namespace frontdesk::rpc
