// How KnowledgeService lets a generator phrase a known answer: asked with what is cited, judged
// sentence by sentence, the article's own words whenever anything is wrong.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <utility>

#include "services/knowledge/domain/confidence.h"
#include "services/knowledge/knowledge_service.h"

namespace frontdesk::knowledge {
namespace {

// Of the time that the caller still waits; the rest is for the reply's way back.
constexpr double kGeneratorShare = 0.8;
constexpr absl::Duration kShortestGeneration = absl::Milliseconds(10);
// From which nearness in meaning, of what the encoder's scale holds, a sentence may use other words.
constexpr double kSameMeaning = 0.75;

void CountRefused(const GenerationMetrics& metrics,
                  const std::vector<GeneratedSentence>& sentences) {
  for (const GeneratedSentence& sentence : sentences) {
    switch (sentence.support.unsupported) {
      case Unsupported::kWords:
        metrics.no_words.Increment();
        break;
      case Unsupported::kFact:
        metrics.no_fact.Increment();
        break;
      case Unsupported::kNegation:
        metrics.negation.Increment();
        break;
      case Unsupported::kPromise:
        metrics.promise.Increment();
        break;
      default:
        break;
    }
  }
}

void CountOutcome(const GenerationMetrics& metrics, v1::AnswerGeneration generation) {
  (generation == v1::ANSWER_GENERATION_GENERATED           ? metrics.generated
   : generation == v1::ANSWER_GENERATION_GENERATED_IN_PART ? metrics.in_part
   : generation == v1::ANSWER_GENERATION_REFUSED           ? metrics.refused
                                                           : metrics.unavailable)
      .Increment();
}

double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return 0;
  double dot = 0;
  double left = 0;
  double right = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    left += static_cast<double>(a[i]) * a[i];
    right += static_cast<double>(b[i]) * b[i];
  }
  return left > 0 && right > 0 ? dot / std::sqrt(left * right) : 0;
}

}  // namespace

rpc::Finish KnowledgeService::Phrased(const rpc::Call& call,
                                      const v1::AnswerQuestionRequest& request,
                                      v1::AnswerQuestionResponse* response, rpc::Finish finish) {
  return
      [this, &call, &request, response, finish = std::move(finish)](absl::Status status) mutable {
        v1::Answer& answer = *response->mutable_answer();
        if (!status.ok() || !answer.known()) return finish(std::move(status));
        const absl::Duration begin = in_.clock.Steady();
        const absl::Duration wait =
            std::min(config_.generator_timeout, kGeneratorShare * (call.give_up_at - begin));
        auto done = [this, &answer, begin, finish = std::move(finish)]() mutable {
          in_.metrics.generation.seconds.Observe(in_.clock.Steady() - begin);
          CountOutcome(in_.metrics.generation, answer.generation());
          finish(absl::OkStatus());
        };
        answer.set_generation(v1::ANSWER_GENERATION_UNAVAILABLE);
        const v1::GenerateAnswerRequest generate = GenerationRequest(request, answer);
        if (wait < kShortestGeneration || generate.question().empty()) return done();
        in_.generator->Generate(
            generate, wait,
            [this, &call, &answer,
             done = std::make_shared<decltype(done)>(std::move(done))](auto generated) mutable {
              if (!generated.ok()) return (*done)();
              TakeGenerated(call, generated->text(), answer, [done] { (*done)(); });
            });
      };
}

void KnowledgeService::TakeGenerated(const rpc::Call& call, const std::string& text,
                                     v1::Answer& answer, std::function<void()> done) {
  struct Judging {
    std::string text;
    std::vector<GeneratedSentence> sentences;
    std::vector<size_t> doubtful;
    std::vector<std::shared_ptr<QueryVector>> vectors;  // of a sentence, then of its evidence
    std::function<void()> done;
    std::atomic<size_t> left{1};
  };
  auto judging = std::make_shared<Judging>();
  judging->text = text;
  judging->done = std::move(done);
  judging->sentences = JudgeGenerated(text, answer);
  if (judging->sentences.empty() && !text.empty()) return judging->done();
  for (size_t i = 0; i < judging->sentences.size(); ++i) {
    if (IsDoubtful(judging->sentences[i])) judging->doubtful.push_back(i);
  }
  judging->vectors.resize(2 * judging->doubtful.size());
  auto take = [this, judging, &answer] {
    if (--judging->left > 0) return;
    for (size_t i = 0; i < judging->doubtful.size(); ++i) {
      const auto& said = judging->vectors[2 * i];
      const auto& there = judging->vectors[2 * i + 1];
      if (said == nullptr || there == nullptr || said->encoder != there->encoder) continue;
      const CosineScale scale = ScaleOf(answer.locale());
      const double meaning =
          (Cosine(said->values, there->values) - scale.unrelated) / (scale.same - scale.unrelated);
      if (meaning < kSameMeaning) continue;
      JudgeByMeaning(judging->text, answer, judging->sentences[judging->doubtful[i]]);
    }
    CountRefused(in_.metrics.generation, judging->sentences);
    TakeSupported(judging->text, judging->sentences, answer);
    judging->done();
  };
  judging->left += judging->vectors.size();
  for (size_t i = 0; i < judging->doubtful.size(); ++i) {
    const GeneratedSentence& sentence = judging->sentences[judging->doubtful[i]];
    const Support& support = sentence.support;
    const std::string texts[] = {text.substr(sentence.begin, sentence.end - sentence.begin),
                                 answer.citations(support.passage)
                                     .quote()
                                     .substr(support.begin, support.end - support.begin)};
    for (size_t side = 0; side < 2; ++side) {
      WithMeaning(call, answer.locale(), texts[side],
                  [judging, slot = 2 * i + side, take](std::shared_ptr<QueryVector> vector) {
                    judging->vectors[slot] = std::move(vector);
                    take();
                  });
    }
  }
  take();
}

}  // namespace frontdesk::knowledge
