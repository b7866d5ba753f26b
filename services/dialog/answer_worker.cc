#include "services/dialog/answer_worker.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "services/dialog/domain/speaker.h"

namespace frontdesk::dialog {
namespace {

absl::StatusOr<MessagePreparer::Question> ReadQuestion(MessagePreparer& preparer,
                                                       const AnswerWish& wish) {
  MessagePreparer::Question question;
  const absl::Status status = preparer.WithShards([&](bus::ShardSet& shards) {
    return shards.For(wish.key.tenant.value())
        .store()
        .Read([&](const engine::Reader& reader) -> absl::Status {
          FD_ASSIGN_OR_RETURN(const auto record, LoadConversation(reader, wish.key));
          FD_ASSIGN_OR_RETURN(v1::Turn turn, LoadTurn(reader, wish.key, wish.turn_sequence));
          const v1::Conversation& conversation = record.conversation();
          FD_ASSIGN_OR_RETURN(const std::string customer,
                              ParseMember(conversation.customer(), wish.key.tenant.value(),
                                          "customers", "customer"));
          FD_ASSIGN_OR_RETURN(question.channel_account,
                              ParseMember(conversation.channel_account(), wish.key.tenant.value(),
                                          "channelAccounts", "channel_account"));
          question.tenant = wish.key.tenant;
          question.customer = CustomerId(customer);
          question.language = conversation.language();
          question.text = std::move(*turn.mutable_text());
          return absl::OkStatus();
        });
  });
  if (!status.ok()) return status;
  return question;
}

void Submit(MessagePreparer& preparer, std::shared_ptr<const HandlerScope> scope,
            const AnswerWish& wish, PreparedMessage prepared) {
  engine::Command command;
  command.method = "TakeAnswer";
  command.tenant = wish.key.tenant.value();
  command.actor = kBotSpeaker;
  command.cause = fmt::format("retry/{}/{}", wish.key.conversation.value(), wish.turn_sequence);
  command.correlation = wish.key.Name();
  command.handle = [scope = std::move(scope), wish, prepared = std::move(prepared)](
                       const engine::Context& ctx, engine::Txn& txn, engine::Reply&) {
    return TakeAnswer(*scope, wish, prepared, ctx, txn);
  };
  // Refused when nobody waits any more; anything else is made good by the retry timer.
  command.done = [](absl::Status) {};
  preparer
      .WithShards([&](bus::ShardSet& shards) {
        shards.For(command.tenant).Submit(std::move(command));
        return absl::OkStatus();
      })
      .IgnoreError();
}

}  // namespace

void AnswerWorker::Ask(const AnswerWish& wish) {
  const bool taken =
      pool_.TrySubmit([preparer = preparer_, scope = scope_, deadline = deadline_, wish]() mutable {
        auto question = ReadQuestion(*preparer, wish);
        if (!question.ok()) return;
        preparer->Prepare(*std::move(question), deadline,
                          [preparer, scope, wish](absl::StatusOr<PreparedMessage> prepared) {
                            if (prepared.ok()) Submit(*preparer, scope, wish, *std::move(prepared));
                          });
      });
  if (!taken) {
    telemetry::Log(telemetry::Level::kWarn, "dialog.retry_not_taken",
                   {{"conversation", wish.key.conversation}});
  }
}

}  // namespace frontdesk::dialog
