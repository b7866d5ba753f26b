#include "libs/text/entities/dictionary.h"

#include <string>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

Dictionary Products(bool fuzzy = true) {
  return *Dictionary::Build({.name = "product",
                             .entries = {{"iPhone 15", {"苹果15", "爱疯十五"}},
                                         {"iPhone 15 Pro", {}},
                                         {"Galaxy Buds", {"galaxy-buds"}},
                                         {"无线蓝牙耳机", {"蓝牙耳机"}},
                                         {"智能扫地机器人", {"扫地机"}},
                                         {"refrigerator", {"fridge"}}},
                             .fuzzy = fuzzy});
}

std::string Found(const Dictionary& dictionary, std::string_view text) {
  std::vector<Entity> found;
  dictionary.Find(Tokens(text), found);
  std::string out;
  for (const Entity& entity : found) {
    if (!out.empty()) out += " | ";
    out += fmt::format("[{}] {} {:.1f}", text.substr(entity.begin, entity.end - entity.begin),
                       entity.value, entity.confidence);
  }
  return out;
}

TEST_CASE("spellings are found whatever their case, width, spaces and marks") {
  const Dictionary products = Products();
  CHECK(Found(products, "iPhone 15") == "[iPhone 15] iPhone 15 1.0");
  CHECK(Found(products, "my IPHONE15 broke") == "[IPHONE15] iPhone 15 1.0");
  CHECK(Found(products, "iphone-15") == "[iphone-15] iPhone 15 1.0");
  CHECK(Found(products, "ｉＰｈｏｎｅ１５坏了") == "[ｉＰｈｏｎｅ１５] iPhone 15 1.0");
  CHECK(Found(products, "买了苹果15和fridge") ==
        "[苹果15] iPhone 15 1.0 | [fridge] refrigerator 1.0");
}

TEST_CASE("the longer spelling wins, and borders of words are kept") {
  const Dictionary products = Products();
  CHECK(Found(products, "iphone 15 pro") == "[iphone 15 pro] iPhone 15 Pro 1.0");
  CHECK(Found(products, "无线蓝牙耳机") == "[无线蓝牙耳机] 无线蓝牙耳机 1.0");
  CHECK(Found(products, "我的蓝牙耳机呢") == "[蓝牙耳机] 无线蓝牙耳机 1.0");
  CHECK(Found(products, "xfridgex") == "");
}

TEST_CASE("near spellings are found within their bound") {
  const Dictionary products = Products();
  CHECK(Found(products, "galxy buds") == "[galxy buds] Galaxy Buds 0.8");
  CHECK(Found(products, "glaaxy buds") == "[glaaxy buds] Galaxy Buds 0.8");
  CHECK(Found(products, "refridgerater") == "[refridgerater] refrigerator 0.6");
  CHECK(Found(products, "扫地几坏了").find("智能扫地机器人 0.8") != std::string::npos);
  CHECK(Found(products, "智能扫机器人") == "[智能扫机器人] 智能扫地机器人 0.8");
  CHECK(Found(products, "refuge") == "");
  CHECK(Found(Products(false), "galxy buds") == "");
}

TEST_CASE("digits are never guessed") {
  CHECK(Found(Products(), "iPhone 16") == "");
  CHECK(Found(Products(), "iPhone 5") == "");
  CHECK(Found(Products(), "iPhon 15") == "[iPhon 15] iPhone 15 0.8");
}

TEST_CASE("any one edit in thousands of entries is found") {
  Dictionary::Options options{.name = "parts", .entries = {}};
  uint32_t seed = 7;
  const auto random = [&seed](uint32_t below) {
    seed = seed * 1'664'525 + 1'013'904'223;
    return (seed >> 8) % below;
  };
  for (int i = 0; i < 5'000; ++i) {
    std::string word;
    for (int k = 0; k < 10; ++k) word += static_cast<char>('a' + random(26));
    options.entries.push_back({word, {}});
  }
  const absl::StatusOr<Dictionary> parts = Dictionary::Build(options);
  REQUIRE(parts.ok());
  for (size_t i = 0; i < options.entries.size(); i += 10) {
    const std::string& word = options.entries[i].canonical;
    std::string edited = word;
    const size_t at = 1 + random(8);
    switch (random(4)) {
      case 0:
        edited.erase(at, 1);
        break;
      case 1:
        edited.insert(at, 1, static_cast<char>('a' + random(26)));
        break;
      case 2:
        edited[at] = edited[at] == 'q' ? 'z' : 'q';
        break;
      default:
        std::swap(edited[at], edited[at - 1]);
        break;
    }
    INFO(word << " as " << edited);
    CHECK(Found(*parts, "the " + edited + " ok").find("] " + word) != std::string::npos);
  }
}

TEST_CASE("a dictionary that can't be used is refused") {
  const auto reason = [](const Dictionary::Options& options) {
    return ReasonOf(Dictionary::Build(options).status());
  };
  CHECK(reason({.name = "", .entries = {}}) == reason::kInvalidField);
  CHECK(reason({.name = "d", .entries = {{"!!", {}}}}) == reason::kInvalidField);
  CHECK(reason({.name = "d", .entries = {{"\xff", {}}}}) == reason::kInvalidField);
  CHECK(reason({.name = "d", .entries = {{std::string(41, 'a'), {}}}}) == reason::kInvalidField);
  CHECK(reason({.name = "d", .entries = {{"a b", {}}, {"ab", {}}}}) == reason::kInvalidField);
  CHECK(Dictionary::Build({.name = "d", .entries = {{"a b", {"ab"}}}}).ok());
  CHECK(Dictionary::Build({.name = "d", .entries = {}}).ok());
}

}  // namespace
}  // namespace frontdesk::text
