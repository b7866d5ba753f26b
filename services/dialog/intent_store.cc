#include "services/dialog/intent_store.h"

#include <utility>

#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"

namespace frontdesk::dialog {

using store::v1::IntentExamplesRecord;
using store::v1::IntentRecord;

std::string IntentName(std::string_view tenant, std::string_view id) {
  return ResourceName({{"tenants", tenant}, {"intents", id}});
}

absl::StatusOr<IntentRecord> LoadIntentRecord(const engine::Reader& reader, std::string_view tenant,
                                              std::string_view id) {
  FD_ASSIGN_OR_RETURN(IntentRecord record,
                      kIntents.Load(reader, kIntents.Key(tenant, id), IntentName(tenant, id)));
  FD_ASSIGN_OR_RETURN(auto examples, kIntentExamples.Find(reader, kIntentExamples.Key(tenant, id)));
  if (examples.has_value()) {
    record.mutable_intent()->mutable_examples()->Swap(examples->mutable_examples());
  }
  return record;
}

absl::StatusOr<std::optional<v1::Intent>> FindIntent(const engine::Reader& reader,
                                                     std::string_view tenant,
                                                     std::string_view name) {
  if (name.empty()) return std::optional<v1::Intent>();
  const std::string_view id = name.substr(name.rfind('/') + 1);
  FD_ASSIGN_OR_RETURN(auto record, kIntents.Find(reader, kIntents.Key(tenant, id)));
  if (!record.has_value()) return std::optional<v1::Intent>();
  return std::optional<v1::Intent>(std::move(*record->mutable_intent()));
}

absl::Status ListIntents(const engine::Reader& reader, std::string_view tenant,
                         const rpc::Page& page, v1::ListIntentsResponse* response) {
  return rpc::ScanPage(
      reader, kIntents.Key(tenant), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(IntentRecord record, kIntents.Parse(value));
        *response->add_intents() = std::move(*record.mutable_intent());
        return true;
      },
      response->mutable_next_page_token());
}

absl::StatusOr<std::vector<IntentExamples>> AllExamples(const engine::Reader& reader,
                                                        std::string_view tenant) {
  std::vector<IntentExamples> all;
  absl::Status parsed;
  FD_RETURN_IF_ERROR(reader.Scan(
      kIntentExamples.Key(tenant), "", [&](std::string_view key, std::string_view value) {
        engine::KeyReader fields(key);
        std::string owner;
        IntentExamples& intent = all.emplace_back();
        auto record = kIntentExamples.Parse(value);
        parsed = record.status();
        if (parsed.ok() && (!fields.Read(&owner) || !fields.Read(&intent.id))) {
          parsed = engine::CorruptRow(kIntentExamples.name);
        }
        if (!parsed.ok()) return false;
        intent.examples.assign(std::make_move_iterator(record->mutable_examples()->begin()),
                               std::make_move_iterator(record->mutable_examples()->end()));
        return true;
      }));
  FD_RETURN_IF_ERROR(parsed);
  for (IntentExamples& intent : all) {
    FD_ASSIGN_OR_RETURN(const auto record, kIntents.Find(reader, kIntents.Key(tenant, intent.id)));
    intent.out_of_scope =
        record.has_value() && record->intent().action() == v1::INTENT_ACTION_OUT_OF_SCOPE;
  }
  return all;
}

absl::StatusOr<std::vector<std::string>> TenantsWithIntents(const engine::Reader& reader) {
  std::vector<std::string> tenants;
  const std::string table = kIntents.Key();
  std::string start;
  bool found = true;
  // One look a tenant: from the first key behind the one before's.
  while (found) {
    found = false;
    bool read = true;
    FD_RETURN_IF_ERROR(reader.Scan(table, start, [&](std::string_view key, std::string_view) {
      found = true;
      read = engine::KeyReader(key).Read(&tenants.emplace_back());
      return false;
    }));
    if (!read) return engine::CorruptRow(kIntents.name);
    if (found) start = engine::PrefixEnd(kIntents.Key(tenants.back()));
  }
  return tenants;
}

}  // namespace frontdesk::dialog
