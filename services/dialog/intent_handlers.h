#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "frontdesk/dialog/v1/dialog.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/keys.h"

// What customers want, declared by examples.
namespace frontdesk::dialog {

// `id` empty: a ULID. ALREADY_EXISTS, RESOURCE_EXHAUSTED (TOO_MANY_ROWS) above kMaxIntents.
absl::Status CreateIntent(std::string_view id, const v1::Intent& draft, const engine::Context& ctx,
                          engine::Txn& txn, v1::Intent* result);

// Changes the fields of `paths`; a change that changes nothing leaves the etag. NOT_FOUND, ABORTED.
absl::Status UpdateIntent(std::string_view id, const v1::Intent& wanted,
                          const std::vector<std::string>& paths, const engine::Context& ctx,
                          engine::Txn& txn, v1::Intent* result);

// NOT_FOUND, ABORTED.
absl::Status DeleteIntent(std::string_view id, std::string_view etag, const engine::Context& ctx,
                          engine::Txn& txn);

// Of the tenants file: makes the intent or brings it to what the file says. True when that changed
// anything.
absl::StatusOr<bool> LoadIntent(std::string_view id, const v1::Intent& wanted,
                                const engine::Context& ctx, engine::Txn& txn);

}  // namespace frontdesk::dialog
