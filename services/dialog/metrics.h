#pragma once

#include <array>
#include <string>

#include "frontdesk/dialog/v1/dialog.pb.h"
#include "libs/telemetry/metrics.h"
#include "services/dialog/domain/bot_turn.h"
#include "services/dialog/domain/handoff.h"

namespace frontdesk::dialog {

// Every metric of the service beyond those of the engine. Labels are bounded: nothing of a tenant or
// a conversation is one. Counted by handlers, so a command that is repeated after a failed sync may
// count twice: they are for watching, not for billing.
struct Metrics {
  explicit Metrics(telemetry::Metrics& metrics)
      : repeated_messages(metrics.GetCounter("frontdesk_dialog_repeated_messages_total",
                                             "Messages that had had their effect before.")),
        late_answers(metrics.GetCounter(
            "frontdesk_dialog_late_answers_total",
            "Answers of the bot that were refused, because someone else speaks by now.")),
        unprepared(metrics.GetCounter("frontdesk_dialog_unprepared_messages_total",
                                      "Messages whose answer was not ready in time.")),
        stale_timers(metrics.GetCounter("frontdesk_dialog_stale_timers_total",
                                        "Timers of an older generation, without effect.")),
        resolved_by_bot(Resolved(metrics, "true")),
        resolved_with_person(Resolved(metrics, "false")),
        prepare_seconds(metrics.GetHistogram("frontdesk_dialog_prepare_seconds",
                                             "Opening a message and asking knowledge.")),
        understood(Understood(metrics, "intent")),
        understood_late(Understood(metrics, "late")),
        understood_without_model(Understood(metrics, "no_model")),
        intent_training_seconds(metrics.GetHistogram("frontdesk_dialog_intent_training_seconds",
                                                     "Learning a tenant's intents.")) {
    constexpr std::array<const char*, 2> kModelResults = {"ready", "failed"};
    for (size_t i = 0; i < kModelResults.size(); ++i) {
      intent_models[i] = metrics.GetCounter("frontdesk_dialog_intent_models_total",
                                            "Models of intents that were made, read or confirmed.",
                                            {{"result", kModelResults[i]}});
    }
    constexpr std::array<const char*, 9> kMoves = {"silent",  "acknowledge", "answer",
                                                   "clarify", "greet",       "thank",
                                                   "resolve", "retry",       "handoff"};
    for (size_t i = 0; i < kMoves.size(); ++i) {
      moves[i] = metrics.GetCounter("frontdesk_dialog_moves_total",
                                    "What the bot did about a message.", {{"move", kMoves[i]}});
    }
    for (int i = 0; i < v1::HandoffReason_ARRAYSIZE; ++i) {
      handoffs[static_cast<size_t>(i)] = metrics.GetCounter(
          "frontdesk_dialog_handoffs_total", "Conversations handed over, by reason.",
          {{"reason", std::string(ReasonName(static_cast<v1::HandoffReason>(i)))}});
    }
  }

  telemetry::Counter repeated_messages;
  telemetry::Counter late_answers;
  telemetry::Counter unprepared;
  telemetry::Counter stale_timers;
  telemetry::Counter resolved_by_bot;
  telemetry::Counter resolved_with_person;
  telemetry::Histogram prepare_seconds;
  telemetry::Counter understood;
  telemetry::Counter understood_late;
  telemetry::Counter understood_without_model;
  telemetry::Histogram intent_training_seconds;
  std::array<telemetry::Counter, 2> intent_models;                       // ready, failed
  std::array<telemetry::Counter, 9> moves;                               // by MoveKind
  std::array<telemetry::Counter, v1::HandoffReason_ARRAYSIZE> handoffs;  // by HandoffReason

 private:
  static telemetry::Counter Understood(telemetry::Metrics& metrics, const char* result) {
    return metrics.GetCounter("frontdesk_dialog_understood_total",
                              "Texts read, by whether their intent was found in time.",
                              {{"result", result}});
  }
  static telemetry::Counter Resolved(telemetry::Metrics& metrics, const char* bot_only) {
    return metrics.GetCounter("frontdesk_dialog_resolved_total",
                              "Conversations resolved, by whether the bot did it alone.",
                              {{"bot_only", bot_only}});
  }
};

}  // namespace frontdesk::dialog
