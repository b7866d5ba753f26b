#include "services/knowledge/domain/stop_words.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_set>

namespace frontdesk::knowledge {
namespace {

using WordSet = std::unordered_set<std::string_view>;

const WordSet& EnglishStopWords() {
  static const auto& words = *new WordSet{
      "a", "about", "actually", "after", "again", "ago", "all", "already", "also", "always", "am",
      "an", "and", "any", "anybody", "anyone", "anything", "are", "arent", "as", "ask", "at", "be",
      "because", "been", "before", "being", "but", "by", "can", "cannot", "cant", "could",
      "couldnt", "did", "didnt", "do", "does", "doesnt", "doing", "dont", "else", "even", "ever",
      "every", "for", "from", "had", "has", "hasnt", "have", "havent", "having", "he", "her",
      "here", "heres", "hers", "him", "his", "how", "hows", "i", "id", "if", "ill", "im", "in",
      "into", "is", "isnt", "it", "its", "ive", "just", "kindly", "let", "lets", "like", "ma",
      "may", "maybe", "me", "might", "mine", "must", "my", "no", "nor", "not", "now", "of", "on",
      "only", "or", "our", "ours", "out", "please", "pls", "possible", "really", "s", "shall",
      "she", "should", "shouldnt", "so", "some", "somebody", "someone", "something", "still",
      "such", "t", "than", "that", "thats", "the", "their", "theirs", "them", "then", "there",
      "theres", "these", "they", "theyre", "this", "those", "to", "too", "u", "ur", "us", "very",
      "was", "wasnt", "we", "well", "were", "what", "whats", "when", "whens", "where", "wheres",
      "which", "who", "whom", "whose", "why", "will", "with", "wont", "would", "wouldnt", "yet",
      "you", "your", "youre", "yours",
      // Small talk says nothing about the subject either.
      "bye", "cheers", "cool", "dear", "evening", "fine", "goodbye", "great", "haha", "hello",
      "hey", "hi", "hiya", "lol", "morning", "nice", "ok", "okay", "sir", "sorry", "thank",
      "thanks", "thx", "ty", "welcome", "yes", "yeah", "yep", "nope"};
  return words;
}

const WordSet& EnglishWeakWords() {
  static const auto& words = *new WordSet{
      "allow",  "allowed", "back",    "bought",    "buy",     "come",       "different",
      "gotten", "place",   "placed",  "purchased", "wait",    "waiting",    "wrote",
      "made",   "day",     "days",    "find",      "get",     "getting",    "give",
      "go",     "going",   "good",    "gone",      "got",     "happen",     "happens",
      "help",   "keep",    "know",    "last",      "left",    "long",       "look",
      "make",   "many",    "mean",    "much",      "need",    "new",        "offer",
      "old",    "one",     "policy",  "problem",   "put",     "question",   "see",
      "show",   "take",    "takes",   "taking",    "tell",    "thing",      "things",
      "think",  "time",    "today",   "try",       "trying",  "understand", "up",
      "use",    "using",   "want",    "wanted",    "way",     "wish",       "work",
      "works",  "over",    "explain", "able",      "usually", "normally",   "currently",
      "lumen",  "shop"};
  return words;
}

const WordSet& ChineseStopWords() {
  static const auto& words = *new WordSet{
      "我",     "你",     "您",     "他",   "她",       "它",     "们",     "我们",   "你们",
      "您们",   "咱们",   "的",     "地",   "得",       "了",     "着",     "过",     "吗",
      "呢",     "吧",     "啊",     "呀",   "哦",       "嗯",     "哈",     "哈哈",   "嘛",
      "么",     "啦",     "是",     "在",   "有",       "没",     "没有",   "不",     "也",
      "都",     "就",     "还",     "又",   "再",       "和",     "与",     "或",     "或者",
      "但",     "但是",   "而",     "如果", "因为",     "所以",   "这",     "那",     "这个",
      "那个",   "这些",   "那些",   "哪",   "哪个",     "哪些",   "谁",     "什么",   "怎么",
      "怎样",   "怎么样", "怎么办", "如何", "为什么",   "为何",   "啥",     "咋",     "几",
      "能",     "能不能", "能否",   "可以", "可不可以", "可否",   "是否",   "是不是", "会",
      "会不会", "要",     "想",     "想要", "需要",     "得到",   "请",     "请问",   "麻烦",
      "一下",   "一个",   "个",     "把",   "被",       "给",     "对",     "向",     "从",
      "到",     "让",     "跟",     "为",   "之",       "以",     "上",     "下",     "里",
      "中",     "来",     "去",     "很",   "太",       "真",     "最",     "更",     "已",
      "已经",   "现在",   "今天",   "刚",   "刚才",     "才",     "只",     "呃",     "好",
      "好的",   "行",     "嗨",     "喂",   "您好",     "你好",   "大家好", "谢谢",   "多谢",
      "感谢",   "不客气", "再见",   "拜拜", "早上好",   "晚上好", "下午好", "在吗",   "在不在",
      "有人",   "人吗",   "辛苦",   "知道", "说",       "吗",     "嘞",     "喽",     "自己",
      "该",     "应该",   "有没有", "怎",   "样",       "办",     "样子",   "呗",     "用",
      "做",     "弄",     "搞",     "看",   "的话",     "时候",   "时",     "后",     "前",
      "内",     "就是",   "可",     "些",   "点",       "等"};
  return words;
}

const WordSet& ChineseWeakWords() {
  static const auto& words = *new WordSet{
      "问题", "帮",   "帮忙", "帮助", "告诉", "多久", "多少", "多长", "时间", "天",   "几天",
      "长",   "久",   "大概", "一般", "哪里", "哪儿", "地方", "方式", "方法", "操作", "流程",
      "步骤", "介绍", "解释", "情况", "支持", "使用", "了解", "查",   "找",   "东西", "商店",
      "公司", "规定", "政策", "要求", "一直", "突然", "昨天", "明天", "处理", "进行", "出现",
      "完成", "收",   "买",   "卖",   "换",   "改",   "订",   "单",   "多",   "少",   "大",
      "小",   "新",   "旧",   "开",   "关",   "付",   "退",   "寄",   "送",   "发"};
  return words;
}

// True when `word` can be read as stop words one after the other.
bool MadeOfStopWords(std::string_view word) {
  std::string reachable(word.size() + 1, '\0');
  reachable[0] = 1;
  for (size_t at = 0; at < word.size(); at += 3) {
    if (!reachable[at]) continue;
    for (size_t length = 3; length <= 12 && at + length <= word.size(); length += 3) {
      if (ChineseStopWords().contains(word.substr(at, length))) reachable[at + length] = 1;
    }
  }
  return reachable[word.size()] != 0;
}

}  // namespace

WordClass ClassifyEnglish(std::string_view word) {
  if (EnglishStopWords().contains(word)) return WordClass::kStop;
  if (EnglishWeakWords().contains(word)) return WordClass::kWeak;
  return word.size() < 2 ? WordClass::kStop : WordClass::kTopic;
}

WordClass ClassifyChinese(std::string_view word) {
  if (ChineseWeakWords().contains(word)) return WordClass::kWeak;
  if (MadeOfStopWords(word)) return WordClass::kStop;
  return WordClass::kTopic;
}

}  // namespace frontdesk::knowledge
