// Search over made-up articles in both languages: words alone beside bare Xapian over the same
// database, words and meaning, the encoder before them, answers, building, opening, memory.
//   bench-search --articles=12000 --directory=DIR [--seconds=2] [--models=.cache/models]
// One line of JSON: row -> {rate, p50_ms, p99_ms} or a figure. The articles are the same in every run.
// Their vectors are drawn at random: what a scan costs does not depend on them, and encoding them would
// take half an hour. The encoder itself is measured on queries and on the articles of encoded.build.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include <fmt/format.h>
#include <xapian.h>
#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/text/encoder/encoders.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/index_article.h"
#include "services/knowledge/int8_vectors.h"
#include "services/knowledge/xapian_index.h"

namespace frontdesk::bench {
namespace {

namespace kb = ::frontdesk::knowledge;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr const char* kTenant = "bench";
constexpr int kBatch = 500;
constexpr int kEncodedArticles = 60;

struct Options {
  int articles = 12'000;
  std::string directory;
  std::string models = ".cache/models";
  double seconds = 2;
};

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Of this thread alone: what a busy machine distorts least.
double ThreadSeconds() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double ResidentMb() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096 / 1e6;
}

// Words as rare as in real text: the n-th is asked for and written 1/n as often.
class Words {
 public:
  Words(int count, bool han) {
    std::mt19937 random(han ? 2 : 1);
    for (int i = 0; i < count; ++i) {
      std::string word;
      if (han) {
        for (int c = 0; c < 2; ++c) Append(word, 0x4E00 + random() % 3000);
      } else {
        constexpr std::string_view kOnsets = "bcdfghjklmnprstvw", kVowels = "aeiou";
        for (uint32_t c = 0; c < 2 + random() % 2; ++c) {
          word += kOnsets[random() % kOnsets.size()];
          word += kVowels[random() % kVowels.size()];
        }
        word += kOnsets[random() % kOnsets.size()];
      }
      words_.push_back(std::move(word));
      weights_.push_back(1.0 / (i + 3));
    }
    pick_ = std::discrete_distribution<size_t>(weights_.begin(), weights_.end());
    han_ = han;
  }
  std::string Sentence(int words, std::mt19937_64& random) {
    std::string text;
    for (int i = 0; i < words; ++i) {
      if (i > 0 && !han_) text += ' ';
      text += words_[pick_(random)];
    }
    return text + (han_ ? "。" : ". ");
  }

