// Encoder rows: our call beside bare OpenVINO, many callers beside one, memory of the models.
#include <malloc.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <openvino/openvino.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/text/encoder/batcher.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/encoder/openvino_encoder.h"
#include "libs/text/encoder/plain_products.h"
#include "tests/bench/text_bench.h"

namespace frontdesk::bench {
namespace {

constexpr size_t kTexts = 64;
constexpr size_t kCallers = 16;

// Customers' sentences of 8 to 25 tokens, none twice.
std::vector<std::string> Sentences() {
  constexpr std::string_view kShapes[] = {
      "Where is my order {}?", "I want to return the {} I bought last week, how do I do that?",
      "My card was declined when I paid for {} this morning", "please cancel my subscription {}"};
  std::vector<std::string> sentences;
  for (size_t i = 0; i < kTexts; ++i) {
    sentences.push_back(fmt::format(fmt::runtime(kShapes[i % std::size(kShapes)]), 100 + i));
  }
  return sentences;
}

int Threads() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

std::unique_ptr<text::OpenVinoEncoder> Load(const TextBenchOptions& options,
                                            const std::string& language) {
  text::OpenVinoOptions model;
  model.directory = fmt::format("{}/bge-small-{}-v1.5", options.models_dir, language);
  model.language = language;
  model.threads = Threads();
  auto loaded = text::OpenVinoEncoder::Load(model);
  FD_CHECK(loaded.ok(), "{}", loaded.status());
  return *std::move(loaded);
}

// The library alone: token ids are ready in tensors, and nobody looks at the vectors.
class BareModel {
 public:
  BareModel(const TextBenchOptions& options, bool plain_products) {
    const auto model = core_.read_model(options.models_dir + "/bge-small-en-v1.5/model.onnx");
    if (plain_products) text::UsePlainProducts(model);
    compiled_ = core_.compile_model(model, "CPU", ov::num_streams(Threads()),
                                    ov::inference_num_threads(Threads()),
                                    ov::hint::enable_cpu_pinning(false));
  }

  // A request each of `texts_max` texts of like length.
  void Prepare(const std::vector<std::vector<int32_t>>& ids, size_t texts_max) {
    std::vector<std::vector<int32_t>> sorted = ids;
    // Single texts stay in their order: a change of length costs the library time in both rows.
    if (texts_max > 1) std::ranges::sort(sorted, {}, [](const auto& one) { return one.size(); });
    requests_.clear();
    for (size_t first = 0; first < sorted.size(); first += texts_max) {
      const size_t texts = std::min(texts_max, sorted.size() - first);
      const size_t longest = sorted[first + texts - 1].size();
      ov::InferRequest request = compiled_.create_infer_request();
      for (const char* name : {"input_ids", "attention_mask", "token_type_ids"}) {
        ov::Tensor tensor(ov::element::i64, {texts, longest});
        std::fill_n(tensor.data<int64_t>(), tensor.get_size(), 0);
        request.set_tensor(name, tensor);
      }
      auto* tokens = request.get_tensor("input_ids").data<int64_t>();
      auto* mask = request.get_tensor("attention_mask").data<int64_t>();
      for (size_t i = 0; i < texts; ++i) {
        const std::vector<int32_t>& own = sorted[first + i];
        std::copy(own.begin(), own.end(), tokens + i * longest);
        std::fill_n(mask + i * longest, own.size(), 1);
      }
      requests_.push_back(std::move(request));
    }
  }

  // The library queues what has no stream yet.
  void RunAll() {
    for (ov::InferRequest& request : requests_) request.start_async();
    for (ov::InferRequest& request : requests_) request.wait();
  }
  void RunOne(size_t index) { requests_[index % requests_.size()].infer(); }

 private:
  ov::Core core_;
  ov::CompiledModel compiled_;
  std::vector<ov::InferRequest> requests_;
};

class CallGroup final : public TextGroup {
 public:
  explicit CallGroup(const TextBenchOptions& options)
      : options_(options),
        sentences_(Sentences()),
        encoder_(Load(options, "en")),
        bare_(options, true),
        as_it_comes_(options, false) {
    for (const std::string& sentence : sentences_) {
      texts_.push_back(sentence);
      ids_.push_back(encoder_->Tokens(sentence));
    }
  }

