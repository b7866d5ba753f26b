#include "libs/text/entities/urls.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

namespace frontdesk::text {
namespace {

// Punctuation that closes the sentence, and brackets nobody opened, belong to the text around.
std::string_view TrimEnd(std::string_view url) {
  while (!url.empty()) {
    const char last = url.back();
    if (std::string_view(".,;:!?'\"*_~").find(last) != std::string_view::npos) {
      url.remove_suffix(1);
      continue;
    }
    const std::string_view opening = last == ')' ? "(" : last == ']' ? "[" : last == '}' ? "{" : "";
    if (opening.empty() || std::count(url.begin(), url.end(), opening[0]) >=
                               std::count(url.begin(), url.end(), last)) {
      break;
    }
    url.remove_suffix(1);
  }
  return url;
}

bool HasScheme(std::string_view url) {
  return url.substr(0, 9).find("://") != std::string_view::npos;
}

bool IsWww(std::string_view url) {
  return url.size() > 4 && (url[0] == 'w' || url[0] == 'W') && (url[1] == 'w' || url[1] == 'W') &&
         (url[2] == 'w' || url[2] == 'W') && url[3] == '.';
}

std::string Normalise(std::string_view url) {
  std::string out = HasScheme(url) ? std::string(url) : "http://" + std::string(url);
  const size_t host = out.find("://") + 3;
  const size_t end = std::min(out.find_first_of("/?#", host), out.size());
  for (size_t i = 0; i < end; ++i) out[i] = absl::ascii_tolower(static_cast<unsigned char>(out[i]));
  return out;
}

}  // namespace

void FindUrls(std::string_view text, std::vector<Entity>& out) {
  static const RE2 kUrl(
      "(?i)(?:^|[^a-z0-9@._-])((?:(?:https?|ftp)://[!-;=?-~]+)|(?:www\\.[a-z0-9-]+\\.[!-;=?-~]+)|"
      "(?:(?:[a-z0-9](?:[a-z0-9-]{0,62})\\.)+(?:com|cn|net|org|edu|gov|io|co|me|app|dev|info|tv|hk|"
      "tw|jp|uk|de|shop|store|top|vip|xyz|cc)(?::[0-9]{2,5})?(?:[/?#][!-;=?-~]*)?))",
      RE2::Latin1);
  if (text.find('.') == std::string_view::npos && text.find("://") == std::string_view::npos)
    return;
  re2::StringPiece rest(text.data(), text.size());
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, kUrl, &found)) {
    std::string_view url = TrimEnd({found.data(), found.size()});
    const auto begin = static_cast<size_t>(found.data() - text.data());
    const size_t end = begin + url.size();
    const bool marked = HasScheme(url) || IsWww(url);
    // "support.com@…" is an address; "file.cc" alone and "example.community" no host.
    const char behind = begin + found.size() < text.size() ? text[begin + found.size()] : ' ';
    const bool ends =
        !absl::ascii_isalnum(static_cast<unsigned char>(behind)) && behind != '@' && behind != '-';
    if (url.size() < 4 || (!marked && !ends) || url.ends_with("://")) continue;
    Entity entity;
    entity.type = EntityType::kUrl;
    entity.begin = begin;
    entity.end = end;
    entity.value = Normalise(url);
    if (!marked && url.find_first_of("/?") == std::string_view::npos) entity.confidence = 0.7;
    out.push_back(std::move(entity));
  }
}

}  // namespace frontdesk::text
