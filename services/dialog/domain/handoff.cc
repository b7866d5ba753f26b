#include "services/dialog/domain/handoff.h"

#include <algorithm>

#include <fmt/core.h>

#include "services/dialog/domain/context.h"
#include "services/dialog/domain/phrases.h"
#include "services/dialog/domain/templates.h"

namespace frontdesk::dialog {
namespace {

// One turn of 32 KiB must not push out all others.
constexpr size_t kMaxTurnBytes = 600;

struct Words {
  std::string_view reason, topic, order, article, customer, bot, agent, system, subject;
};
constexpr Words kEnglish = {"Handed over",  "About",    "Order",
                            "Last article", "Customer", "Bot",
                            "Agent",        "Notice",   "A customer asks for a person"};
constexpr Words kChinese = {"转接原因", "客户意图", "订单号", "最近引用",        "客户",
                            "机器人",   "客服",     "通知",   "客户请求人工服务"};

const Words& WordsFor(std::string_view language) {
  return TemplateLanguage(language) == "zh" ? kChinese : kEnglish;
}

std::string_view ReasonText(v1::HandoffReason reason, bool chinese) {
  switch (reason) {
    case v1::HANDOFF_REASON_CUSTOMER_REQUEST:
      return chinese ? "客户要求人工" : "the customer asked for a person";
    case v1::HANDOFF_REASON_MISSING_KNOWLEDGE:
      return chinese ? "知识库没有答案" : "no answer in the knowledge base";
    case v1::HANDOFF_REASON_REPEATED_FAILURE:
      return chinese ? "机器人多次未能解答" : "the bot failed several times";
    case v1::HANDOFF_REASON_POLICY:
      return chinese ? "紧急事项，须由人工处理" : "critical, a person has to see to it";
    case v1::HANDOFF_REASON_UNAVAILABLE:
      return chinese ? "未能及时取得答案" : "the answer could not be had in time";
    default:
      return chinese ? "客服接手" : "an agent took over";
  }
}

std::string_view Speaker(const v1::Turn& turn, const Words& words) {
  switch (turn.author_kind()) {
    case common::v1::AUTHOR_KIND_CUSTOMER:
      return words.customer;
    case common::v1::AUTHOR_KIND_BOT:
      return words.bot;
    case common::v1::AUTHOR_KIND_AGENT:
      return words.agent;
    default:
      return words.system;
  }
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\t', ' ');
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return line.substr(begin, line.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::string_view ReasonName(v1::HandoffReason reason) {
  constexpr std::string_view kPrefix = "HANDOFF_REASON_";
  const std::string_view name = v1::HandoffReason_Name(reason);
  return name.substr(name.size() < kPrefix.size() ? 0 : kPrefix.size());
}

std::string MakeSummary(const v1::Conversation& conversation, v1::HandoffReason reason,
                        std::string_view topic, const std::vector<v1::Turn>& turns) {
  const Words& words = WordsFor(conversation.language());
  const bool chinese = TemplateLanguage(conversation.language()) == "zh";
  std::string head = fmt::format("{}: {}\n", words.reason, ReasonText(reason, chinese));
  if (!topic.empty()) head += fmt::format("{}: {}\n", words.topic, topic);
  const std::string_view order = FindSlot(conversation, slots::kOrderNumber);
  if (!order.empty()) head += fmt::format("{}: {}\n", words.order, order);
  const std::string_view article = FindSlot(conversation, slots::kLastArticle);
  if (!article.empty()) head += fmt::format("{}: {}\n", words.article, article);
  std::vector<std::string> lines;
  size_t bytes = head.size();
  for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
    std::string line = fmt::format("{}: {}\n", Speaker(*turn, words),
                                   CutUtf8(OneLine(turn->text().masked()), kMaxTurnBytes));
    if (bytes + line.size() > kMaxSummaryBytes) break;
    bytes += line.size();
    lines.push_back(std::move(line));
  }
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) head += *line;
  return head;
}

std::string MakeSubject(std::string_view masked_question, std::string_view language) {
  std::string line = OneLine(masked_question);
  if (line.empty()) line = WordsFor(language).subject;
  return std::string(CutCharacters(line, kMaxSubjectCharacters));
}

}  // namespace frontdesk::dialog
