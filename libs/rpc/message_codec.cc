#include "libs/rpc/message_codec.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <mutex>
#include <string>

#include "libs/base/error.h"
#include "libs/telemetry/log.h"

namespace frontdesk::rpc {
namespace {

// While a message is parsed on this thread: where to note the field that is not UTF-8.
thread_local std::string* bad_utf8_field = nullptr;

// "String field 'frontdesk.ticket.v1.Note.text' contains invalid UTF-8 data when parsing …"
bool NoteBadUtf8(const std::string& message) {
  constexpr std::string_view kStart = "String field '";
  const size_t begin = message.find(kStart);
  if (begin == std::string::npos || message.find("invalid UTF-8") == std::string::npos) {
    return false;
  }
  const size_t end = message.find('\'', begin + kStart.size());
  if (end == std::string::npos) return false;
  *bad_utf8_field = message.substr(begin + kStart.size(), end - begin - kStart.size());
  return true;
}

void OnProtobufLog(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  if (bad_utf8_field != nullptr && NoteBadUtf8(message)) return;
  telemetry::Log(level >= google::protobuf::LOGLEVEL_ERROR ? telemetry::Level::kError
                                                           : telemetry::Level::kWarn,
                 "protobuf", {{"message", message}});
}

}  // namespace

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  std::string field;
  bad_utf8_field = &field;
  // The reader takes a mutable buffer but only reads, and copying it would cost an allocation.
  grpc::ProtoBufferReader reader(const_cast<grpc::ByteBuffer*>(&bytes));
  const bool parsed = reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
  bad_utf8_field = nullptr;
  if (parsed) return absl::OkStatus();
  if (!field.empty()) return InvalidField(field, "is not valid UTF-8");
  return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidField,
               "the request is not a valid " + message.GetDescriptor()->full_name());
}

absl::Status SerializeMessage(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) {
  bool own_buffer = false;
  const grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(message, &bytes,
                                                                                 &own_buffer);
  if (status.ok()) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "INTERNAL",
               "could not serialise " + message.GetDescriptor()->full_name());
}

void CaptureProtobufLog() {
  static std::once_flag once;
  std::call_once(once, [] { google::protobuf::SetLogHandler(&OnProtobufLog); });
}

}  // namespace frontdesk::rpc
