#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Which answers cited which version. Noted after an answer was given, never on its way: the bot's
// replies from dialog's events, those that agents asked for by a command of their own.
namespace frontdesk::knowledge {

inline constexpr absl::Duration kAnswerLogLife = absl::Hours(24 * 400);
inline constexpr int64_t kAnswerLogRowsMax = 200'000;  // of a tenant

struct GivenAnswer {
  std::string answer_id;
  std::string conversation;
  std::vector<std::string> article_versions;
  absl::Time time;
};

// One row for each version that there is; the same answer again changes nothing. Forgets a few rows
// that are too old or too many. `rows_max`: kAnswerLogRowsMax but in tests.
absl::Status NoteAnswer(const GivenAnswer& answer, const engine::Context& context, engine::Txn& txn,
                        int64_t rows_max = kAnswerLogRowsMax);
// A reply of the bot went out: notes what it cited.
absl::Status NoteReply(const dialog::v1::DialogEvent& event, const engine::Context& context,
                       engine::Txn& txn);

absl::Status ReadAnswerPage(const engine::Reader& reader, const std::string& tenant,
                            const std::string& article, int version, const rpc::Page& page,
                            v1::ListAnswersByArticleVersionResponse* response);

}  // namespace frontdesk::knowledge
