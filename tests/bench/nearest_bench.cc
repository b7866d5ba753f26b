// Looking for the nearest articles in meaning: knowledge::ArticleTable beside FAISS, over the same
// vectors, one an article, drawn at random.
//   bench-nearest [--rounds=5] [--seconds=1]
// One line of JSON a round: row -> {rate, p50_ms, p99_ms} or a figure. Of drawn vectors FAISS's lists
// are all of one size, which is kind to it; how well each finds is measured on real ones (tools/eval).
#include <faiss/IndexFlat.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "services/knowledge/article_table.h"
#include "services/knowledge/int8_vectors.h"
#include "tests/eval/ivf_baseline.h"

namespace frontdesk::bench {
namespace {

namespace kb = ::frontdesk::knowledge;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr size_t kDimensions = 512;
constexpr size_t kLimit = 12;
constexpr size_t kQueries = 200;
constexpr size_t kExactArticles = 12'000;
constexpr size_t kManyArticles = 200'000;

std::vector<float> Draw(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vectors(count * kDimensions);
  for (size_t i = 0; i < count; ++i) {
    float* const vector = vectors.data() + i * kDimensions;
    float length = 0;
    for (size_t d = 0; d < kDimensions; ++d) {
      vector[d] = normal(random);
      length += vector[d] * vector[d];
    }
    for (size_t d = 0; d < kDimensions; ++d) vector[d] /= std::sqrt(length);
  }
  return vectors;
}

void Fill(std::span<const float> vectors, kb::ArticleTable& table) {
  for (size_t i = 0; i * kDimensions < vectors.size(); ++i) {
    auto article = std::make_unique<kb::IndexedArticle>();
    article->set_article(fmt::format("a{}", i));
    article->set_locale("en");
    article->set_encoder("drawn");
    article->set_dimensions(kDimensions);
    article->add_units();
    article->set_vectors(kb::Quantize(vectors.subspan(i * kDimensions, kDimensions)));
    const kb::ArticleTable::Change change{"bench", article->article(), std::move(article)};
    table.Apply(std::span(&change, 1));
  }
}

// Both sides over the vectors of one size.
class Bench {
 public:
  explicit Bench(double seconds)
      : seconds_(seconds),
        queries_(Draw(kQueries, 7)),
        few_vectors_(Draw(kExactArticles, 1)),
        many_vectors_(Draw(kManyArticles, 2)),
        flat_(kDimensions) {
    ::omp_set_num_threads(1);
    Fill(few_vectors_, few_);
    Fill(many_vectors_, many_);
    flat_.add(kExactArticles, few_vectors_.data());
    auto made = eval::IvfBaseline::Make(many_vectors_, kDimensions);
    FD_CHECK(made.ok(), "{}", made.status());
    ivf_ = *std::move(made);
    std::vector<float>().swap(many_vectors_);
  }

  ordered_json Round() {
    ordered_json rows;
    rows["nearest/12k"] = Measure([&](size_t q) { Look(few_, q); });
    rows["faiss.flat/12k"] = Measure([&](size_t q) {
      float distances[kLimit];
      int64_t found[kLimit];
      flat_.search(1, Query(q).data(), kLimit, distances, found);
      FD_CHECK(found[0] >= 0, "nothing found");
    });
    rows["nearest/200k"] = Measure([&](size_t q) { Look(many_, q); });
    for (const size_t probes : {32, 128}) {
      rows[fmt::format("faiss.ivf{}/200k", probes)] = Measure([&](size_t q) {
        const auto found = ivf_->Nearest(Query(q), kLimit, probes);
        FD_CHECK(found.ok() && !found->empty(), "nothing found");
      });
    }
    rows["nearest.faiss_train_s/200k"] = ivf_->train_seconds();
    return rows;
  }

 private:
  std::span<const float> Query(size_t number) const {
    return std::span(queries_).subspan(number % kQueries * kDimensions, kDimensions);
  }

  void Look(const kb::ArticleTable& table, size_t number) const {
    const auto values = Query(number);
    const kb::QueryVector vector{"drawn", {values.begin(), values.end()}};
    FD_CHECK(table.Nearest("bench", "en", vector, {}, kLimit).size() == kLimit, "too few found");
  }

  template <class Work>
  ordered_json Measure(const Work& work) const {
    for (size_t i = 0; i < 10; ++i) work(i);
    std::vector<double> times;
    const Clock::time_point begin = Clock::now();
    double spent = 0;
    while (spent < seconds_) {
      const Clock::time_point one = Clock::now();
      work(times.size());
      const Clock::time_point end = Clock::now();
      times.push_back(std::chrono::duration<double, std::milli>(end - one).count());
      spent = std::chrono::duration<double>(end - begin).count();
    }
    std::sort(times.begin(), times.end());
    return {{"rate", static_cast<double>(times.size()) / spent},
            {"p50_ms", times[times.size() / 2]},
            {"p99_ms", times[times.size() * 99 / 100]}};
  }

  const double seconds_;
  const std::vector<float> queries_;
  std::vector<float> few_vectors_;
  std::vector<float> many_vectors_;
  kb::ArticleTable few_;
  kb::ArticleTable many_;
  faiss::IndexFlatIP flat_;
  std::unique_ptr<eval::IvfBaseline> ivf_;
};

}  // namespace
}  // namespace frontdesk::bench

int main(int argc, char** argv) {
  int rounds = 5;
  double seconds = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--rounds=")) rounds = std::atoi(word.c_str() + 9);
    if (word.starts_with("--seconds=")) seconds = std::atof(word.c_str() + 10);
  }
  frontdesk::bench::Bench bench(seconds);
  for (int i = 0; i < rounds; ++i) {
    fmt::print("{}\n", bench.Round().dump());
    std::fflush(stdout);
  }
  return 0;
}
