#pragma once

#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/classify/vectors.h"

namespace frontdesk::text {

// Small data of our own for the tests, in both languages, and vectors that stand in for an
// encoder's: a direction for each class, and noise that is always the same.
inline Dataset ShopQuestions() {
  const std::vector<std::pair<std::string, std::vector<std::string>>> classes = {
      {"refund",
       {"I want my money back", "please refund my order", "how do I get a refund for the shoes",
        "the refund has not arrived", "could you return the money to my card", "refund me today",
        "我要退款", "钱什么时候退回来", "申请退款怎么操作", "退款还没有到账", "请把钱退给我",
        "退款进度在哪里看"}},
      {"delivery",
       {"where is my parcel", "when will the package arrive", "the delivery is late again",
        "track my shipment please", "has my order been shipped", "the courier never came",
        "快递到哪里了", "什么时候发货", "包裹一直没有送到", "查一下物流", "快递员没有来",
        "我的订单发货了吗"}},
      {"invoice",
       {"I need an invoice for my company", "send me the receipt", "the invoice has a wrong name",
        "can I get a VAT invoice", "please mail the bill", "where do I download the invoice",
        "请给我开发票", "发票抬头写错了", "电子发票在哪里下载", "需要增值税发票", "发票还没有寄到",
        "可以补开发票吗"}},
  };
  Dataset data;
  for (const auto& [label, texts] : classes) {
    for (const std::string& text : texts) data.examples.push_back({text, label});
  }
  return data;
}

inline std::vector<float> StandInVector(uint64_t direction, uint64_t seed) {
  std::vector<float> values(16);
  SeededRandom middle(direction);
  SeededRandom noise(seed + 1000);
  for (float& value : values) {
    value = static_cast<float>(middle.Uniform(2001)) / 1000.0f - 1.0f;
    value += 0.3f * (static_cast<float>(noise.Uniform(2001)) / 1000.0f - 1.0f);
  }
  return values;
}

inline TextVectors StandInVectors(const Dataset& data) {
  TextVectors vectors;
  vectors.blocks = {{"0123abcd", "stand-in", 16}};
  for (size_t i = 0; i < data.examples.size(); ++i) {
    uint64_t direction = 0;
    for (char c : data.examples[i].label) direction = direction * 31 + static_cast<uint8_t>(c);
    vectors.rows.push_back({0, StandInVector(direction, i)});
  }
  return vectors;
}

}  // namespace frontdesk::text
