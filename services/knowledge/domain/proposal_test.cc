#include "services/knowledge/domain/proposal.h"

#include <catch2/catch.hpp>

#include "services/knowledge/domain/content.h"

using namespace frontdesk::knowledge;

namespace {

struct Case {
  const char* locale;
  const char* sentence;
  SentenceUse use;
};

constexpr SentenceUse kNothing = SentenceUse::kNothing;
constexpr SentenceUse kQuestion = SentenceUse::kQuestion;
constexpr SentenceUse kStep = SentenceUse::kStep;
constexpr SentenceUse kExplanation = SentenceUse::kExplanation;

}  // namespace

TEST_CASE("what a customer asks or complains of is a question, and what is only polite is not") {
  const Case cases[] = {
      {"en", "How do I reset my password?", kQuestion},
      {"en", "Hi, how do I reset my password?", kQuestion},
      {"en", "Hello there!", kNothing},
      {"en", "Thanks a lot!", kNothing},
      {"en", "Thanks, but the lamp still does not pair", kQuestion},
      {"en", "My lamp is not working since yesterday.", kQuestion},
      {"en", "I can't log in to the app", kQuestion},
      {"en", "can I change the delivery address", kQuestion},
      {"en", "iPhone 15", kNothing},
      {"en", "It was on Monday.", kNothing},
      {"en", "Thank you, the problem is solved", kNothing},
      {"en", "Are you there?", kNothing},
      {"en", "Could you help?", kNothing},
      {"en", "Could you help me find out where my parcel is?", kQuestion},
      {"en", "I was charged twice for one order.", kQuestion},
      {"en", "I want to talk to a person please", kNothing},
      {"en", "Can I speak to a human?", kNothing},
      {"en", "How do I talk to the lamp?", kQuestion},
      {"en", "How do I talk to someone in my team with the intercom?", kQuestion},
      {"en", "How do I show that I am a real person?", kQuestion},
      {"en", "Can I talk to someone, please?", kNothing},
      {"en", "I need to talk to a real person about this", kNothing},
      {"en", "Are you a real person?", kNothing},
      {"en", "", kNothing},
      {"en", "?", kNothing},
      {"zh", "怎么重置密码？", kQuestion},
      {"zh", "你好，请问怎么重置密码", kQuestion},
      {"zh", "你好", kNothing},
      {"zh", "在吗？", kNothing},
      {"zh", "谢谢！", kNothing},
      {"zh", "台灯连不上手机", kQuestion},
      {"zh", "我的退款还没到账", kQuestion},
      {"zh", "可以开发票吗", kQuestion},
      {"zh", "昨天买的", kNothing},
      {"zh", "问题解决了，谢谢", kNothing},
      {"zh", "转人工", kNothing},
      {"zh", "我想转人工，可以吗？", kNothing},
      {"zh", "你们的人工服务每天几点上班？", kQuestion},
      {"zh", "需要真人认证吗？", kQuestion},
      {"zh", "为什么一直提示真人验证失败", kQuestion},
      {"zh", "我想找真人，可以吗？", kNothing},
      {"zh", "有没有真人客服？", kNothing},
      {"zh", "我要真人！", kNothing},
  };
  for (const Case& one : cases) {
    INFO(one.sentence);
    CHECK(UseOfCustomerSentence(one.sentence, one.locale) == one.use);
  }
}

