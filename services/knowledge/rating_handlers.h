#pragma once

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"

namespace frontdesk::knowledge {

// Notes the caller's vote on an answer and moves the counts of the cited articles. A cited article
// that is not known (any more) is left out.
absl::Status RateAnswer(const v1::RateAnswerRequest& request,
                        const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn,
                        v1::RateAnswerResponse* response);

}  // namespace frontdesk::knowledge
