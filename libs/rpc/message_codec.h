#pragma once

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace grpc {
class ByteBuffer;
}

namespace frontdesk::rpc {

// gRPC 1.51's callback API answers a request it can't parse with UNIMPLEMENTED and no text, so the
// bytes are parsed here. INVALID_ARGUMENT, naming the field when it is a string that is not UTF-8.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// INTERNAL when the message holds text that is not UTF-8 or is larger than 2 GiB.
absl::Status SerializeMessage(const google::protobuf::Message& message, grpc::ByteBuffer& bytes);

// Sends protobuf's own complaints to our log, and the one about UTF-8 to ParseMessage.
// Process-wide; called by Server::Start.
void CaptureProtobufLog();

}  // namespace frontdesk::rpc
