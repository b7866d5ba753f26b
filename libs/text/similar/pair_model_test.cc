#include "libs/text/similar/pair_model.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/status/status.h"
#include "libs/base/random.h"

namespace frontdesk::text {
namespace {

constexpr size_t kDimensions = 16;

struct Question {
  std::vector<std::string_view> ways;  // of asking the same
};

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions = {
      {{"怎么修改收货地址", "收货地址如何更改", "想改一下收货的地址"}},
      {{"什么时候发货", "多久能发货", "我的订单几天发货"}},
      {{"如何申请退款", "我要退款怎么操作", "退款在哪里申请"}},
      {{"怎么开发票", "发票如何开具", "能给我开发票吗"}},
      {{"忘记密码怎么办", "密码忘了如何找回", "登录密码不记得了"}},
      {{"优惠券怎么用", "如何使用优惠券", "优惠券在哪里用"}},
      {{"How do I change my delivery address?", "Can I update the delivery address",
        "change address of delivery"}},
      {{"When will my order ship?", "how long until you ship my order", "shipping date of order"}},
      {{"How can I get a refund?", "I want my money refunded", "request a refund"}},
      {{"Where is my invoice?", "I need an invoice", "how to download the invoice"}},
      {{"I forgot my password", "how to reset the password", "password reset please"}},
      {{"How do I use a voucher?", "voucher code does not work", "where to enter a voucher code"}},
  };
  return questions;
}

struct Data {
  std::vector<Pair> pairs;
  std::vector<std::vector<float>> numbers;  // two a pair
  std::vector<PairVectors> vectors;
};

// Every two ways of the same question, and as many of different ones; the made-up vectors of one
// question lie near one another.
Data MakeData(int copies = 3) {
  Data data;
  SeededRandom random(9);
  const auto vector_of = [&random](size_t question) {
    std::vector<float> vector(kDimensions);
    double square = 0;
    for (size_t i = 0; i < kDimensions; ++i) {
      vector[i] = (i == question ? 2.0F : 0.0F) + static_cast<float>(random.Uniform(1000)) / 700.0F;
      square += static_cast<double>(vector[i]) * vector[i];
    }
    for (float& x : vector) x /= static_cast<float>(std::sqrt(square));
    return vector;
  };
  const auto add = [&](size_t p, std::string_view a, size_t q, std::string_view b) {
    data.pairs.push_back({std::string(a), std::string(b), p == q});
    data.numbers.push_back(vector_of(p));
    data.numbers.push_back(vector_of(q));
  };
  const auto& questions = Questions();
  for (int copy = 0; copy < copies; ++copy) {
    for (size_t q = 0; q < questions.size(); ++q) {
      for (size_t i = 0; i < 3; ++i) {
        add(q, questions[q].ways[i], q, questions[q].ways[(i + 1) % 3]);
        const size_t other = (q + 1 + random.Uniform(questions.size() - 1)) % questions.size();
        add(q, questions[q].ways[i], other, questions[other].ways[random.Uniform(3)]);
      }
    }
  }
  for (size_t i = 0; i < data.pairs.size(); ++i) {
    data.vectors.push_back({"made-up", data.numbers[2 * i], data.numbers[2 * i + 1]});
  }
  return data;
}

std::shared_ptr<const PairModel> Loaded(const absl::StatusOr<TrainedPairModel>& trained) {
  INFO(trained.status().ToString());
  REQUIRE(trained.ok());
  auto model = PairModel::Load(trained->bytes);
  REQUIRE(model.ok());
  return *model;
}

TEST_CASE("Learns from pairs without vectors and says how well") {
  const Data data = MakeData();
  const auto trained = PairModel::Train(data.pairs, {}, {});
  const auto model = Loaded(trained);
  CHECK(model->encoder().empty());
  CHECK(trained->report.pairs == data.pairs.size());
  CHECK(trained->report.same * 2 == data.pairs.size());
  CHECK(trained->report.auc > 0.8);
  CHECK(trained->report.curve.size() == 19);
  CHECK(trained->report.cosine_auc == 0);
  const auto same = model->Score("怎么修改收货地址", "收货地址怎么修改呢", {});
  const auto other = model->Score("怎么修改收货地址", "When will my order ship?", {});
  CHECK(same->probability > 0.5);
  CHECK(other->probability < 0.5);
}

TEST_CASE("Vectors help, and a model that has learnt with them wants them") {
  const Data data = MakeData();
  const auto plain = PairModel::Train(data.pairs, {}, {});
  const auto trained = PairModel::Train(data.pairs, data.vectors, {});
  const auto model = Loaded(trained);
  CHECK(trained->report.auc > plain->report.auc);
  CHECK(trained->report.cosine_auc > 0.8);
  CHECK(model->encoder() == "made-up");
  CHECK(model->dimensions() == kDimensions);
  const Pair& pair = data.pairs[0];
  CHECK(model->Score(pair.a, pair.b, data.vectors[0]).ok());
  CHECK(absl::IsFailedPrecondition(model->Score(pair.a, pair.b, {}).status()));
  PairVectors wrong = data.vectors[0];
  wrong.encoder = "another";
  CHECK(absl::IsFailedPrecondition(model->Score(pair.a, pair.b, wrong).status()));
  wrong = data.vectors[0];
  wrong.a = wrong.a.subspan(1);
  CHECK(absl::IsInvalidArgument(model->Score(pair.a, pair.b, wrong).status()));
  std::vector<float> nan(kDimensions, std::numeric_limits<float>::quiet_NaN());
  wrong.a = nan;
  CHECK(absl::IsInvalidArgument(model->Score(pair.a, pair.b, wrong).status()));
}

TEST_CASE("The same arguments give the same bytes, another seed another model") {
  const Data data = MakeData(1);
  const auto one = PairModel::Train(data.pairs, data.vectors, {});
  const auto two = PairModel::Train(data.pairs, data.vectors, {});
  const auto other = PairModel::Train(data.pairs, data.vectors, {.seed = 2});
  REQUIRE((one.ok() && two.ok() && other.ok()));
  CHECK(one->bytes == two->bytes);
  CHECK(one->bytes != other->bytes);
  CHECK(one->report.fingerprint == other->report.fingerprint);
}

TEST_CASE("A pair has one probability whichever text comes first, between 0 and 1") {
  const Data data = MakeData(1);
  const auto model = Loaded(PairModel::Train(data.pairs, data.vectors, {}));
  const auto plain = Loaded(PairModel::Train(data.pairs, {}, {}));
  const auto holds = [&](const PairModel& any, const std::string& a, const std::string& b) {
    const PairVectors there = data.vectors[a.size() % data.vectors.size()];
    const PairVectors back{there.encoder, there.b, there.a};
    const auto ab = any.Score(a, b, there);
    const auto ba = any.Score(b, a, back);
    return ab.ok() && ba.ok() && std::abs(ab->probability - ba->probability) < 1e-6 &&
           ab->probability >= 0 && ab->probability <= 1;
  };
  CHECK(rc::check([&](const std::string& a, const std::string& b) {
    RC_ASSERT(holds(*model, a, b));
    RC_ASSERT(holds(*plain, a, b));
  }));
  const std::vector<std::string> odd = {
      "",         std::string(100'000, 'x'), "😡🤬", "\xFF\xC3", std::string("\0", 1),
      "أين طلبي", "退款不退款 ORDER-12 12.5"};
  for (const std::string& a : odd) {
    for (const std::string& b : odd) CHECK(holds(*model, a, b));
  }
}

TEST_CASE("Numbers, names, negation and the kind of question set pairs apart") {
  const PartWeights weights;
  const auto of = [&weights](std::string_view a, std::string_view b) {
    return FeaturesOf(PairText(a), PairText(b), weights, {}, {}).summary;
  };
  const auto base = of("订单12怎么退款", "订单12怎么退款");
  const auto number = of("订单12怎么退款", "订单13怎么退款");
  const auto why = of("订单12怎么退款", "订单12为什么退款");
  const auto no = of("订单12怎么退款", "订单12怎么不退款");
  const auto name = of("iPhone怎么退款", "iPad怎么退款");
  CHECK((base[23] == 0 && number[23] == 1 && number[24] == 1));
  CHECK((base[25] == 0 && name[25] == 1));
  CHECK((base[26] == 0 && no[26] == 1));
  CHECK((base[28] == 0 && why[28] == 1));
  CHECK((base[31] == 1 && why[31] == 0));
}

TEST_CASE("Data that can't teach are refused, and so is a cancelled training") {
  Data data = MakeData(1);
  std::vector<Pair> pairs = data.pairs;
  const auto train = [&](const PairTrainOptions& options = {}) {
    return PairModel::Train(pairs, data.vectors, options).status();
  };
  CHECK(absl::IsInvalidArgument(train({.folds = 1})));
  CHECK(absl::IsInvalidArgument(train({.folds = 21})));
  CHECK(absl::IsCancelled(train({.progress = [](double share) { return share < 0.3; }})));
  data.vectors[3].a = data.vectors[3].a.subspan(1);
  CHECK(absl::IsInvalidArgument(train()));
  data.vectors.pop_back();
  CHECK(absl::IsInvalidArgument(train()));
  data.vectors.clear();
  pairs[0].a = "\xFF";
  CHECK(absl::IsInvalidArgument(train()));
  pairs[0].a = "x";
  for (Pair& pair : pairs) pair.same = true;
  CHECK(absl::IsInvalidArgument(train()));
  pairs.resize(kPairsMin - 1);
  CHECK(absl::IsInvalidArgument(train()));
}

TEST_CASE("Progress goes up to one") {
  const Data data = MakeData(1);
  std::vector<double> told;
  REQUIRE(PairModel::Train(data.pairs, {},
                           {.progress =
                                [&told](double share) {
                                  told.push_back(share);
                                  return true;
                                }})
              .ok());
  REQUIRE_FALSE(told.empty());
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1);
}

TEST_CASE("Every cut, every changed byte and any other bytes are no model") {
  const Data data = MakeData(1);
  const auto trained = PairModel::Train(data.pairs, data.vectors, {});
  REQUIRE(trained.ok());
  const std::string& bytes = trained->bytes;
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 97) {
    CHECK(absl::IsDataLoss(PairModel::Load(bytes.substr(0, size)).status()));
  }
  for (size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 97) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    CHECK_FALSE(PairModel::Load(changed).ok());
  }
  std::string newer = bytes;
  newer[4]++;
  CHECK(absl::IsFailedPrecondition(PairModel::Load(newer).status()));
  CHECK(absl::IsDataLoss(PairModel::Load(bytes + "x").status()));
  CHECK(rc::check([](const std::string& any) { RC_ASSERT(!PairModel::Load(any).ok()); }));
}

TEST_CASE("The area under the curve counts ties half") {
  const std::vector<uint8_t> same = {0, 0, 1, 1};
  CHECK(AreaUnderCurve(std::vector<double>{1, 2, 3, 4}, same) == 1);
  CHECK(AreaUnderCurve(std::vector<double>{4, 3, 2, 1}, same) == 0);
  CHECK(AreaUnderCurve(std::vector<double>{1, 1, 1, 1}, same) == 0.5);
  CHECK(AreaUnderCurve(std::vector<double>{1, 3, 2, 4}, same) == 0.75);
  CHECK(AreaUnderCurve(std::vector<double>{1, 2}, std::vector<uint8_t>{1, 1}) == 0.5);
}

}  // namespace
}  // namespace frontdesk::text
