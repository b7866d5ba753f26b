#include "services/dialog/message_preparer.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/process/sealing.h"
#include "libs/telemetry/log.h"
#include "libs/text/language.h"
#include "libs/text/normalize.h"
#include "services/dialog/domain/context.h"
#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {

// One message on its way through the steps.
struct MessagePreparer::Work {
  Question question;
  absl::Duration give_up_at;  // steady
  absl::Duration started;
  Done done;
  std::string plain;
  std::string asked_before;  // masked
  bool bot_speaks = true;
  PreparedMessage result;      // each step has its fields
  std::atomic<int> steps = 0;  // that have not ended
};

void MessagePreparer::Attach(bus::ShardSet& shards) {
  const std::unique_lock lock(mu_);
  shards_ = &shards;
}

void MessagePreparer::Close() {
  const std::unique_lock lock(mu_);
  shards_ = nullptr;
}

absl::Status MessagePreparer::WithShards(absl::FunctionRef<absl::Status(bus::ShardSet&)> use) {
  const std::shared_lock lock(mu_);
  if (shards_ == nullptr) {
    return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service stops");
  }
  return use(*shards_);
}

void MessagePreparer::Prepare(Question question, absl::Duration deadline, Done done) {
  auto work = std::make_unique<Work>();
  work->question = std::move(question);
  work->started = in_.clock.Steady();
  work->give_up_at = work->started + deadline;
  work->done = std::move(done);
  if (absl::Status status = ReadConversation(*work); !status.ok()) return work->done(status);
  const std::string tenant = work->question.tenant.value();
  std::vector<std::string> customers = {work->question.customer.value()};
  in_.keys.Get(tenant, std::move(customers), deadline,
               [self = shared_from_this(), work = std::move(work)](
                   absl::StatusOr<std::vector<process::DataKeys::Key>> keys) mutable {
                 if (!keys.ok()) return work->done(keys.status());
                 self->OpenAndAsk(std::move(work), keys->empty() ? nullptr : keys->front());
               });
}

absl::Status MessagePreparer::ReadConversation(Work& work) {
  const Question& question = work.question;
  return WithShards([&](bus::ShardSet& shards) {
    return shards.For(question.tenant.value())
        .store()
        .Read([&](const engine::Reader& reader) -> absl::Status {
          FD_ASSIGN_OR_RETURN(
              const auto latest,
              FindLatest(reader, question.tenant, question.customer, question.channel_account));
          if (!latest.has_value() ||
              latest->conversation().state() == v1::CONVERSATION_STATE_RESOLVED) {
            return absl::OkStatus();
          }
          const v1::Conversation& conversation = latest->conversation();
          work.bot_speaks = conversation.state() == v1::CONVERSATION_STATE_BOT;
          work.asked_before = FindSlot(conversation, slots::kLastQuestion);
          work.result.conversation = conversation.name();
          work.result.speaker_token = conversation.speaker_lease().token();
          return absl::OkStatus();
        });
  });
}

void MessagePreparer::OpenAndAsk(std::unique_ptr<Work> work, const process::DataKeys::Key& key) {
  const Question& question = work->question;
  work->result.key = key;
  work->plain = question.text.masked();
  if (key != nullptr && !question.text.sealed().empty()) {
    auto plain =
        process::OpenText(*key, question.tenant.value(), question.customer.value(), question.text);
    // The masked form still says what is asked.
    if (plain.ok()) {
      work->plain = *std::move(plain);
    } else {
      telemetry::Log(telemetry::Level::kWarn, "dialog.text_not_opened",
                     {{"tenant", question.tenant}, {"status", plain.status()}});
    }
  }
  // The words decide; what channel found is for messages without any ("13800138000").
  const std::string_view guessed = text::GuessLanguage(work->plain);
  work->result.language = guessed == "und" ? question.language : std::string(guessed);
  work->result.wish = ReadWish(text::MatchKey(work->plain));
  const bool asks =
      work->bot_speaks && !work->result.wish.needs_no_answer() && !work->plain.empty();
  const bool understands = in_.understander != nullptr && !work->plain.empty();
  if (!asks && !understands) return Finish(*work);
  // Once closed the peers may be gone.
  const absl::Status open = WithShards([](bus::ShardSet&) { return absl::OkStatus(); });
  if (!open.ok()) return work->done(open);
  const std::shared_ptr<Work> shared = std::move(work);
  shared->steps = static_cast<int>(asks) + static_cast<int>(understands);
  if (understands) Understand(shared);
  if (asks) Ask(shared);
}

void MessagePreparer::Understand(const std::shared_ptr<Work>& work) {
  const absl::Duration left = work->give_up_at - in_.clock.Steady();
  // What waits longer for its turn leaves no time for the rest; the encoder itself takes its time.
  in_.understander->Understand(work->question.tenant.value(), work->plain, left / 2,
                               [self = shared_from_this(), work](const Understood& understood) {
                                 work->result.understanding = understood.ForTurn();
                                 self->Arrive(*work);
                               });
}

void MessagePreparer::Ask(const std::shared_ptr<Work>& work) {
  const absl::Duration left = work->give_up_at - in_.clock.Steady();
  if (left <= absl::ZeroDuration()) return Arrive(*work);
  knowledge::v1::AnswerQuestionRequest request;
  request.set_parent(ResourceName({{"tenants", work->question.tenant.value()}}));
  request.set_question(std::string(CutCharacters(work->plain, kMaxQuestionCharacters)));
  request.set_locale(work->result.language);
  request.set_context(work->asked_before);
  in_.answers.Answer(
      request, left,
      [self = shared_from_this(),
       work](absl::StatusOr<knowledge::v1::AnswerQuestionResponse> answer) {
        if (answer.ok()) {
          work->result.outcome =
              answer->answer().known() ? AnswerOutcome::kKnown : AnswerOutcome::kUnknown;
          work->result.answer = std::move(*answer->mutable_answer());
        } else {
          telemetry::Log(telemetry::Level::kWarn, "dialog.no_answer_from_knowledge",
                         {{"tenant", work->question.tenant}, {"status", answer.status()}});
        }
        self->Arrive(*work);
      });
}

void MessagePreparer::Arrive(Work& work) {
  // What the other one has written is seen by the last.
  if (work.steps.fetch_sub(1, std::memory_order_acq_rel) == 1) Finish(work);
}

void MessagePreparer::Finish(Work& work) {
  in_.metrics.prepare_seconds.Observe(in_.clock.Steady() - work.started);
  work.done(std::move(work.result));
}

}  // namespace frontdesk::dialog
