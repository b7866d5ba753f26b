// Classifier and near-duplicate rows: times and sizes, the less the better.
#include <sys/resource.h>

#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/random.h"
#include "libs/text/classify/byte_math.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/trainer.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/measure/encode_all.h"
#include "libs/text/similar/min_hash.h"
#include "libs/text/similar/near_duplicates.h"
#include "tests/bench/text_bench.h"

namespace frontdesk::bench {
namespace {

constexpr size_t kExamples = 10'000;
constexpr size_t kAsked = 256;
constexpr size_t kStored = 100'000;

constexpr std::string_view kWishes[] = {"cancel", "change", "track",  "return", "find",
                                        "renew",  "report", "verify", "top up", "share"};
constexpr std::string_view kThings[] = {"order",   "card",    "parcel",  "invoice",
                                        "account", "address", "voucher", "contract"};
constexpr std::string_view kEnglish[] = {
    "How do I {0} my {1} {2}?", "I want to {0} the {1} from last {2}, please help",
    "my {1} is wrong since {2}, can you {0} it for me", "is there a way to {0} a {1} before {2}"};
constexpr std::string_view kMoments[] = {"today",   "tomorrow", "Monday", "this week",
                                         "in June", "by noon",  "soon",   "next year"};
constexpr std::string_view kWishesZh[] = {"取消", "修改", "查询", "退回", "找到",
                                          "续订", "投诉", "核实", "充值", "共享"};
constexpr std::string_view kThingsZh[] = {"订单", "银行卡", "快递",   "发票",
                                          "账户", "地址",   "优惠券", "合同"};
constexpr std::string_view kChinese[] = {"请问怎么{0}我的{1}，{2}可以吗",
                                         "{2}我想{0}{1}，麻烦帮我看看",
                                         "我的{1}{2}出了问题，能{0}一下吗"};
constexpr std::string_view kMomentsZh[] = {"今天", "明天",   "周一", "这周",
                                           "六月", "中午前", "尽快"};

// A customer's question about one of 80 things, every third one in Chinese; the same for the same i.
text::Example Question(size_t i) {
  SeededRandom random(i);
  const size_t wish = i % std::size(kWishes);
  const size_t thing = i / std::size(kWishes) % std::size(kThings);
  const auto any = [&random](const auto& list) { return list[random.Uniform(std::size(list))]; };
  text::Example made;
  made.label = fmt::format("{} {}", kWishes[wish], kThings[thing]);
  if (random.Uniform(3) == 0) {
    made.text = fmt::format(fmt::runtime(any(kChinese)), kWishesZh[wish], kThingsZh[thing],
                            any(kMomentsZh));
  } else {
    made.text =
        fmt::format(fmt::runtime(any(kEnglish)), kWishes[wish], kThings[thing], any(kMoments));
  }
  made.text += fmt::format(" {}", 1000 + random.Uniform(1'000'000));
  return made;
}

// Microseconds of one of `count` calls.
template <class Work>
double MicrosOf(double seconds, double count, const Work& work) {
  return 1e6 / RateOf(seconds, count, work);
}

// Of this thread or process (RUSAGE_…): a busy neighbour lengthens it far less than the time on the
// wall.
double ProcessorSeconds(int whose) {
  rusage used = {};
  FD_CHECK(getrusage(whose, &used) == 0, "getrusage");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Microseconds of this thread's processor time of one of `count` calls; the least of three parts of
// `seconds`.
template <class Work>
double ProcessorMicrosOf(double seconds, double count, const Work& work) {
  double least = std::numeric_limits<double>::infinity();
  for (int part = 0; part < 3; ++part) {
    const double begin = ProcessorSeconds(RUSAGE_THREAD);
    double calls = 0;
    double used = 0;
    while (used < seconds / 3) {
      work();
      calls += count;
      used = ProcessorSeconds(RUSAGE_THREAD) - begin;
    }
    least = std::min(least, 1e6 * used / calls);
  }
  return least;
}

double SecondsOf(const std::function<void()>& work) { return 1 / RateOf(0, 1, work); }

class ClassifyGroup final : public TextGroup {
 public:
  explicit ClassifyGroup(const TextBenchOptions& options) : options_(options) {
    auto loaded = text::Encoders::Load({.models_dir = options.models_dir, .cache_bytes = 0});
    FD_CHECK(loaded.ok(), "{}", loaded.status());
    encoders_ = *std::move(loaded);
    for (size_t i = 0; i < kExamples; ++i) data_.examples.push_back(Question(i));
    for (const text::Example& example : data_.examples) texts_.push_back(example.text);
    const double encoding = SecondsOf([this] {
      auto made = text::EncodeAll(
          texts_, [this](std::string_view one) { return &encoders_->ForText(one); },
          [](size_t, size_t) { return true; });
      FD_CHECK(made.ok(), "{}", made.status());
      vectors_ = *std::move(made);
    });
    const double before = ProcessorSeconds(RUSAGE_SELF);
    const double training = SecondsOf([this] {
      const auto trained = text::Train(data_, vectors_, {});
      FD_CHECK(trained.ok(), "{}", trained.status());
      model_ = *text::Classifier::Load(trained->bytes);
    });
    once_ = {{"train.cached", training},
             {"train.cached.cpu", ProcessorSeconds(RUSAGE_SELF) - before},
             {"train.encoding", training + encoding},
             {"classify.memory", static_cast<double>(model_->memory_bytes()) / (1 << 20)}};
  }

  std::map<std::string, double> Round() override {
    std::map<std::string, double> figures = once_;
    figures["classify.predict"] =
        ProcessorMicrosOf(options_.seconds, kAsked, [this] { PredictAll(nullptr); });
    figures["classify.product"] =
        ProcessorMicrosOf(options_.seconds, kAsked, [this] { MultiplyAll(); });
    figures["classify.encode+predict"] =
        MicrosOf(options_.seconds, kAsked, [this] { PredictAll(encoders_.get()); }) / 1000;
    figures["classify.encode"] = MicrosOf(options_.seconds, kAsked,
                                          [this] {
                                            for (size_t i = 0; i < kAsked; ++i) EncodeOne(i);
                                          }) /
                                 1000;
    return figures;
  }

 private:
  std::vector<float> EncodeOne(size_t i) {
    auto made = encoders_->ForText(texts_[i]).Encode({texts_[i]});
    FD_CHECK(made.ok(), "{}", made.status());
    return *std::move(made);
  }

  void PredictAll(const text::Encoders* encoders) {
    for (size_t i = 0; i < kAsked; ++i) {
      text::QueryVector query = text::QueryOf(vectors_, i);
      std::vector<float> made;
      if (encoders != nullptr) query.values = made = EncodeOne(i);
      FD_CHECK(model_->Predict(texts_[i], query).ok(), "predict");
    }
  }

  // The vector's weights and 128 pieces', multiplied and added up: what no classifier does without.
  void MultiplyAll() {
    const text::Model& model = model_->model();
    const text::Model::Block& block = model.blocks[0];
    const std::vector<float> ones(block.scales.size(), 1.0f);
    std::vector<float> sums(model.stride, 0.0f);
    std::vector<uint32_t> pieces(128);
    for (size_t i = 0; i < kAsked; ++i) {
      for (size_t k = 0; k < pieces.size(); ++k) {
        pieces[k] = static_cast<uint32_t>((i * 131 + k * 977) % model.vocabulary.size());
      }
      text::SumRows(pieces.data(), ones.data(), pieces.size(), model.feature_scales.data(),
                    model.feature_weights.data(), model.stride, sums.data());
      text::SumRows(nullptr, ones.data(), ones.size(), block.scales.data(), block.weights.data(),
                    model.stride, sums.data());
    }
    FD_CHECK(sums[0] == sums[0], "no number");
  }

  const TextBenchOptions options_;
  std::shared_ptr<text::Encoders> encoders_;
  text::Dataset data_;
  std::vector<std::string_view> texts_;
  text::TextVectors vectors_;
  std::shared_ptr<const text::Classifier> model_;
  std::map<std::string, double> once_;
};

// One question beside a look at every sketch.
class DuplicatesGroup final : public TextGroup {
 public:
  explicit DuplicatesGroup(const TextBenchOptions& options) : options_(options) {
    for (size_t i = 0; i < kStored; ++i) {
      const std::string stored = Question(i).text;
      FD_CHECK(texts_.Add(std::to_string(i), stored).ok(), "add");
      sketches_.push_back(text::MakeSketch(stored));
    }
  }

  std::map<std::string, double> Round() override {
    size_t next = 0;
    const auto ask = [&] { return Question(kStored + next++ % kAsked).text; };
    const double find =
        MicrosOf(options_.seconds, 1, [&] { FD_CHECK(texts_.Find(ask(), 5).ok(), "find"); });
    const double scan = MicrosOf(options_.seconds, 1, [&] {
      const text::Sketch own = text::MakeSketch(ask());
      double best = 0;
      for (const text::Sketch& one : sketches_) best = std::max(best, text::Jaccard(own, one));
      FD_CHECK(best > 0, "nothing alike");
    });
    return {{"duplicates.find", find}, {"duplicates.scan", scan}};
  }

 private:
  const TextBenchOptions options_;
  text::NearDuplicates texts_;
  std::vector<text::Sketch> sketches_;
};

template <class Group>
MakeTextGroup Maker() {
  return [](const TextBenchOptions& options) -> std::unique_ptr<TextGroup> {
    return std::make_unique<Group>(options);
  };
}

}  // namespace

std::map<std::string, MakeTextGroup> ClassifyGroups() {
  return {{"classify", Maker<ClassifyGroup>()}, {"duplicates", Maker<DuplicatesGroup>()}};
}

}  // namespace frontdesk::bench