 private:
  static void Append(std::string& text, uint32_t c) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
  std::vector<std::string> words_;
  std::vector<double> weights_;
  std::discrete_distribution<size_t> pick_;
  bool han_ = false;
};

// Articles and questions, the same for the same number.
class Texts {
 public:
  kb::v1::ArticleVersion Article(int number) {
    std::mt19937_64 random(static_cast<uint64_t>(number) * 7919 + 1);
    const bool han = number % 2 == 1;
    Words& words = han ? chinese_ : english_;
    kb::v1::ArticleVersion version;
    version.set_name(fmt::format("tenants/{}/articles/a{}/versions/1", kTenant, number));
    version.set_locale(han ? "zh" : "en");
    auto& content = *version.mutable_content();
    content.set_title(words.Sentence(4, random));
    for (int i = 0; i < 2; ++i) content.add_questions(words.Sentence(6, random));
    std::string body;
    for (int i = 0; i < 6; ++i) body += words.Sentence(12, random);
    content.set_body(body);
    content.add_tags(fmt::format("tag{}", number % 20));
    return version;
  }
  std::string Question(uint64_t number) {
    std::mt19937_64 random(number * 104'729 + 3);
    return (number % 2 == 1 ? chinese_ : english_).Sentence(6, random);
  }

 private:
  Words english_{20'000, false};
  Words chinese_{20'000, true};
};

struct Encoder {
  std::string fingerprint;
  int dimensions;
};

void AddRandomVectors(const Encoder& encoder, int number, kb::IndexEntry& entry) {
  std::mt19937_64 random(static_cast<uint64_t>(number));
  kb::IndexedArticle& article = entry.article;
  article.set_encoder(encoder.fingerprint);
  article.set_dimensions(encoder.dimensions);
  const size_t units = 3 + entry.passages.size();
  for (size_t i = 0; i < units; ++i) {
    auto& unit = *article.add_units();
    unit.set_kind(i == 0 ? 0 : i < 3 ? 1 : 2);
    unit.set_ordinal(i < 3 ? static_cast<int>(i) - 1 : entry.passages[i - 3].start_byte());
    unit.set_text_hash(random());
  }
  std::string& bytes = *article.mutable_vectors();
  bytes.resize(units * static_cast<size_t>(encoder.dimensions));
  for (char& byte : bytes) byte = static_cast<char>(static_cast<int8_t>(random() % 17) - 8);
}

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {
    text::EncodersOptions loading;
    loading.models_dir = options_.models;
    loading.cache_bytes = 0;
    auto loaded = text::Encoders::Load(loading);
    FD_CHECK(loaded.ok(), "{}", loaded.status());
    encoders_ = *std::move(loaded);
  }

  ordered_json Run() {
    const std::string name = Size();
    std::filesystem::create_directories(options_.directory);
    const std::string path = options_.directory + "/index-" + name;
    std::filesystem::remove_all(path);
    Open(path);
    rows_["build.words_and_ready_vectors/" + name] = Build();
    index_.reset();
    const double before = ResidentMb();
    const Clock::time_point opening = Clock::now();
    Open(path);
    rows_["restart_s/" + name] = SecondsSince(opening);
    rows_["memory_mb_per_100k/" + name] = (ResidentMb() - before) * 100'000 / options_.articles;
    Visible(name);
    MeasureBare(path, name);
    MeasureSearch(name);
    if (options_.articles <= 50'000) MeasureEncodedBuild();
    return rows_;
  }

 private:
  std::string Size() const { return fmt::format("{}k", options_.articles / 1000); }

  void Open(const std::string& path) {
    auto opened = kb::OpenXapianIndex(path);
    FD_CHECK(opened.ok(), "{}", opened.status());
    index_ = *std::move(opened);
  }

  Encoder EncoderOf(const std::string& locale) {
    const text::EncoderInfo& info = encoders_->For(locale).info();
    return {info.fingerprint, info.dimensions};
  }

  void Put(int number) {
    kb::IndexEntry entry = kb::MakeIndexEntry(fmt::format("a{}", number), texts_.Article(number));
    AddRandomVectors(EncoderOf(entry.article.locale()), number, entry);
    const absl::Status put = index_->Put(kTenant, entry.article, entry.passages);
    FD_CHECK(put.ok(), "{}", put);
  }
  void Commit() {
    const absl::Status committed = index_->Commit({});
    FD_CHECK(committed.ok(), "{}", committed);
  }

  double Build() {
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < options_.articles; ++i) {
      Put(i);
      if (i % kBatch == kBatch - 1) Commit();
    }
    Commit();
    return options_.articles / SecondsSince(begin);
  }

  // From the published text to the search that finds it, encoding included.
  void Visible(const std::string& name) {
    std::vector<double> times;
    for (int i = 0; i < 20; ++i) {
      kb::v1::ArticleVersion version = texts_.Article(2 * i);
      version.mutable_content()->set_title(fmt::format("unheardof{} title", i));
      const Clock::time_point begin = Clock::now();
      kb::IndexEntry entry = kb::MakeIndexEntry(fmt::format("v{}", i), version);
      FD_CHECK(kb::AddVectors(encoders_->For("en"), {}, entry).ok(), "vectors");
      FD_CHECK(index_->Put(kTenant, entry.article, entry.passages).ok(), "put");
      Commit();
      auto found = index_->Search(
          {.tenant = kTenant, .locale = "en", .terms = {fmt::format("unheardof{}", i)}});
      FD_CHECK(found.ok() && found->hits.size() == 1, "not visible");
      times.push_back(SecondsSince(begin) * 1e3);
    }
    std::sort(times.begin(), times.end());
    rows_["visible/" + name] = {{"p50_ms", times[10]}, {"p99_ms", times.back()}};
  }

  // What some calls took.
  class Times {
   public:
    // Calls `work` once and notes its time.
    template <class Work>
    void Time(const Work& work) {
      const Clock::time_point begin = Clock::now();
      const double cpu = ThreadSeconds();
      work();
      cpu_.push_back((ThreadSeconds() - cpu) * 1e3);
      elapsed_.push_back(SecondsSince(begin) * 1e3);
    }
    ordered_json Row() {
      const double all = std::accumulate(elapsed_.begin(), elapsed_.end(), 0.0);
      std::sort(elapsed_.begin(), elapsed_.end());
      std::sort(cpu_.begin(), cpu_.end());
      const size_t count = elapsed_.size(), last = count * 99 / 100;
      return {{"rate", static_cast<double>(count) * 1e3 / all},
              {"p50_ms", elapsed_[count / 2]},
              {"p99_ms", elapsed_[last]},
              {"cpu_p50_ms", cpu_[count / 2]},
              {"cpu_p99_ms", cpu_[last]}};
    }
    size_t count() const { return elapsed_.size(); }

   private:
    std::vector<double> elapsed_, cpu_;
  };

  // Calls `work(number)` for a while, each number once.
  template <class Work>
  void Measure(const std::string& row, const Work& work) {
    for (uint64_t i = 0; i < 50; ++i) work(1'000'000 + i);
    Times times;
    const Clock::time_point begin = Clock::now();
    do {
      times.Time([&] { work(times.count()); });
    } while (SecondsSince(begin) < options_.seconds);
    rows_[row] = times.Row();
  }

  // Two kinds of calls in turn, so that what slows the machine for a while slows both.
  template <class Bare, class Work>
  void MeasureBeside(const std::string& bare_row, const Bare& bare, const std::string& row,
                     const Work& work) {
    for (uint64_t i = 0; i < 50; ++i) work(1'000'000 + i);
    Times of_bare, times;
    const Clock::time_point begin = Clock::now();
    do {
      // Who comes second finds other caches, so they take turns in that, too.
      const uint64_t n = 2 * times.count();
      if (times.count() % 4 < 2) of_bare.Time([&] { bare(n); });
      times.Time([&] { work(n + 1); });
      if (of_bare.count() < times.count()) of_bare.Time([&] { bare(n); });
    } while (SecondsSince(begin) < 2 * options_.seconds);
    rows_[bare_row] = of_bare.Row();
    rows_[row] = times.Row();
  }

  // The same terms, ten documents with their data, nothing else.
  void MeasureBare(const std::string& path, const std::string& name) {
    Xapian::Database database(path);
    Measure("xapian/" + name, [&](uint64_t number) {
      const std::string question = texts_.Question(number);
      const std::string locale = kb::SearchLocale("", question);
      std::vector<std::string> terms;
      for (const std::string& term : kb::QueryTerms(kb::AnalyzeText(question).words)) {
        terms.push_back(fmt::format("{}/{}:{}", kTenant, locale, term));
      }
      Xapian::Enquire enquire(database);
      enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
      const Xapian::MSet found = enquire.get_mset(0, 10);
      size_t bytes = 0;
      for (auto hit = found.begin(); hit != found.end(); ++hit) {
        bytes += hit.get_document().get_data().size();
      }
      FD_CHECK(bytes > 0, "nothing found");
    });
  }

  kb::QueryVector Encode(const std::string& question) {
    text::Encoder& encoder = encoders_->For(kb::SearchLocale("", question));
    const std::string_view one[] = {question};
    auto values = encoder.Encode(one);
    FD_CHECK(values.ok(), "{}", values.status());
    return {encoder.info().fingerprint, *std::move(values)};
  }

  void Search(const std::string& question, const kb::QueryVector* vector) {
    kb::v1::SearchArticlesRequest request;
    request.set_query(question);
    const auto found = kb::SearchIn(*index_, {.tenant = kTenant, .vector = vector}, request);
    FD_CHECK(found.ok() && found->results_size() > 0, "nothing found");
  }

  void Answer(const std::string& question, const kb::QueryVector* vector) {
    kb::v1::AnswerQuestionRequest request;
    request.set_question(question);
    const auto answer =
        kb::AnswerFrom(*index_, {.tenant = kTenant, .vector = vector}, request, 6000);
    FD_CHECK(answer.ok(), "{}", answer.status());
  }

  void MeasureSearch(const std::string& name) {
    const auto question = [&](uint64_t number) { return texts_.Question(number); };
    Measure("search.words/" + name, [&](uint64_t n) { Search(question(n), nullptr); });
    const kb::QueryVector vectors[] = {Encode(question(0)), Encode(question(1))};
    Measure("search.both/" + name, [&](uint64_t n) { Search(question(n), &vectors[n % 2]); });
    // Both of a pair ask the same.
    const auto asked = [&](uint64_t n) { return question(n / 2); };
    MeasureBeside(
        "encode/1", [&](uint64_t n) { Encode(asked(n)); }, "search.encoded/" + name,
        [&](uint64_t n) {
          const kb::QueryVector vector = Encode(asked(n));
          Search(asked(n), &vector);
        });
    Measure("answer.words/" + name, [&](uint64_t n) { Answer(question(n), nullptr); });
    Measure("answer.encoded/" + name, [&](uint64_t n) {
      const kb::QueryVector vector = Encode(question(n));
      Answer(question(n), &vector);
    });
  }

  // Real vectors: made anew, then taken over.
  void MeasureEncodedBuild() {
    std::vector<kb::IndexedArticle> known(kEncodedArticles);
    for (const bool again : {false, true}) {
      const Clock::time_point begin = Clock::now();
      for (int i = 0; i < kEncodedArticles; ++i) {
        kb::IndexEntry entry = kb::MakeIndexEntry(fmt::format("e{}", i), texts_.Article(i));
        const auto made = kb::AddVectors(encoders_->For(entry.article.locale()), known[i], entry);
        FD_CHECK(made.ok() && (*made == 0) == again, "vectors");
        known[i] = entry.article;
        FD_CHECK(index_->Put(kTenant, entry.article, entry.passages).ok(), "put");
      }
      Commit();
      rows_[again ? "build.vectors_taken_over" : "build.vectors_made"] =
          kEncodedArticles / SecondsSince(begin);
    }
  }

  const Options options_;
  Texts texts_;
  std::shared_ptr<text::Encoders> encoders_;
  std::unique_ptr<kb::SearchIndex> index_;
  ordered_json rows_;
};

}  // namespace
}  // namespace frontdesk::bench

int main(int argc, char** argv) {
  frontdesk::bench::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--articles=")) options.articles = std::atoi(word.c_str() + 11);
    if (word.starts_with("--directory=")) options.directory = word.substr(12);
    if (word.starts_with("--models=")) options.models = word.substr(9);
    if (word.starts_with("--seconds=")) options.seconds = std::atof(word.c_str() + 10);
  }
  FD_CHECK(!options.directory.empty() && options.articles >= 1000,
           "usage: bench-search --directory=DIR --articles=N [--seconds=S]");
  fmt::print("{}\n", frontdesk::bench::Bench(options).Run().dump());
  return 0;
}
