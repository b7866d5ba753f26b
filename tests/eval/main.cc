// Measures libs/text on public sets: tools/eval builds and runs this. Progress on stderr, the table
// on stdout, and JSON where --json says.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/tables/table.h"
#include "tests/eval/measure.h"
#include "tests/eval/vector_store.h"

namespace frontdesk::eval {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string folder;
  std::string json;
  std::string models = std::string(text::kModelsDirectory);
  std::string cache = ".cache/eval";
  std::string details;
  std::vector<std::string> sets;
};

class Progress {
 public:
  Progress(std::string set, size_t number, size_t all)
      : set_(std::move(set)), number_(number), all_(all) {}

  void Show(std::string_view stage, double done) {
    const absl::Time now = SystemClock().Now();
    if (stage != stage_) {
      stage_ = stage;
      started_ = now;
      shown_ = absl::InfinitePast();
    }
    if (now - shown_ < absl::Seconds(::isatty(STDERR_FILENO) == 1 ? 1 : 30)) return;
    shown_ = now;
    const double spent = absl::ToDoubleSeconds(now - started_);
    fmt::print(stderr, "[{}/{}] {}: {} {:.0f} %{}\n", number_, all_, set_, stage, done * 100,
               done > 0.02 ? fmt::format(", {:.0f} s left", spent * (1 - done) / done) : "");
  }

 private:
  const std::string set_;
  const size_t number_;
  const size_t all_;
  std::string stage_;
  absl::Time started_;
  absl::Time shown_ = absl::InfinitePast();
};

// The two encoders behind the store; one that is lexical is not worth storing.
struct Stores {
  std::shared_ptr<text::Encoders> encoders;
  std::unique_ptr<StoredEncoder> english;
  std::unique_ptr<StoredEncoder> chinese;
};

absl::StatusOr<Stores> OpenStores(const Arguments& arguments) {
  Stores out;
  text::EncodersOptions options;
  options.models_dir = arguments.models;
  options.cache_bytes = 0;  // the store is the cache
  options.notice = [](std::string_view, std::string_view notice) {
    fmt::print(stderr, "eval: {}\n", notice);
  };
  FD_ASSIGN_OR_RETURN(out.encoders, text::Encoders::Load(options));
  FD_ASSIGN_OR_RETURN(out.english, StoredEncoder::Open(arguments.cache, out.encoders->For("en")));
  FD_ASSIGN_OR_RETURN(out.chinese, StoredEncoder::Open(arguments.cache, out.encoders->For("zh")));
  return out;
}

// Percent; empty where it does not apply.
std::string Share(double value) { return value == 0 ? "" : fmt::format("{:.2f}", 100 * value); }

void PrintRow(const Row& row) {
  const double floor = row.mark == nullptr ? 0 : row.mark->floor;
  const double first = row.mark == nullptr ? 0 : row.mark->first_try;
  const double published = row.mark == nullptr ? 0 : row.mark->published;
  fmt::print("| {:<12} | {:<20} | {:>7} | {:>7} | {:>7} | {:>6} | {:>9} | {:>9} | {:<4} |\n",
             row.set, row.metric, Share(row.sparse), Share(row.dense),
             row.count ? fmt::format("{:.0f}", row.value) : fmt::format("{:.2f}", 100 * row.value),
             Share(floor), Share(first), Share(published),
             floor > 0 ? (row.value >= floor ? "yes" : "NO") : "");
}

ordered_json JsonOf(const Row& row) {
  ordered_json out = {{"set", row.set}, {"metric", row.metric}, {"value", row.value}};
  const auto add = [&out](const char* name, double value) {
    if (value > 0) out[name] = value;
  };
  out["baseline"] = nullptr;
  if (row.mark != nullptr) {
    // What is published, or else what a first try reached.
    const bool published = row.mark->published > 0;
    if (published || row.mark->first_try > 0) {
      out["baseline"] = published ? row.mark->published : row.mark->first_try;
      out["baseline_by"] = published ? row.mark->published_by : "a first try in Python";
    }
    add("floor", row.mark->floor);
    add("first_try", row.mark->first_try);
  }
  add("sparse", row.sparse);
  add("dense", row.dense);
  return out;
}

absl::StatusOr<std::vector<Row>> MeasureSet(const EvalSet& set, const SetData& data,
                                            const Stores& stores, const std::string& details,
                                            size_t number, size_t all) {
  Progress progress(std::string(set.name), number, all);
  Tools tools;
  tools.english = stores.english.get();
  tools.chinese = stores.chinese.get();
  tools.details = details;
  tools.threads = static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  tools.progress = [&progress](std::string_view stage, double done) { progress.Show(stage, done); };
  return Measure(set, data, tools);
}

