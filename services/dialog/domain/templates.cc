#include "services/dialog/domain/templates.h"

#include <array>

#include <fmt/core.h>

namespace frontdesk::dialog {
namespace {

struct Template {
  Phrase phrase;
  std::string_view en;
  std::string_view zh;
};

// In the order of Phrase.
constexpr std::array<Template, 8> kTemplates = {{
    {Phrase::kGreeting, "Hello! I'm the virtual assistant. What can I help you with?",
     "您好！我是智能助手，请问有什么可以帮您？"},
    {Phrase::kClarify,
     "I'm sorry, I don't have an answer to that. Could you put it in other words? "
     "To talk to a person, just write \"agent please\".",
     "抱歉，我暂时没有找到答案。您可以换个说法再问一次，或回复“转人工”联系人工客服。"},
    {Phrase::kThanks, "You're welcome! Is there anything else I can help you with?",
     "不客气！请问还有其他可以帮您的吗？"},
    {Phrase::kGoodbye, "Glad I could help. Have a nice day!", "很高兴能帮到您，祝您生活愉快！"},
    {Phrase::kHandoffRequested,
     "Of course. I'm passing you on to a colleague, who will reply here with everything known so "
     "far.",
     "好的，正在为您转接人工客服，同事会在此回复您，前面的对话无需重复。"},
    {Phrase::kHandoffUnanswered,
     "I'm sorry that I couldn't help. I'm passing you on to a colleague, who will reply here.",
     "抱歉没能解决您的问题，正在为您转接人工客服，同事会尽快在此回复您。"},
    {Phrase::kHandoffDue,
     "Thank you for telling us. A colleague has to see to this and will reply here, with "
     "everything "
     "known so far.",
     "感谢您告诉我们。这件事需要同事亲自处理，正在为您转接，同事会在此回复您，前面的对话无需重复"
     "。"},
    {Phrase::kStillWaiting,
     "Thank you, we have your message. A colleague will be with you as soon as possible.",
     "已收到您的消息，客服同事会尽快为您处理，请稍候。"},
}};

}  // namespace

std::string_view TemplateLanguage(std::string_view language) {
  return language.substr(0, 2) == "zh" ? "zh" : "en";
}

std::string_view TemplateText(Phrase phrase, std::string_view language) {
  const Template& found = kTemplates[static_cast<size_t>(phrase)];
  return TemplateLanguage(language) == "zh" ? found.zh : found.en;
}

std::string ClarifyBetween(std::string_view one, std::string_view other,
                           std::string_view language) {
  if (TemplateLanguage(language) == "zh") {
    return fmt::format("您是想问“{}”还是“{}”？也可以换个说法，或回复“转人工”联系人工客服。", one,
                       other);
  }
  return fmt::format(
      "Do you mean \"{}\" or \"{}\"? You can also put it in other words, or write \"agent please\" "
      "to talk to a person.",
      one, other);
}

}  // namespace frontdesk::dialog
