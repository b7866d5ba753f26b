#include "services/knowledge/formats/markdown_file.h"

#include <charconv>
#include <utility>

#include "libs/base/absl_interop.h"
#include "services/knowledge/domain/article_file.h"

namespace frontdesk::knowledge::formats {

void ReadMarkdown(std::string_view bytes, std::string_view file, const Defaults& defaults,
                  Rows& rows) {
  auto parsed = ParseArticleFile(bytes, file, {.id = IdOfPath(file), .locale = defaults.locale});
  if (!parsed.ok()) {
    // "path:line: what is wrong"
    std::string_view message = MessageOf(parsed.status());
    int line = 1;
    if (message.starts_with(file)) {
      message.remove_prefix(file.size() + 1);
      const auto [end, error] =
          std::from_chars(message.data(), message.data() + message.size(), line);
      if (error == std::errc())
        message.remove_prefix(static_cast<size_t>(end - message.data()) + 2);
    }
    return rows.Refuse(std::string(file), line, std::string(message));
  }
  v1::PortableArticle article;
  article.set_article_id(std::move(parsed->id));
  article.set_locale(std::move(parsed->locale));
  article.set_translation_of(std::move(parsed->translation_of));
  article.set_publish(parsed->publish);
  *article.mutable_content() = std::move(parsed->content);
  Take(std::move(article), file, 1, defaults, rows, std::move(parsed->lines));
}

std::string WriteMarkdown(const v1::PortableArticle& article) {
  ArticleFile file;
  file.id = article.article_id();
  file.locale = article.locale();
  file.translation_of = article.translation_of();
  file.publish = article.publish();
  file.content = article.content();
  return WriteArticleFile(file);
}

}  // namespace frontdesk::knowledge::formats
