#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/gap_clusters.h"

namespace frontdesk::knowledge {

// What was told with a rating, prepared: personal data masked.
struct ToldRating {
  std::string comment;
  std::string question;  // empty: not told
  std::string locale;    // of the question
  GapHint hint;          // of the question
};

// Notes the caller's vote on an answer and moves the counts of the cited articles, also those of the
// week. A cited article that is not known (any more) is left out. With the question it becomes a
// labelled question, and the first NOT_HELPFUL counts into a gap.
absl::Status RateAnswer(const v1::RateAnswerRequest& request, const ToldRating& told,
                        GapClusters* clusters, const ::frontdesk::store::Context& context,
                        ::frontdesk::store::Txn& txn, v1::RateAnswerResponse* response);

}  // namespace frontdesk::knowledge
