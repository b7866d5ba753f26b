#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/dialog/v1/dialog.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"

// What a tenant's customers want, as resources: limits, changes, names. Pure.
namespace frontdesk::dialog {

inline constexpr int kMaxIntents = 200;  // of a tenant
inline constexpr int kMaxExamples = 500;
inline constexpr size_t kMaxExampleBytes = 64 << 10;  // of an intent, together
inline constexpr size_t kMaxExampleCharacters = 500;

// INVALID_ARGUMENT naming the field of `intent` among `paths`; `prefix` is put before it.
absl::Status CheckIntent(const v1::Intent& intent, const std::vector<std::string>& paths,
                         std::string_view prefix);

// Every path that can be changed.
const std::vector<std::string>& AllIntentPaths();
// Of the mask, or those that are populated. INVALID_ARGUMENT for any other path.
absl::StatusOr<std::vector<std::string>> IntentPaths(const v1::UpdateIntentRequest& request);

// Takes the fields of `paths` over. True when that changed anything.
bool ChangeIntent(const v1::Intent& wanted, const std::vector<std::string>& paths,
                  v1::Intent& intent);

// In the language, else in the same tongue of elsewhere ("zh" for "zh-TW"), else the first one.
std::string_view DisplayName(const v1::Intent& intent, std::string_view language);

}  // namespace frontdesk::dialog
