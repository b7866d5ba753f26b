#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"
#include "services/knowledge/domain/gap.h"
#include "services/knowledge/gap_clusters.h"
#include "services/knowledge/keys.h"

namespace frontdesk::knowledge {

// What a question counts as, and who asked it.
struct AskedQuestion {
  std::string question;  // masked; kept as the hint read it, or its beginning without personal data
  std::string language;  // as told; may be empty
  GapSign sign = GapSign::kUnanswered;
  std::string conversation;
  std::string customer;
  std::string account;
};

// Counts a question into the gap of its kind: of the same words, else the one that `hint` names, else
// one of the newest that asks nearly the same, else a new one with KnowledgeGapFound. A resolved gap is opened again. Returns the gap's id; empty for
// what holds nothing to compare ("???"). `clusters` hears of it once it is committed; null: nobody.
absl::StatusOr<std::string> CountIntoGap(const AskedQuestion& asked, const GapHint& hint,
                                         GapClusters* clusters, const engine::Context& context,
                                         engine::Txn& txn);

// The same for an unanswered question of dialog. A message is counted once, however often and under
// whatever event id its event comes.
absl::Status CountUnanswered(const dialog::v1::DialogEvent& event, const GapHint& hint,
                             GapClusters* clusters, const engine::Context& context,
                             engine::Txn& txn);

struct GapKey {
  std::string tenant;
  std::string gap;
};

// The verbs. `gap` is filled with the gap after the change.
absl::Status AssignKnowledgeGap(const v1::AssignKnowledgeGapRequest& request, const GapKey& key,
                                const engine::Context& context, engine::Txn& txn,
                                v1::KnowledgeGap* gap);
absl::Status ResolveKnowledgeGap(const v1::ResolveKnowledgeGapRequest& request, const GapKey& key,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::KnowledgeGap* gap);
absl::Status DismissKnowledgeGap(const v1::DismissKnowledgeGapRequest& request, const GapKey& key,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::KnowledgeGap* gap);
absl::Status ReopenKnowledgeGap(const v1::ReopenKnowledgeGapRequest& request, const GapKey& key,
                                const engine::Context& context, engine::Txn& txn,
                                v1::KnowledgeGap* gap);

absl::Status ReadGapPage(const engine::Reader& reader, const std::string& tenant,
                         const v1::ListKnowledgeGapsRequest& request, const rpc::Page& page,
                         v1::ListKnowledgeGapsResponse* response);

}  // namespace frontdesk::knowledge