  std::map<std::string, double> Round() override {
    std::map<std::string, double> figures;
    bare_.Prepare(ids_, 1);
    size_t next = 0;
    const auto one = [&] { FD_CHECK(encoder_->Encode({texts_[next++ % kTexts]}).ok(), "encode"); };
    size_t bare_next = 0;
    const auto bare_one = [&] { bare_.RunOne(bare_next++); };
    one();
    bare_one();
    figures["encode.call/1"] = RateOf(options_.seconds, 1, one);
    figures["openvino/1"] = RateOf(options_.seconds, 1, bare_one);
    bare_.Prepare(ids_, 16);
    as_it_comes_.Prepare(ids_, 16);
    const auto all = [&] { FD_CHECK(encoder_->Encode(texts_).ok(), "encode"); };
    const auto bare_all = [&] { bare_.RunAll(); };
    const auto file_all = [&] { as_it_comes_.RunAll(); };
    all();
    bare_all();
    file_all();
    figures["encode.call/64"] = RateOf(options_.seconds, kTexts, all);
    figures["openvino/64"] = RateOf(options_.seconds, kTexts, bare_all);
    figures["openvino.int8/64"] = RateOf(options_.seconds, kTexts, file_all);
    return figures;
  }

 private:
  const TextBenchOptions options_;
  const std::vector<std::string> sentences_;
  const std::unique_ptr<text::OpenVinoEncoder> encoder_;
  BareModel bare_;
  BareModel as_it_comes_;  // the file's own int8 arithmetic
  std::vector<std::string_view> texts_;
  std::vector<std::vector<int32_t>> ids_;
};

// Callers that each wait for an answer before they ask again, through a batcher without a cache.
class CallersGroup final : public TextGroup {
 public:
  explicit CallersGroup(const TextBenchOptions& options)
      : options_(options), sentences_(Sentences()), encoder_(Load(options, "en")) {}

  std::map<std::string, double> Round() override {
    return {{"encode.callers/16", Run(kCallers)}, {"encode.callers/1", Run(1)}};
  }

 private:
  double Run(size_t callers) {
    text::Batcher batcher(*encoder_, clock_, {});
    batcher.Start();
    std::atomic<size_t> answered = 0;
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    const absl::Duration begin = clock_.Steady();
    for (size_t caller = 0; caller < callers; ++caller) {
      threads.emplace_back([&, caller] {
        for (size_t i = caller; !over; ++i) {
          AskAndWait(batcher, sentences_[i % sentences_.size()]);
          ++answered;
          if (clock_.Steady() - begin > absl::Seconds(options_.seconds)) over = true;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(answered) / absl::ToDoubleSeconds(clock_.Steady() - begin);
  }

  void AskAndWait(text::Batcher& batcher, const std::string& sentence) {
    std::mutex mu;
    std::condition_variable changed;
    bool done = false;
    const absl::Status taken =
        batcher.Encode(sentence, clock_.Now() + absl::Seconds(60), [&](const auto& vector) {
          FD_CHECK(vector.ok(), "{}", vector.status());
          const std::lock_guard lock(mu);
          done = true;
          changed.notify_one();
        });
    FD_CHECK(taken.ok(), "{}", taken);
    std::unique_lock lock(mu);
    changed.wait(lock, [&] { return done; });
  }

  const TextBenchOptions options_;
  const std::vector<std::string> sentences_;
  const std::unique_ptr<text::OpenVinoEncoder> encoder_;
  SystemClock clock_;
};

// What the library and then each model add to the process, once a full batch is encoded. One round a
// process tells the truth: what is freed is not always given back.
class MemoryGroup final : public TextGroup {
 public:
  explicit MemoryGroup(const TextBenchOptions& options) : options_(options) {}

  std::map<std::string, double> Round() override {
    std::map<std::string, double> figures;
    // The smaller model once, thrown away: what stays is the library.
    figures["memory.openvino"] = Grown([&] { Use("zh"); });
    std::unique_ptr<text::OpenVinoEncoder> english;
    std::unique_ptr<text::OpenVinoEncoder> chinese;
    figures["memory.encoder.en"] = Grown([&] { english = Use("en"); });
    figures["memory.encoder.zh"] = Grown([&] { chinese = Use("zh"); });
    return figures;
  }

 private:
  template <class Work>
  static double Grown(const Work& work) {
    malloc_trim(0);
    const double before = ResidentMb();
    work();
    malloc_trim(0);
    return ResidentMb() - before;
  }

  std::unique_ptr<text::OpenVinoEncoder> Use(const std::string& language) const {
    std::unique_ptr<text::OpenVinoEncoder> encoder = Load(options_, language);
    const std::vector<std::string> sentences = Sentences();
    const std::vector<std::string_view> texts(sentences.begin(), sentences.end());
    FD_CHECK(encoder->Encode(texts).ok(), "encode");
    return encoder;
  }

  const TextBenchOptions options_;
};

template <class Group>
MakeTextGroup Maker() {
  return [](const TextBenchOptions& options) -> std::unique_ptr<TextGroup> {
    return std::make_unique<Group>(options);
  };
}

}  // namespace

std::map<std::string, MakeTextGroup> EncoderGroups() {
  return {{"encode", Maker<CallGroup>()},
          {"callers", Maker<CallersGroup>()},
          {"encoder-memory", Maker<MemoryGroup>()}};
}

}  // namespace frontdesk::bench
