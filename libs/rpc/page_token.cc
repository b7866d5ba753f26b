#include "libs/rpc/page_token.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/rpc/fingerprint.h"

namespace frontdesk::rpc {
namespace {

// format (1) | schema (4) | filter hash (8) | last key | checksum (8)
constexpr char kFormat = 1;
constexpr size_t kHeadBytes = 1 + 4 + 8;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kMaxTokenBytes = 4096;

void AppendNumber(uint64_t value, size_t bytes, std::string& out) {
  for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadNumber(std::string_view in) {
  uint64_t value = 0;
  for (size_t i = in.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(in[i - 1]);
  return value;
}

absl::Status Invalid(std::string_view why) {
  return WithMetadata(
      WithField(Error(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID", why), "page_token",
                why),
      "field", "page_token");
}

const google::protobuf::FieldDescriptor* Field(const google::protobuf::Message& message,
                                               const char* name,
                                               google::protobuf::FieldDescriptor::CppType type) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && field->cpp_type() == type && !field->is_repeated() ? field : nullptr;
}

}  // namespace

absl::StatusOr<int> PageSize(int32_t requested) {
  if (requested < 0) return InvalidField("page_size", "must not be negative");
  if (requested == 0) return kDefaultPageSize;
  return requested > kMaxPageSize ? kMaxPageSize : requested;
}

std::string MakePageToken(std::string_view last_key, uint64_t filter_hash, uint32_t schema) {
  std::string bytes(1, kFormat);
  AppendNumber(schema, 4, bytes);
  AppendNumber(filter_hash, 8, bytes);
  bytes.append(last_key);
  AppendNumber(Fingerprint64(bytes), kChecksumBytes, bytes);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<std::string> ParsePageToken(std::string_view token, uint64_t filter_hash,
                                           uint32_t schema) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(ToAbsl(token), &bytes) ||
      bytes.size() < kHeadBytes + kChecksumBytes || bytes[0] != kFormat) {
    return Invalid("is not a page token of this server");
  }
  const std::string_view all(bytes);
  const std::string_view signed_part = all.substr(0, all.size() - kChecksumBytes);
  if (ReadNumber(all.substr(signed_part.size())) != Fingerprint64(signed_part)) {
    return Invalid("is damaged");
  }
  if (ReadNumber(all.substr(1, 4)) != schema) return Invalid("is of another version; start again");
  if (ReadNumber(all.substr(5, 8)) != filter_hash) {
    return Invalid("was made for a request with another filter");
  }
  return std::string(signed_part.substr(kHeadBytes));
}

uint64_t FilterHash(const google::protobuf::Message& list_request) {
  return FingerprintWithout(list_request, {"page_size", "page_token"});
}

absl::StatusOr<Page> ParsePage(const google::protobuf::Message& list_request, uint32_t schema) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = list_request.GetReflection();
  const auto* size = Field(list_request, "page_size", FieldDescriptor::CPPTYPE_INT32);
  const auto* token = Field(list_request, "page_token", FieldDescriptor::CPPTYPE_STRING);
  if (size == nullptr || token == nullptr) {
    return Error(absl::StatusCode::kInternal, "INTERNAL",
                 "list request has no page_size and page_token");
  }
  Page page;
  auto page_size = PageSize(reflection->GetInt32(list_request, size));
  if (!page_size.ok()) return page_size.status();
  page.size = *page_size;
  page.filter_hash = FilterHash(list_request);
  auto after = ParsePageToken(reflection->GetString(list_request, token), page.filter_hash, schema);
  if (!after.ok()) return after.status();
  page.after = *std::move(after);
  return page;
}

}  // namespace frontdesk::rpc
