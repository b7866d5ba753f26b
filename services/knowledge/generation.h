#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/v1/answer_generator.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/knowledge/domain/support.h"

namespace frontdesk::knowledge {

// Phrases answers; an operator's, and not trusted. Thread safe.
class Generator {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<v1::GenerateAnswerResponse>)>;

  virtual ~Generator() = default;
  // `done` is called once, on any thread, also at once.
  virtual void Generate(const v1::GenerateAnswerRequest& request, absl::Duration deadline,
                        Done done) = 0;
};

// What a generator is asked for a known answer: the question without personal data, and what the
// answer cites.
v1::GenerateAnswerRequest GenerationRequest(const v1::AnswerQuestionRequest& request,
                                            const v1::Answer& answer);

// A sentence that was generated, with what was found for it in what the answer cites.
struct GeneratedSentence {
  size_t begin = 0;  // bytes of the text
  size_t end = 0;
  Support support;
};
// Empty when the text can't be an answer: nothing, ill-formed or too long.
std::vector<GeneratedSentence> JudgeGenerated(const std::string& text, const v1::Answer& answer);

// Says in words of its own what the evidence says, by all but its words: the encoder decides.
bool IsDoubtful(const GeneratedSentence& sentence);
// Judges it once more, after the encoder found the two near in meaning.
void JudgeByMeaning(const std::string& text, const v1::Answer& answer, GeneratedSentence& sentence);

// Puts the sentences that have support in the place of the answer's text, each with its source; the
// article's words stay when fewer than half of them have it.
void TakeSupported(const std::string& text, const std::vector<GeneratedSentence>& sentences,
                   v1::Answer& answer);

}  // namespace frontdesk::knowledge