// Written after every set, so that a run that is stopped leaves what it has.
absl::Status WriteJson(const Arguments& arguments, const ordered_json& rows, double seconds) {
  if (arguments.json.empty()) return absl::OkStatus();
  const ordered_json all = {{"rows", rows}, {"seconds", seconds}};
  return text::WriteWhole(arguments.json, all.dump(2) + "\n");
}

int Run(const Arguments& arguments) {
  const auto stores = OpenStores(arguments);
  if (!stores.ok()) {
    fmt::print(stderr, "eval: {}\n", stores.status());
    return 1;
  }
  fmt::print("| {:<12} | {:<20} | {:>7} | {:>7} | {:>7} | {:>6} | {:>9} | {:>9} | {:<4} |\n", "set",
             "metric", "sparse", "dense", "both", "floor", "first try", "published", "met");
  fmt::print("|{:-<14}|{:-<22}|{:->9}|{:->9}|{:->9}|{:->8}|{:->11}|{:->11}|{:-<6}|\n", "", "", ":",
             ":", ":", ":", ":", ":", "");
  int result = 0;
  ordered_json json = ordered_json::array();
  const absl::Time begun = SystemClock().Now();
  for (size_t i = 0; i < arguments.sets.size(); ++i) {
    const absl::Time started = SystemClock().Now();
    const EvalSet& set = *FindSet(arguments.sets[i]);
    const auto data = set.load(arguments.folder);
    const auto rows =
        data.ok() ? MeasureSet(set, *data, *stores, arguments.details, i + 1, arguments.sets.size())
                  : absl::StatusOr<std::vector<Row>>(data.status());
    if (!rows.ok()) {
      fmt::print(stderr, "eval: {} is left out: {}\n", set.name, rows.status());
      result = 1;
      continue;
    }
    for (const Row& row : *rows) {
      PrintRow(row);
      json.push_back(JsonOf(row));
    }
    std::fflush(stdout);
    const absl::Time now = SystemClock().Now();
    fmt::print(stderr, "eval: {}: {:.0f} s, {} rows refused\n", set.name,
               absl::ToDoubleSeconds(now - started), data->refused);
    const absl::Status written = WriteJson(arguments, json, absl::ToDoubleSeconds(now - begun));
    if (!written.ok()) {
      fmt::print(stderr, "eval: {}\n", written);
      return 1;
    }
  }
  fmt::print(stderr, "eval: {:.0f} s in all, {} vectors made anew\n",
             absl::ToDoubleSeconds(SystemClock().Now() - begun),
             (*stores).english->encoded() + (*stores).chinese->encoded());
  return result;
}

int Main(const std::vector<std::string>& words) {
  Arguments arguments;
  for (const std::string& word : words) {
    if (word.starts_with("--json=")) {
      arguments.json = word.substr(7);
    } else if (word.starts_with("--models=")) {
      arguments.models = word.substr(9);
    } else if (word.starts_with("--details=")) {
      arguments.details = word.substr(10);
    } else if (word.starts_with("--cache=")) {
      arguments.cache = word.substr(8);
    } else if (word.starts_with("--")) {
      fmt::print(stderr, "eval: {} is no flag\n", word);
      return 2;
    } else if (arguments.folder.empty()) {
      arguments.folder = word;
    } else if (FindSet(word) == nullptr) {
      fmt::print(stderr, "eval: there is no set {}; there are", word);
      for (const EvalSet& set : AllSets()) fmt::print(stderr, " {}", set.name);
      fmt::print(stderr, "\n");
      return 2;
    } else {
      arguments.sets.push_back(word);
    }
  }
  if (arguments.folder.empty()) {
    fmt::print(stderr,
               "usage: frontdesk-eval DATA_DIR [SET…] [--json=FILE] [--models=DIR] "
               "[--cache=DIR] [--details=FILE]\n");
    return 2;
  }
  if (arguments.sets.empty()) {
    for (const EvalSet& set : AllSets()) arguments.sets.emplace_back(set.name);
  }
  return Run(arguments);
}

}  // namespace
}  // namespace frontdesk::eval

int main(int argc, char** argv) {
  return frontdesk::eval::Main(std::vector<std::string>(argv + 1, argv + argc));
}