TEST_CASE("what an agent says to do is a step; what he asks for, feels or does himself is not") {
  const Case cases[] = {
      {"en", "Open the app and tap Settings.", kStep},
      {"en", "First, unplug the lamp.", kStep},
      {"en", "Then hold the button for 5 seconds.", kStep},
      {"en", "1. Open the settings", kStep},
      {"en", "Step 2: The light blinks", kStep},
      {"en", "Please restart the router.", kStep},
      {"en", "First, unscrew the base of the lamp.", kStep},
      {"en", "Then clamp the bracket around the mast.", kStep},
      {"en", "You can reset it under Settings.", kStep},
      {"en", "You need to hold the button for 5 seconds.", kStep},
      {"en", "If that does not help, replace the battery.", kStep},
      {"en", "Lower the lamp until it clicks.", kStep},
      {"en", "Then place it on the base.", kStep},
      {"en", "You can slide your finger along the edge.", kStep},
      {"en", "Lower temperatures shorten the life of a lamp.", kExplanation},
      {"en", "Place names are shown in the language of the app.", kExplanation},
      {"en", "Slide transitions take about a second.", kExplanation},
      {"en", "Open the app and log in as [email].", kNothing},
      {"en", "1. Enter [secret] as the password", kNothing},
      {"en", "If it fails, call [phone].", kNothing},
      {"zh", "请用[phone]登录官网", kNothing},
      {"zh", "请[name]先打开应用", kStep},
      {"en", "Please send me your order number.", kNothing},
      {"en", "Please hold on, let me check.", kNothing},
      {"en", "Could you tell me your e-mail address?", kNothing},
      {"en", "I have reset it for you now.", kNothing},
      {"en", "Sorry for the trouble this has caused you.", kNothing},
      {"en", "Hello, how can I help you?", kNothing},
      {"en", "You're welcome, have a nice day!", kNothing},
      {"en", "Refunds arrive within five working days.", kExplanation},
      {"en", "Told [name] how the bracket is fixed.", kNothing},
      {"en", "Your order [order] has left the warehouse today.", kNothing},
      {"en", "Hello [name]! Refunds arrive within five working days.", kExplanation},
      {"en", "Best regards", kNothing},
      {"en", "It takes about a minute until the light turns white.", kExplanation},
      {"en", "If you have any questions, contact us.", kNothing},
      {"zh", "安装后我们保证不会晃动。", kExplanation},
      {"zh", "如有问题请随时联系我们。", kNothing},
      {"zh", "麻烦您拍一下破损的照片。", kStep},
      {"zh", "请长按按钮五秒。", kStep},
      {"zh", "首先打开应用", kStep},
      {"zh", "然后点击设置", kStep},
      {"zh", "第一步：拔掉电源", kStep},
      {"zh", "在设置里点击恢复出厂设置", kStep},
      {"zh", "您可以点击右上角的头像", kStep},
      {"zh", "如果还是不行，请重启手机", kStep},
      {"zh", "请您提供一下订单号", kNothing},
      {"zh", "请稍等，我帮您查一下", kNothing},
      {"zh", "请问有什么可以帮您？", kNothing},
      {"zh", "退款会在五个工作日内到账。", kExplanation},
      {"zh", "我已经帮您重置了。", kNothing},
      {"zh", "祝您生活愉快", kNothing},
  };
  for (const Case& one : cases) {
    INFO(one.sentence);
    CHECK(UseOfAgentSentence(one.sentence, one.locale) == one.use);
  }
}

TEST_CASE("steps lose their numbers and connectives, and a sentence of several becomes several") {
  const struct {
    const char* locale;
    const char* sentence;
    std::vector<std::string> steps;
  } cases[] = {
      {"en", "2) Then open the app, then tap Reset.", {"Open the app", "Tap Reset."}},
      {"en", "First, unplug the lamp; wait ten seconds.", {"Unplug the lamp", "Wait ten seconds."}},
      {"en", "You need to hold the button.", {"Hold the button."}},
      {"en", "Wait until it blinks and then stops.", {"Wait until it blinks and then stops."}},
      {"en", "If it blinks, press the button.", {"If it blinks, press the button."}},
      {"zh", "请先打开应用，然后点击设置。", {"打开应用", "点击设置。"}},
      {"zh", "第二步：您可以长按按钮", {"长按按钮"}},
      {"zh", "①拔掉电源", {"拔掉电源"}},
      {"zh", "请[name]先打开应用", {"打开应用"}},
      {"zh",
       "请先拧开底座，然后用支架把台灯固定在桅杆上。",
       {"拧开底座", "用支架把台灯固定在桅杆上。"}},
      {"zh", "登录官网，进入“我的订单”；", {"登录官网，进入“我的订单”"}},
  };
  for (const auto& one : cases) {
    INFO(one.sentence);
    CHECK(StepsOf(one.sentence, one.locale) == one.steps);
  }
}

TEST_CASE("a draft takes its title from the best question and its steps from the agent") {
  const v1::ArticleContent english = DraftArticle(
      "en", "Lamp",
      {{true, {"Hi [name]!", "My lamp is not working.", "How do I pair the lamp with my phone?"}},
       {false, {"Hello, sorry to hear that!", "Pairing needs version 2 of the app."}},
       {false, {"1.", "Open the app.", "2.", "Hold the button, then tap Pair."}},
       {true, {"It still does not pair.", "How do I pair the lamp with my phone?", "Thanks!"}},
       {false, {"Please restart the phone.", "You're welcome!"}}});
  CHECK(english.title() == "How do I pair the lamp with my phone?");
  REQUIRE(english.questions_size() == 2);
  CHECK(english.questions(0) == "How do I pair the lamp with my phone?");
  CHECK(english.questions(1) == "My lamp is not working.");
  CHECK(english.body() ==
        "Pairing needs version 2 of the app.\n\n1. Open the app.\n2. Hold the button\n"
        "3. Tap Pair.\n4. Restart the phone.");

  const v1::ArticleContent chinese =
      DraftArticle("zh", "",
                   {{true, {"你好，请问台灯怎么重新配对？", "连不上手机。"}},
                    {false, {"您好，请问是哪个型号？"}},
                    {true, {"L2"}},
                    {false, {"请先长按按钮七秒，然后打开应用。", "配对需要打开蓝牙。"}},
                    {true, {"好的，可以了，谢谢"}}});
  CHECK(chinese.title() == "台灯怎么重新配对？");
  REQUIRE(chinese.questions_size() == 2);
  CHECK(chinese.questions(1) == "连不上手机。");
  CHECK(chinese.body() == "配对需要打开蓝牙。\n\n1. 长按按钮七秒\n2. 打开应用。");
}

