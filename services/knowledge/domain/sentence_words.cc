#include "services/knowledge/domain/sentence_words.h"

namespace frontdesk::knowledge {
namespace {

using Words = std::string_view[];

constexpr Words kEnglishGreetings = {
    "hello there",   "hi there",    "hey there",  "good morning", "good afternoon",
    "good evening",  "hello",       "hi",         "hey",          "greetings",
    "excuse me",     "so",          "well",       "ok",           "okay",
    "hi team",       "dear team",   "hello team", "hi [name]",    "hello [name]",
    "hey [name]",    "dear [name]", "but",        "and",          "dear sir or madam",
    "please help me"};
constexpr Words kEnglishOpeners = {"thanks",
                                   "thank you",
                                   "thanks a lot",
                                   "thank you so much",
                                   "sorry",
                                   "yes",
                                   "no",
                                   "sure",
                                   "great",
                                   "right",
                                   "perfect",
                                   "of course",
                                   "no problem",
                                   "i see",
                                   "got it",
                                   "please help",
                                   "quick question",
                                   "sorry to hear that",
                                   "i am sorry to hear that",
                                   "i'm sorry to hear that",
                                   "happy to help",
                                   "welcome",
                                   "you're welcome"};
constexpr Words kEnglishCourtesies = {"thank",          "thanks",
                                      "you're welcome", "you are welcome",
                                      "have a",         "bye",
                                      "goodbye",        "best regards",
                                      "kind regards",   "regards",
                                      "cheers",         "glad",
                                      "perfect",        "great",
                                      "awesome",        "that worked",
                                      "it works",       "it worked",
                                      "works now",      "are you there",
                                      "anyone there",   "is anyone there",
                                      "is anybody",     "can you help",
                                      "could you help", "please help",
                                      "i need help",    "i need some help",
                                      "how are you",    "how can i help",
                                      "how may i help", "my pleasure",
                                      "no worries",     "is there anything else",
                                      "anything else",  "yours",
                                      "sincerely",      "got it",
                                      "understood",     "what can i do for you",
                                      "that solved",    "this solved",
                                      "welcome"};
constexpr Words kEnglishSolved = {"solved",      "works now",     "fixed",
                                  "resolved",    "it works",      "it worked",
                                  "that worked", "working again", "working now"};
constexpr Words kEnglishBeginnings = {
    "how", "what", "why", "when", "where", "which",   "who",   "whose",  "can",   "could",
    "is",  "are",  "do",  "does", "did",   "will",    "would", "should", "may",   "am",
    "has", "have", "was", "were", "isn't", "doesn't", "can't", "won't",  "is it", "any idea"};
constexpr Words kEnglishQuestionWords = {
    "how do i",     "how to",       "how can i",   "how long",   "how much",    "wondering",
    "want to know", "like to know", "tell me how", "tell me if", "tell me why", "is there a way"};
constexpr Words kEnglishProblems = {"not working", "doesn't",        "does not",
                                    "don't",       "can't",          "cannot",
                                    "can not",     "won't",          "will not",
                                    "didn't",      "did not",        "isn't",
                                    "is not",      "aren't",         "hasn't",
                                    "has not",     "haven't",        "have not",
                                    "never",       "error",          "fail",
                                    "failed",      "fails",          "failing",
                                    "broken",      "problem",        "issue",
                                    "trouble",     "unable",         "lost",
                                    "wrong",       "stuck",          "crash",
                                    "crashes",     "crashed",        "missing",
                                    "stopped",     "stops",          "refuses",
                                    "denied",      "locked",         "expired",
                                    "damaged",     "defective",      "late",
                                    "twice",       "forgot",         "forgotten",
                                    "i want to",   "i need to",      "i would like to",
                                    "i'd like to", "trying to",      "no longer",
                                    "blank",       "frozen",         "freezes",
                                    "invalid",     "rejected",       "declined",
                                    "charged",     "overcharged",    "cracked",
                                    "keeps",       "crashing",       "freezing",
                                    "offline",     "blinks",         "blinking",
                                    "flickers",    "hums",           "slow",
                                    "empty",       "nothing happens"};
constexpr Words kEnglishPersonWishes = {"talk to a person",
                                        "talk to a real person",
                                        "talk to a human",
                                        "talk to an agent",
                                        "talk with a human",
                                        "talk with a real person",
                                        "speak to a person",
                                        "speak to a real person",
                                        "speak to a human",
                                        "speak to an agent",
                                        "speak with a person",
                                        "speak with a real person",
                                        "speak with a human",
                                        "chat with a person",
                                        "chat with a human",
                                        "chat with a real person",
                                        "connect me to a person",
                                        "connect me to a real person",
                                        "connect me to a human",
                                        "get me a real person",
                                        "need a real person",
                                        "want a real person",
                                        "are you a real person",
                                        "is this a real person",
                                        "human agent",
                                        "live agent",
                                        "agent please"};
constexpr Words kEnglishPersonWishEndings = {
    "talk to someone",    "talk to somebody",    "talk with someone",
    "talk with somebody", "speak to someone",    "speak to somebody",
    "speak with someone", "speak with somebody", "a real person please"};
constexpr Words kEnglishPoliteEndings = {"please", "now", "here", "thanks", "thank you"};
constexpr Words kEnglishPronouns = {"it",    "that",  "this", "they",
                                    "still", "those", "them", "there"};
constexpr Words kEnglishReferences = {"it", "they", "them"};
constexpr Words kEnglishConnectives = {"first of all",
                                       "firstly",
                                       "first",
                                       "secondly",
                                       "second",
                                       "thirdly",
                                       "third",
                                       "and then",
                                       "then",
                                       "after that",
                                       "afterwards",
                                       "next",
                                       "finally",
                                       "lastly",
                                       "now",
                                       "also",
                                       "please",
                                       "kindly",
                                       "just",
                                       "simply",
                                       "and",
                                       "to do this",
                                       "to fix this",
                                       "to do so",
                                       "in that case",
                                       "once done",
                                       "when done",
                                       "could you please",
                                       "can you please",
                                       "so",
                                       "ok",
                                       "okay",
                                       "sure",
                                       "hi",
                                       "hello",
                                       "great",
                                       "alright",
                                       "hi [name]",
                                       "hello [name]",
                                       "dear [name]",
                                       "let's"};
constexpr Words kEnglishBreaks = {", and then ",   ", then ", "; then ",    "; ",
                                  ", after that ", ", next ", ", finally ", " and then "};
constexpr Words kEnglishVerbs = {
    "open",       "click",    "tap",        "press",   "hold",       "go",        "select",
    "choose",     "enter",    "type",       "log",     "sign",       "turn",      "switch",
    "restart",    "reboot",   "reset",      "check",   "make",       "clear",     "delete",
    "remove",     "install",  "update",     "upgrade", "download",   "upload",    "wait",
    "try",        "connect",  "disconnect", "unplug",  "plug",       "scan",      "copy",
    "paste",      "save",     "close",      "set",     "enable",     "disable",   "visit",
    "follow",     "use",      "add",        "change",  "confirm",    "verify",    "refresh",
    "reload",     "scroll",   "navigate",   "swipe",   "pair",       "charge",    "replace",
    "return",     "fill",     "submit",     "create",  "find",       "look",      "run",
    "start",      "stop",     "keep",       "ensure",  "uninstall",  "reinstall", "clean",
    "insert",     "drag",     "put",        "repeat",  "allow",      "grant",     "pick",
    "unlock",     "lock",     "attach",     "pack",    "print",      "drop",      "cancel",
    "request",    "scroll",   "expand",     "uncheck", "tick",       "untick",    "move",
    "forget",     "repair",   "sync",       "back",    "contact",    "call",      "write",
    "reply",      "exit",     "quit",       "launch",  "long-press", "release",   "toggle",
    "deactivate", "activate", "apply",      "import",  "export",     "rename",    "edit",
    "review",     "pull",     "push",       "power",   "leave",      "join",      "invite",
    "assign",     "remember", "bring",      "ask",     "order",      "pay",       "link",
    "unlink",     "register", "never",      "do",      "unscrew",    "screw",     "tighten",
    "loosen",     "fasten",   "mount",      "detach",  "align",      "hang",      "rotate",
    "lift",       "clamp"};
constexpr Words kEnglishVerbsWithObject = {"lower", "place", "slide"};
constexpr Words kEnglishDeterminers = {"the",  "a",    "an",    "your",  "it",   "its", "them",
                                       "this", "that", "these", "those", "both", "all", "each"};
constexpr Words kEnglishPrepositions = {"in", "on", "under", "from", "at"};
constexpr Words kEnglishConditions = {"if",     "when",    "once", "after",      "to",
                                      "before", "in case", "for",  "as soon as", "on",
                                      "in",     "under",   "from"};
constexpr Words kEnglishPermissions = {
    "you can",          "you could",      "you need to", "you should", "you have to", "you must",
    "you will need to", "you'll need to", "you may",     "try to",     "be sure to"};
constexpr Words kEnglishRequests = {"send me",
                                    "send us",
                                    "tell me",
                                    "tell us",
                                    "give me",
                                    "give us",
                                    "provide",
                                    "let me",
                                    "let us",
                                    "wait a moment",
                                    "one moment",
                                    "just a moment",
                                    "wait a minute",
                                    "just a minute",
                                    "hold on",
                                    "hold the line",
                                    "bear with",
                                    "just a second",
                                    "a sec",
                                    "let me know",
                                    "share your",
                                    "may i have",
                                    "can i have",
                                    "could i have",
                                    "your name",
                                    "i'll check",
                                    "i will check",
                                    "while i",
                                    "get back to you",
                                    "feel free",
                                    "hesitate",
                                    "look forward",
                                    "keep us posted",
                                    "keep me posted",
                                    "any other questions",
                                    "any questions",
                                    "any further questions",
                                    "contact us if"};
constexpr Words kEnglishFirstPerson = {"i",       "i'm",   "i've",      "i'll",      "i'd",
                                       "my",      "me",    "we've",     "we'll",     "we're",
                                       "let's",   "sorry", "apologize", "apologise", "apologies",
                                       "welcome", "thank", "thanks",    "glad"};

constexpr Words kChineseGreetings = {"请问一下",   "请问",     "请教一下", "请教",
                                     "麻烦问一下", "想问一下", "想请问",   "我想问一下",
                                     "我想请问",   "想问问",   "你好请问", "您好请问"};
constexpr Words kChineseOpeners = {
    "您好",   "你好",       "早上好",     "下午好",     "晚上好",     "早安",       "嗨",
    "哈喽",   "在吗",       "打扰了",     "打扰一下",   "不好意思",   "谢谢",       "谢谢您",
    "谢谢你", "那个",       "那",         "嗯",         "嗯嗯",       "哦",         "亲",
    "客服",   "你们好",     "大家好",     "好的",       "好",         "是的",       "对",
    "没问题", "抱歉",       "非常抱歉",   "很抱歉",     "[name]",     "可是",       "但是",
    "但",     "您好[name]", "[name]您好", "[name]你好", "你好[name]", "好的[name]", "亲亲"};
constexpr Words kChineseCourtesies = {
    "谢谢",   "多谢",       "感谢",         "不客气",         "不用谢",   "再见",     "拜拜",
    "好的",   "好滴",       "嗯",           "明白了",         "知道了",   "收到",     "可以了",
    "解决了", "在吗",       "有人吗",       "有人在吗",       "在不在",   "祝您",     "祝你",
    "辛苦了", "很高兴为您", "有什么可以帮", "请问有什么可以", "请问还有", "还有其他", "还有什么",
    "稍等",   "好了",       "太好了",       "欢迎",           "人工",     "转人工"};
constexpr Words kChineseSolved = {"解决了", "可以了", "弄好了", "修好了",
                                  "搞定",   "正常了", "好用了"};
constexpr Words kChineseBeginnings = {"怎么",     "如何", "为什么", "能不能",
                                      "可不可以", "能否", "是否"};
constexpr Words kChineseQuestionWords = {
    "怎么",   "如何", "为什么", "为何",   "哪里",     "哪儿", "什么时候", "什么原因",
    "是什么", "多久", "多少",   "能不能", "可不可以", "能否", "是否",     "有没有",
    "咋",     "怎样", "几天",   "要不要", "是不是",   "吗",   "啥"};
constexpr Words kChineseProblems = {
    "不能",   "无法",   "不了",   "没有", "没收到", "没到",   "失败",   "错误",   "报错",
    "坏了",   "打不开", "出错",   "异常", "问题",   "不行",   "丢了",   "丢失",   "想要",
    "我想",   "我要",   "忘记",   "忘了", "连不上", "登不上", "进不去", "收不到", "不见了",
    "卡住",   "闪退",   "死机",   "黑屏", "破损",   "碎了",   "少了",   "发错",   "错了",
    "过期",   "锁定",   "被锁",   "扣了", "多扣",   "重复",   "不显示", "不工作", "没反应",
    "不亮",   "一直",   "需要退", "退款", "退货",   "换货",   "掉线",   "断开",   "还没",
    "不好用", "用不了", "充不进", "离线", "闪烁",   "太慢",   "没用",   "有误"};
constexpr Words kChinesePersonWishes = {
    "转人工",   "找人工",   "要人工",   "接人工",   "找真人",   "转真人",     "真人客服",
    "和真人聊", "跟真人聊", "和真人说", "跟真人说", "你是真人", "你们是真人", "是不是真人"};
constexpr Words kChinesePersonWishEndings = {"要真人", "来真人", "叫真人"};
constexpr Words kChinesePoliteEndings = {"谢谢", "吧", "啊"};
constexpr Words kChinesePronouns = {"它", "这个", "那个", "还是", "这样", "那样", "依然", "仍然"};
constexpr Words kChineseReferences = {"它", "那个", "这个"};
constexpr Words kChineseConnectives = {
    "首先", "其次", "先",     "然后", "接着", "接下来", "之后",   "随后",   "再",
    "最后", "现在", "请您",   "请你", "请先", "请再",   "请",     "麻烦您", "麻烦你",
    "麻烦", "您先", "你先",   "并且", "并",   "同时",   "另外",   "您好",   "你好",
    "好的", "亲",   "[name]", "您再", "你再", "建议您", "建议你", "建议"};
constexpr Words kChineseBreaks = {"，然后", "，接着", "，之后", "，再",  "，最后", "；",
                                  "，随后", ",然后",  ",再",    ",最后", "，并",   " 然后"};
constexpr Words kChineseVerbs = {
    "点击", "点开", "打开", "进入",   "选择", "长按", "按住", "按下", "重启",   "重新", "输入",
    "登录", "登陆", "退出", "关闭",   "更新", "升级", "下载", "安装", "卸载",   "清除", "清理",
    "清空", "删除", "检查", "确认",   "确保", "连接", "断开", "拔掉", "拔下",   "插上", "插入",
    "扫描", "扫码", "复制", "粘贴",   "保存", "设置", "启用", "开启", "停用",   "访问", "使用",
    "添加", "修改", "更改", "更换",   "验证", "刷新", "等待", "尝试", "填写",   "提交", "创建",
    "找到", "查看", "查找", "拍照",   "上传", "寄回", "取消", "申请", "绑定",   "解绑", "解除",
    "授权", "允许", "切换", "返回",   "滑动", "下拉", "勾选", "取出", "放入",   "充电", "拨打",
    "联系", "前往", "试试", "试一下", "松开", "恢复", "调整", "注销", "完成",   "打包", "关掉",
    "关机", "开机", "备份", "导出",   "导入", "不要", "务必", "固定", "拧开",   "拧紧", "装上",
    "取下", "拆下", "对准", "放在",   "挂上", "旋转", "拉开", "推入", "拍一下", "拍下", "拍摄",
    "再次", "填入", "记下"};
constexpr Words kChinesePrepositions = {"在", "到", "去", "把", "将", "用", "从"};
constexpr Words kChineseConditions = {"如果", "若", "要是", "当", "等", "为了", "万一", "假如"};
constexpr Words kChineseTimeEndings = {"后", "之后", "以后", "完成后", "时", "的时候"};
constexpr Words kChinesePermissions = {"您可以", "你可以", "可以先",  "您需要", "你需要",
                                       "需要您", "需要先", "您可",    "只需",   "只要",
                                       "您得",   "您应该", "用户可以"};
constexpr Words kChineseRequests = {"告诉我",   "提供",     "发给我",   "发我",       "稍等",
                                    "稍候",     "请问",     "耐心等",   "报一下",     "说一下",
                                    "告知",     "帮您查",   "帮你查",   "为您查",     "我查",
                                    "我看一下", "我帮",     "给我",     "联系方式是", "等一下",
                                    "等我",     "如有问题", "如有疑问", "随时联系",   "有任何问题"};
constexpr Words kChineseFirstPerson = {"我",     "抱歉", "对不起", "不好意思", "感谢", "谢谢",
                                       "理解您", "欢迎", "祝您",   "帮您",     "为您"};

constexpr SentenceWords kEnglish = {kEnglishGreetings,
                                    kEnglishOpeners,
                                    kEnglishCourtesies,
                                    kEnglishSolved,
                                    kEnglishBeginnings,
                                    kEnglishQuestionWords,
                                    kEnglishProblems,
                                    kEnglishPersonWishes,
                                    kEnglishPersonWishEndings,
                                    kEnglishPoliteEndings,
                                    kEnglishPronouns,
                                    kEnglishReferences,
                                    kEnglishConnectives,
                                    kEnglishBreaks,
                                    kEnglishVerbs,
                                    kEnglishVerbsWithObject,
                                    kEnglishDeterminers,
                                    kEnglishPrepositions,
                                    {},
                                    kEnglishPermissions,
                                    kEnglishConditions,
                                    kEnglishRequests,
                                    kEnglishFirstPerson};
constexpr SentenceWords kChinese = {kChineseGreetings,
                                    kChineseOpeners,
                                    kChineseCourtesies,
                                    kChineseSolved,
                                    kChineseBeginnings,
                                    kChineseQuestionWords,
                                    kChineseProblems,
                                    kChinesePersonWishes,
                                    kChinesePersonWishEndings,
                                    kChinesePoliteEndings,
                                    kChinesePronouns,
                                    kChineseReferences,
                                    kChineseConnectives,
                                    kChineseBreaks,
                                    kChineseVerbs,
                                    {},
                                    {},
                                    kChinesePrepositions,
                                    kChineseTimeEndings,
                                    kChinesePermissions,
                                    kChineseConditions,
                                    kChineseRequests,
                                    kChineseFirstPerson};

}  // namespace

const SentenceWords& WordsOf(std::string_view locale) {
  return locale == "zh" ? kChinese : kEnglish;
}

}  // namespace frontdesk::knowledge
