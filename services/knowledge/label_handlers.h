#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Labelled questions: what a right answer to them rests on.
namespace frontdesk::knowledge {

inline constexpr int kMaxLabelQuestionCharacters = 500;
// Whose outcomes are counted for one question.
inline constexpr int kJudgedArticlesMax = 8;
inline constexpr int kVotesMax = 16;  // for, and against; the oldest makes room

// `text` with placeholders for what says who asks (proposal_text.h), cut to `max` characters; what can't
// be masked becomes "". Takes a while: not for a committer.
std::string MaskedQuestion(std::string_view text, int max);

// Puts a label in the place of the one of the same question and language. `label` has question
// (masked), locale, expectation and source; the rest is filled in. One of a better source stays as it
// is: a person's before a gap's, a rating's and an outcome's. FAILED_PRECONDITION when there are too
// many, for gathered ones OK.
absl::Status PutLabel(v1::LabeledQuestion label, const engine::Context& context, engine::Txn& txn,
                      v1::LabeledQuestion* put = nullptr);

// What a conversation says of the article that its last answer cited first.
struct OutcomeVote {
  enum class Verdict { kNone, kSolved, kNotSolved };
  std::string question;  // without personal data
  std::string locale;
  std::string article;        // id
  uint64_t conversation = 0;  // hash: each has one vote
  Verdict verdict = Verdict::kNone;
};
// Puts it in the place of what the conversation said before; kNone takes that back. Where no better
// source has spoken the votes make the label: expected is the article that solved it most often beyond
// its failures, else the one that failed most often beyond that is wrong. A draw leaves the label as it
// is, so one conversation does not turn what many agree on.
absl::Status CastVote(const OutcomeVote& vote, const engine::Context& context, engine::Txn& txn);

// Takes back what closing a gap said of a question; what others say of it stays.
absl::Status DropGapLabel(const std::string& question, const std::string& locale,
                          const engine::Context& context, engine::Txn& txn);

// `masked`: the question of the request.
absl::Status CreateLabeledQuestion(const v1::CreateLabeledQuestionRequest& request,
                                   const std::string& masked, const engine::Context& context,
                                   engine::Txn& txn, v1::CreateLabeledQuestionResponse* response);
absl::Status DeleteLabeledQuestion(const std::string& id, const engine::Context& context,
                                   engine::Txn& txn);

absl::Status ReadLabelPage(const engine::Reader& reader, const std::string& tenant,
                           const v1::ListLabeledQuestionsRequest& request, const rpc::Page& page,
                           v1::ListLabeledQuestionsResponse* response);
absl::StatusOr<records::LabelStatsRecord> ReadLabelStats(const engine::Reader& reader,
                                                         std::string_view tenant);

}  // namespace frontdesk::knowledge
