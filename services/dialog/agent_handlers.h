#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/store.h"

// People who answer customers.
namespace frontdesk::dialog {

// `id` empty: a ULID. ALREADY_EXISTS.
absl::Status CreateAgent(std::string_view id, const v1::Agent& draft, const engine::Context& ctx,
                         engine::Txn& txn, v1::Agent* result);

// Changes the fields of `paths`; a change that changes nothing leaves the etag. NOT_FOUND, ABORTED.
absl::Status UpdateAgent(std::string_view id, const v1::Agent& wanted,
                         const std::vector<std::string>& paths, const engine::Context& ctx,
                         engine::Txn& txn, v1::Agent* result);

// Of the tenants file: makes the agent or brings it to what the file says.
absl::Status LoadAgent(std::string_view id, const v1::Agent& wanted, const engine::Context& ctx,
                       engine::Txn& txn);

// INVALID_ARGUMENT naming the field; `prefix` is put before it.
absl::Status CheckAgent(const v1::Agent& agent, std::string_view prefix);

// Of the mask, or those that are populated. INVALID_ARGUMENT for any other path.
absl::StatusOr<std::vector<std::string>> AgentPaths(const v1::UpdateAgentRequest& request);

}  // namespace frontdesk::dialog
