#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/health/v1/health.pb.h"
#include "tools/demo/backend.h"
#include "tools/demo/checks.h"
#include "tools/demo/server_process.h"

// The demo is played against deploy/demo/tenants.yaml: these are its names and tokens.
namespace frontdesk::demo {

inline constexpr char kTenant[] = "demo";
inline constexpr char kAccount[] = "tenants/demo/accounts/harbour";
inline constexpr char kSubscription[] = "tenants/demo/subscriptions/growth-2026";
inline constexpr char kAgent[] = "tenants/demo/agents/mia";
inline constexpr char kAdminToken[] = "demo-admin-token";
inline constexpr char kAgentToken[] = "demo-agent-token";
inline constexpr char kChannelToken[] = "demo-channel-token";
inline constexpr char kOperatorToken[] = "demo-operator-token";

// How long anything may take that is expected to happen in milliseconds.
inline constexpr absl::Duration kSoon = absl::Seconds(20);

// Everything that the parts of the story share.
struct Story {
  const ServerProcess& server;
  Backend& backend;
  Checks& checks;
  std::vector<std::string> customers{};  // everybody who wrote
  int bot_resolutions = 0;               // conversations that no person took part in
};

// An error of these means that the story can't go on; what is merely wrong goes to story.checks.
absl::Status WaitUntilServing(Story& story);
// Waits until the intents are learnt, and tries them.
absl::Status ShowUnderstanding(Story& story);
absl::Status PlayEnglishChat(Story& story);
absl::Status PlayChineseApi(Story& story);
absl::Status PlayHandoff(Story& story);

absl::StatusOr<health::v1::HealthScore> ReadHealth(Story& story);
// Waits until the account's score rests on so many outcomes.
absl::StatusOr<health::v1::HealthScore> AwaitHealth(Story& story, int outcomes);
void PrintHealth(const health::v1::HealthScore& score);
void CheckHealth(Story& story, const health::v1::HealthScore& before,
                 const health::v1::HealthScore& after);

// What knowledge has learnt from how the conversations ended.
absl::Status ShowLabels(Story& story);
absl::Status ShowInvoice(Story& story);
absl::Status ShowEvents(Story& story);

// That a turn of the customer was understood as `intent`, an id.
absl::Status CheckUnderstood(Story& story, const std::string& conversation, int64_t sequence,
                             std::string_view intent);

// Reads the conversation until it is in `state`.
absl::StatusOr<dialog::v1::Conversation> AwaitConversation(Story& story, const std::string& name,
                                                           dialog::v1::ConversationState state);

}  // namespace frontdesk::demo
