#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "frontdesk/dialog/store/v1/dialog_store.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/reader.h"
#include "services/dialog/keys.h"

// Reading intents. Free functions over a view, used by handlers (Txn) and by reads (Reader).
namespace frontdesk::dialog {

std::string IntentName(std::string_view tenant, std::string_view id);

// With its examples. NOT_FOUND with the name.
absl::StatusOr<store::v1::IntentRecord> LoadIntentRecord(const engine::Reader& reader,
                                                         std::string_view tenant,
                                                         std::string_view id);
// By its name, without examples: one small row. nullopt when it is gone or `name` is empty.
absl::StatusOr<std::optional<v1::Intent>> FindIntent(const engine::Reader& reader,
                                                     std::string_view tenant,
                                                     std::string_view name);
// A page by id, without examples.
absl::Status ListIntents(const engine::Reader& reader, std::string_view tenant,
                         const rpc::Page& page, v1::ListIntentsResponse* response);

// What a model is made of: intent by intent, in the order of ids.
struct IntentExamples {
  std::string id;
  std::vector<v1::IntentExample> examples;
  bool out_of_scope = false;  // they are about no intent
};
absl::StatusOr<std::vector<IntentExamples>> AllExamples(const engine::Reader& reader,
                                                        std::string_view tenant);
// Who has intents: every tenant of the store once.
absl::StatusOr<std::vector<std::string>> TenantsWithIntents(const engine::Reader& reader);

}  // namespace frontdesk::dialog
