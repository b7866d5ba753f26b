#include "services/knowledge/help_centre/words.h"

namespace frontdesk::knowledge {
namespace {

constexpr HelpWords kEnglish = {
    .language = "中文",
    .help_centre = "Help centre",
    .search = "Search",
    .search_label = "How can we help?",
    .skip = "Skip to the content",
    .all_topics = "All topics",
    .results = "Results",
    .no_results = "Nothing was found.",
    .no_results_advice = "Try other or fewer words, or look through the topics.",
    .did_you_mean = "Did you mean",
    .shown_instead = "These are the results for",
    .helpful = "Did this help?",
    .yes = "Yes",
    .no = "No",
    .thanks = "Thank you. Your answer helps us to write better articles.",
    .related = "Related articles",
    .updated = "Updated on",
    .next_page = "Next page",
    .not_found = "There is no such page",
    .not_found_advice = "It may have been moved or taken down. Search for it, or go to the start.",
    .busy = "We can't show this page right now",
    .busy_advice = "Please try again in a moment.",
    .bad_request = "This request can't be understood",
    .fallback = "This article is not available in English yet.",
    .language_label = "Language",
    .empty = "There are no articles here yet.",
    .other = "More",
};

constexpr HelpWords kChinese = {
    .language = "English",
    .help_centre = "帮助中心",
    .search = "搜索",
    .search_label = "有什么可以帮您？",
    .skip = "跳到正文",
    .all_topics = "全部主题",
    .results = "搜索结果",
    .no_results = "没有找到相关内容。",
    .no_results_advice = "换个说法或者少用几个词试试，也可以按主题浏览。",
    .did_you_mean = "您是不是要找",
    .shown_instead = "以下是这个词的结果：",
    .helpful = "这篇文章有帮助吗？",
    .yes = "有帮助",
    .no = "没有帮助",
    .thanks = "谢谢！您的反馈会帮助我们改进文章。",
    .related = "相关文章",
    .updated = "更新于",
    .next_page = "下一页",
    .not_found = "没有这个页面",
    .not_found_advice = "它可能已经移动或下线了。您可以搜索，或回到首页。",
    .busy = "暂时无法显示这个页面",
    .busy_advice = "请稍后再试。",
    .bad_request = "无法识别这个请求",
    .fallback = "这篇文章暂时没有中文版。",
    .language_label = "语言",
    .empty = "这里还没有文章。",
    .other = "其他",
};

}  // namespace

const HelpWords& HelpWordsOf(std::string_view locale) {
  return locale.starts_with("zh") ? kChinese : kEnglish;
}

}  // namespace frontdesk::knowledge
