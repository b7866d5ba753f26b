#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace frontdesk::bench {

// The rows of bench-text. A row is a name and what one round of it gives: mostly calls or texts a
// second, the better the greater; of classifiers and near-duplicates times, the better the less; or MB. Rows that are compared stand in one group, so that one
// round runs them one after the other.
struct TextBenchOptions {
  std::string models_dir = ".cache/models";
  int rounds = 5;
  double seconds = 1;  // of one row in one round
};

class TextGroup {
 public:
  virtual ~TextGroup() = default;
  // Row -> figure, of one round.
  virtual std::map<std::string, double> Round() = 0;
};

// Makes what a group needs, which is not measured; aborts with a message when it can't.
using MakeTextGroup = std::function<std::unique_ptr<TextGroup>(const TextBenchOptions&)>;

// The groups of each file, by the name that is given on the command line.
std::map<std::string, MakeTextGroup> EncoderGroups();
std::map<std::string, MakeTextGroup> EntityGroups();
std::map<std::string, MakeTextGroup> ClassifyGroups();

// How often a second `work` runs, which counts for `weight` each time; for `seconds`, at least once.
template <class Work>
double RateOf(double seconds, double weight, const Work& work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  double done = 0;
  double elapsed = 0;
  do {
    work();
    done += weight;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (elapsed < seconds);
  return done / elapsed;
}

// Of this process, in MB.
double ResidentMb();

}  // namespace frontdesk::bench
