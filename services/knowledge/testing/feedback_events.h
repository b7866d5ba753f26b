#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/testing/knowledge_world.h"

// What dialog and ticket tell about conversations, for tests.
namespace frontdesk::knowledge::testing {

inline std::string ConversationName(const std::string& id) {
  return fmt::format("{}/conversations/{}", kParent, id);
}

inline void PublishBotReply(KnowledgeWorld& world, const std::string& conversation,
                            const std::vector<std::string>& articles,
                            const std::string& question = "", const std::string& language = "en") {
  dialog::v1::DialogEvent event;
  auto* reply = event.mutable_reply_requested();
  reply->set_reply("r-" + conversation);
  reply->set_conversation(ConversationName(conversation));
  reply->set_author_kind(common::v1::AUTHOR_KIND_BOT);
  reply->set_question(question);
  reply->set_language(language);
  for (const std::string& article : articles) {
    reply->add_citations()->set_article_version(world.Name(article) + "/versions/1");
  }
  world.PublishEvent("acme/ada", event);
}

inline void PublishAgentReply(KnowledgeWorld& world, const std::string& conversation) {
  dialog::v1::DialogEvent event;
  auto* reply = event.mutable_reply_requested();
  reply->set_reply("a-" + conversation);
  reply->set_conversation(ConversationName(conversation));
  reply->set_author_kind(common::v1::AUTHOR_KIND_AGENT);
  world.PublishEvent("acme/ada", event);
}

inline void PublishResolved(
    KnowledgeWorld& world, const std::string& conversation, int agent_replies = 0,
    common::v1::AuthorKind by = common::v1::AUTHOR_KIND_CUSTOMER,
    dialog::v1::HandoffReason handed_over = dialog::v1::HANDOFF_REASON_UNSPECIFIED) {
  dialog::v1::DialogEvent event;
  auto* fact = event.mutable_conversation_resolved();
  fact->mutable_conversation()->set_name(ConversationName(conversation));
  fact->mutable_conversation()->set_handoff_reason(handed_over);
  fact->set_agent_reply_count(agent_replies);
  fact->set_bot_only(agent_replies == 0);
  fact->set_resolved_by(agent_replies == 0 ? by : common::v1::AUTHOR_KIND_AGENT);
  world.PublishEvent("acme/ada", event);
}

inline void PublishReopened(KnowledgeWorld& world, const std::string& conversation) {
  dialog::v1::DialogEvent event;
  event.mutable_conversation_reopened()->mutable_conversation()->set_name(
      ConversationName(conversation));
  world.PublishEvent("acme/ada", event);
}

inline void PublishHandoff(
    KnowledgeWorld& world, const std::string& conversation,
    dialog::v1::HandoffReason reason = dialog::v1::HANDOFF_REASON_UNSPECIFIED) {
  dialog::v1::DialogEvent event;
  event.mutable_handoff_requested()->set_reason(reason);
  event.mutable_handoff_requested()->mutable_conversation()->set_name(
      ConversationName(conversation));
  world.PublishEvent("acme/ada", event);
}

inline void PublishTicket(KnowledgeWorld& world, const std::string& conversation,
                          std::optional<absl::Time> create_time = std::nullopt) {
  ticket::v1::TicketEvent event;
  if (create_time.has_value()) {
    *event.mutable_ticket_created()->mutable_ticket()->mutable_create_time() =
        ToTimestamp(*create_time);
  }
  event.mutable_ticket_created()->mutable_ticket()->set_conversation(
      ConversationName(conversation));
  world.PublishEvent("acme/t-" + conversation, event);
}

}  // namespace frontdesk::knowledge::testing
