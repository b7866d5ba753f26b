#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "absl/strings/escaping.h"
#include "frontdesk/billing/store/v1/billing_store.pb.h"
#include "frontdesk/billing/v1/billing_events.pb.h"
#include "frontdesk/channel/store/v1/channel_store.pb.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/store/v1/dialog_store.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health_events.pb.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "frontdesk/store/v1/engine.pb.h"
#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"

// Bytes of every stored record and every event as an earlier build wrote them (golden.txt) are read
// by this one: each field comes back with the value that was put, nothing is unknown, and writing it
// again gives the same bytes. A field may be added freely; then, or for a new message, run
// tools/proto-image, which adds what is missing and never changes a line.
namespace {

namespace pb = google::protobuf;

constexpr int kMaxDepth = 5;

// A value that depends only on number and type of the field, so that reader and writer agree.
void FillField(pb::Message& message, const pb::FieldDescriptor* field, int depth);

void FillMessage(pb::Message& message, const pb::FieldDescriptor* of_oneof, int depth) {
  const pb::Descriptor* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const pb::FieldDescriptor* field = descriptor->field(i);
    const pb::OneofDescriptor* oneof = field->real_containing_oneof();
    if (oneof != nullptr) {
      const bool chosen = of_oneof != nullptr && of_oneof->containing_oneof() == oneof;
      if (field != (chosen ? of_oneof : oneof->field(0))) continue;
    }
    FillField(message, field, depth);
  }
}

void FillField(pb::Message& message, const pb::FieldDescriptor* field, int depth) {
  const pb::Reflection* set = message.GetReflection();
  const int n = field->number();
  const std::string text = fmt::format("field-{}", n);
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
#define FD_FILL(KIND, Method, value)                                                            \
  case pb::FieldDescriptor::CPPTYPE_##KIND:                                                     \
    many ? set->Add##Method(&message, field, value) : set->Set##Method(&message, field, value); \
    return;
    FD_FILL(INT32, Int32, 1000 + n)
    FD_FILL(INT64, Int64, 1'000'000'000'000 + n)
    FD_FILL(UINT32, UInt32, 2000u + static_cast<uint32_t>(n))
    FD_FILL(UINT64, UInt64, 2'000'000'000'000ull + static_cast<uint64_t>(n))
    FD_FILL(DOUBLE, Double, n + 0.5)
    FD_FILL(FLOAT, Float, static_cast<float>(n) + 0.5f)
    FD_FILL(BOOL, Bool, true)
    FD_FILL(STRING, String, text)
    FD_FILL(ENUM, EnumValue, 1)
#undef FD_FILL
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth >= kMaxDepth) return;
      FillMessage(many ? *set->AddMessage(&message, field) : *set->MutableMessage(&message, field),
                  nullptr, depth + 1);
      return;
  }
}

