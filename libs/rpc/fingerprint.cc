#include "libs/rpc/fingerprint.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <string>
#include <vector>

#include "libs/base/hash.h"

namespace frontdesk::rpc {
namespace {

using google::protobuf::internal::WireFormatLite;

std::string SerializeDeterministic(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// Removes top-level fields from what we have just serialised ourselves, so the form is known to be
// right; this saves copying the message.
std::string RemoveFields(const std::string& bytes, const std::vector<int>& numbers) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  std::string kept;
  kept.reserve(bytes.size());
  int begin = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (!WireFormatLite::SkipField(&in, tag)) return bytes;
    const int end = in.CurrentPosition();
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) {
      kept.append(bytes, begin, end - begin);
    }
    begin = end;
  }
  return kept;
}

}  // namespace

uint64_t FingerprintWithout(const google::protobuf::Message& message,
                            std::initializer_list<const char*> fields) {
  std::vector<int> numbers;
  for (const char* name : fields) {
    if (const auto* field = message.GetDescriptor()->FindFieldByName(name)) {
      numbers.push_back(field->number());
    }
  }
  return Fingerprint64(RemoveFields(SerializeDeterministic(message), numbers));
}

}  // namespace frontdesk::rpc
