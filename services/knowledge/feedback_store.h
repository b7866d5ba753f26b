#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// What became of articles' answers, week by week.
namespace frontdesk::knowledge {

// As many as can be asked for, and some.
inline constexpr uint32_t kUsefulnessWeeksKept = 110;

// Changes the figures of an article in a week.
absl::Status MoveUsefulness(engine::Txn& txn, std::string_view tenant, uint32_t week,
                            const std::string& article,
                            absl::FunctionRef<void(v1::Usefulness&)> move);
// Keeps a comment as the newest one.
absl::Status AddComment(engine::Txn& txn, std::string_view tenant, const std::string& article,
                        v1::RatingComment comment);
// Takes back what was said of an answer.
absl::Status RemoveComment(engine::Txn& txn, std::string_view tenant, const std::string& article,
                           const std::string& answer, const std::string& comment);

// `weeks` up to that of `now`.
absl::Status ReadUsefulness(const engine::Reader& reader, std::string_view tenant,
                            const std::string& article, absl::Time now, int weeks,
                            v1::ArticleUsefulness* figures);
absl::Status ReadWeakArticles(const engine::Reader& reader, const std::string& tenant,
                              absl::Time now, const v1::ListWeakArticlesRequest& request,
                              v1::ListWeakArticlesResponse* response);

}  // namespace frontdesk::knowledge