std::string Deterministic(const pb::Message& message) {
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

bool HasUnknown(const pb::Message& message) {
  const pb::Reflection* get = message.GetReflection();
  if (!get->GetUnknownFields(message).empty()) return true;
  std::vector<const pb::FieldDescriptor*> fields;
  get->ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknown(get->GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < get->FieldSize(message, field); ++i) {
      if (HasUnknown(get->GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

// Clears from `full` what `golden` lacks: fields that were added since.
void KeepOnly(pb::Message& full, const pb::Message& golden) {
  const pb::Reflection* reflection = full.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection->ListFields(full, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const bool there = field->is_repeated() ? reflection->FieldSize(golden, field) > 0
                                            : reflection->HasField(golden, field);
    if (!there) {
      reflection->ClearField(&full, field);
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      field->is_repeated() ? KeepOnly(*reflection->MutableRepeatedMessage(&full, field, 0),
                                      reflection->GetRepeatedMessage(golden, field, 0))
                           : KeepOnly(*reflection->MutableMessage(&full, field),
                                      reflection->GetMessage(golden, field));
    }
  }
}

struct Sample {
  const pb::Descriptor* type;
  const pb::FieldDescriptor* of_oneof;  // which payload, for events
};

// "frontdesk.ticket.v1.TicketEvent/ticket_created" ► how it is made.
std::map<std::string, Sample> Samples() {
  std::map<std::string, Sample> samples;
  const auto add_file = [&](const pb::FileDescriptor* file, bool first_only) {
    for (int i = 0; i < (first_only ? 1 : file->message_type_count()); ++i) {
      const pb::Descriptor* type = file->message_type(i);
      const std::string& name = type->full_name();
      if (type->real_oneof_decl_count() == 0) {
        samples[name] = {type, nullptr};
        continue;
      }
      const pb::OneofDescriptor* oneof = type->oneof_decl(0);
      for (int k = 0; k < oneof->field_count(); ++k) {
        samples[fmt::format("{}/{}", name, oneof->field(k)->name())] = {type, oneof->field(k)};
      }
    }
  };
  using namespace frontdesk;
  add_file(store::v1::Manifest::descriptor()->file(), false);
  add_file(channel::store::v1::CustomerRecord::descriptor()->file(), false);
  add_file(dialog::store::v1::ConversationRecord::descriptor()->file(), false);
  add_file(ticket::store::v1::TicketRecord::descriptor()->file(), false);
  add_file(knowledge::store::v1::ArticleRecord::descriptor()->file(), false);
  add_file(health::store::v1::AccountRecord::descriptor()->file(), false);
  add_file(billing::store::v1::PlanRecord::descriptor()->file(), false);
  add_file(channel::v1::ChannelEvent::descriptor()->file(), true);
  add_file(dialog::v1::DialogEvent::descriptor()->file(), true);
  add_file(ticket::v1::TicketEvent::descriptor()->file(), true);
  add_file(knowledge::v1::KnowledgeEvent::descriptor()->file(), true);
  add_file(health::v1::HealthEvent::descriptor()->file(), true);
  add_file(billing::v1::BillingEvent::descriptor()->file(), true);
  return samples;
}

std::unique_ptr<pb::Message> Make(const Sample& sample) {
  std::unique_ptr<pb::Message> message(
      pb::MessageFactory::generated_factory()->GetPrototype(sample.type)->New());
  FillMessage(*message, sample.of_oneof, 0);
  return message;
}

std::string GoldenPath() {
  const char* source = std::getenv("FRONTDESK_SOURCE_DIR");
  REQUIRE(source != nullptr);
  return std::string(source) + "/tests/contract/golden.txt";
}

std::map<std::string, std::string> ReadGolden() {
  std::map<std::string, std::string> golden;
  std::ifstream file(GoldenPath());
  std::string name, hex;
  while (file >> name >> hex) golden[name] = absl::HexStringToBytes(hex);
  return golden;
}

}  // namespace

TEST_CASE("golden: what an earlier build wrote is read as it was meant") {
  const std::map<std::string, Sample> samples = Samples();
  const std::map<std::string, std::string> golden = ReadGolden();
  REQUIRE_FALSE(golden.empty());
  for (const auto& [name, bytes] : golden) {
    INFO(name);
    const auto sample = samples.find(name);
    REQUIRE(sample != samples.end());
    std::unique_ptr<pb::Message> expected = Make(sample->second);
    std::unique_ptr<pb::Message> read(expected->New());
    REQUIRE(read->ParseFromString(bytes));
    CHECK_FALSE(HasUnknown(*read));
    KeepOnly(*expected, *read);
    CHECK(Deterministic(*expected) == bytes);
    CHECK(Deterministic(*read) == bytes);
  }
}

TEST_CASE("golden: every record and event has its bytes") {
  const std::map<std::string, std::string> golden = ReadGolden();
  for (const auto& [name, sample] : Samples()) {
    INFO(name << " is new: run tools/proto-image");
    CHECK(golden.contains(name));
  }
}

// Not a test of the normal run: tools/proto-image calls it by its tag.
TEST_CASE("golden: add what is missing", "[.update]") {
  std::map<std::string, std::string> golden = ReadGolden();
  for (const auto& [name, sample] : Samples())
    golden.try_emplace(name, Deterministic(*Make(sample)));
  std::ofstream file(GoldenPath());
  for (const auto& [name, bytes] : golden)
    file << name << ' ' << absl::BytesToHexString(bytes) << '\n';
  REQUIRE(file.good());
}
