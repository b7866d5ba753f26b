// Entities of mixed sentences, a second, with all kinds and a dictionary of 5 000 entries.
#include <cstdlib>
#include <iostream>

#include "libs/text/entities/finder.h"
#include "libs/text/mask.h"
#include "tests/bench/text_bench.h"

namespace frontdesk::bench {
namespace {

constexpr std::string_view kSentences[] = {
    "订单号A1029-8812，昨天付了¥299.00，请下周三下午三点送到深圳市南山区科技园路88号",
    "I paid $1,299.99 for two of them last Friday, please email me at jo@example.com",
    "你好，我的耳机坏了，怎么退货？",
    "Could you call me back the day after tomorrow at half past two on +44 20 7946 0958?",
    "电话13812345678，3天前买的，一共五百二十块五，保修两年吗",
    "The parcel was promised within 3-5 business days but nothing came, see "
    "https://example.com/t/1",
    "明早八点半到下午五点都可以，地址是北京市朝阳区建国路88号3栋502室",
    "How do I change the address of my order?",
};

class EntitiesGroup final : public TextGroup {
 public:
  explicit EntitiesGroup(const TextBenchOptions& options) : options_(options), finder_(Make()) {
    absl::LoadTimeZone("Asia/Shanghai", &context_.zone);
    context_.now = absl::FromCivil(absl::CivilSecond(2026, 11, 18, 10, 0, 0), context_.zone);
    entities_ = static_cast<double>(FindAll());
  }

  std::map<std::string, double> Round() override {
    const double sentences = std::size(kSentences);
    const double passes = RateOf(options_.seconds, 1, [this] { FindAll(); });
    const double masked = RateOf(options_.seconds, sentences, [] {
      for (std::string_view sentence : kSentences) {
        if (!text::MaskPersonalData(sentence).ok()) std::abort();
      }
    });
    return {{"entities.found", passes * entities_},
            {"entities.sentences", passes * sentences},
            {"masking.sentences", masked}};
  }

 private:
  static text::EntityFinder Make() {
    text::Dictionary::Options products{.name = "product", .entries = {}};
    for (int i = 0; i < 5'000; ++i) {
      const int number = 10'000 + i * 7'919 % 90'000;
      products.entries.push_back({"model " + std::to_string(number) + " deluxe", {}});
    }
    text::EntityFinder::Options options;
    options.dictionaries.push_back(std::move(products));
    auto finder = text::EntityFinder::Create(options);
    if (!finder.ok()) {
      std::cerr << finder.status() << "\n";
      std::abort();
    }
    return *std::move(finder);
  }

  size_t FindAll() const {
    size_t found = 0;
    for (std::string_view sentence : kSentences) {
      const auto entities = finder_.Find(sentence, context_);
      if (!entities.ok()) std::abort();
      found += entities->size();
    }
    return found;
  }

  const TextBenchOptions options_;
  const text::EntityFinder finder_;
  text::EntityContext context_;
  double entities_ = 0;
};

}  // namespace

std::map<std::string, MakeTextGroup> EntityGroups() {
  return {{"entities", [](const TextBenchOptions& options) -> std::unique_ptr<TextGroup> {
             return std::make_unique<EntitiesGroup>(options);
           }}};
}

}  // namespace frontdesk::bench