TEST_CASE("a question that hangs on what was said before is no title") {
  const v1::ArticleContent refund = DraftArticle("en", "Refund missing",
                                                 {{true,
                                                   {"I returned a lamp and have not got my refund.",
                                                    "Can you tell me when it will arrive?"}}});
  CHECK(refund.title() == "I returned a lamp and have not got my refund");
  REQUIRE(refund.questions_size() == 2);
  CHECK(refund.questions(1) == "Refund missing");
  // Without any question the first words say what it is about.
  const v1::ArticleContent statement = DraftArticle(
      "en", "", {{true, {"Hi!", "My hub shows an orange light.", "The lamp is blue there."}}});
  REQUIRE(statement.questions_size() == 1);
  CHECK(statement.questions(0) == "My hub shows an orange light.");
}

TEST_CASE("numbered steps inside a line are steps of their own") {
  CHECK(BreakBeforeNumbers("Do this: 1. Open it; 2. Close it") ==
        "Do this: \n1. Open it; \n2. Close it");
  CHECK(BreakBeforeNumbers("步骤：1、打开；2、关闭；3、重启") ==
        "步骤：\n1、打开；\n2、关闭；\n3、重启");
  CHECK(BreakBeforeNumbers("1. Open it\n2. Close it") == "1. Open it\n2. Close it");
  for (const char* whole : {"Version 1.2 is old, 2.0 is new", "Press 1. Then wait",
                            "it has 1 lamp, 2 hubs", "", "1.", "12. May 2026, 2. floor"}) {
    CHECK(BreakBeforeNumbers(whole) == whole);
  }
}

TEST_CASE("what holds no question or no step leaves those fields empty") {
  const v1::ArticleContent empty = DraftArticle("en", "", {});
  CHECK(empty.title().empty());
  CHECK(empty.questions_size() == 0);
  CHECK(empty.body().empty());
  // The subject is better than no title.
  CHECK(DraftArticle("en", "Blue lamp", {{true, {"Hello!"}}}).title() == "Blue lamp");
  CHECK(DraftArticle("en", "Blue lamp", {{true, {"Hello!"}}}).questions_size() == 0);
  // What the customer does himself is no step.
  CHECK(DraftArticle("en", "", {{true, {"Open the app."}}}).body().empty());
}

TEST_CASE("drafts are bounded however much was said") {
  SpokenTurn customer{true, {}}, agent{false, {}};
  for (int i = 0; i < 200; ++i) {
    customer.sentences.push_back("Why does number " + std::to_string(i) + " not work?" +
                                 std::string(1000, 'x'));
    agent.sentences.push_back("Press button " + std::to_string(i) + std::string(2000, 'y'));
    agent.sentences.push_back("The colour of lamp " + std::to_string(i) + " is green");
  }
  const v1::ArticleContent content = DraftArticle("en", "", {customer, agent});
  CHECK(content.questions_size() == kMaxDraftQuestions);
  CHECK(ValidateContent(content, "content").ok());
  CHECK(content.body().find("\n20. Press button 19") != std::string::npos);
  CHECK(content.body().find("\n21. ") == std::string::npos);
}

TEST_CASE("questions that an article has already are not added again") {
  v1::ArticleContent content, other;
  content.set_title("How do I pair it?");
  content.add_questions("Why does it blink?");
  other.add_questions("how do I pair it");
  other.add_questions("WHY does it blink");
  CHECK_FALSE(AddQuestions(content, other));
  other.add_questions("Where is the button?");
  CHECK(AddQuestions(content, other));
  CHECK(content.questions_size() == 2);
  for (int i = 0; i < 100; ++i) other.add_questions("Question " + std::to_string(i));
  AddQuestions(content, other);
  CHECK(content.questions_size() == kMaxQuestions);
}
