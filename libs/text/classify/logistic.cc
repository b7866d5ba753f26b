#include "libs/text/classify/logistic.h"

#include <linear.h>

#include <cmath>
#include <mutex>

#include "libs/text/classify/errors.h"

namespace frontdesk::text {
namespace {

void PrintNothing(const char*) {}

// LIBLINEAR's way of talking is one pointer for the whole process.
void SilenceOnce() {
  static std::once_flag once;
  std::call_once(once, [] { set_print_string_function(&PrintNothing); });
}

struct Column {
  double mean = 0;
  double deviation = 1;
};

std::vector<Column> Measure(absl::Span<const float> rows, size_t width) {
  const double count = static_cast<double>(rows.size() / width);
  std::vector<Column> columns(width);
  for (size_t k = 0; k < width; ++k) {
    double sum = 0;
    double squares = 0;
    for (size_t i = k; i < rows.size(); i += width) sum += static_cast<double>(rows[i]);
    const double mean = sum / count;
    for (size_t i = k; i < rows.size(); i += width) {
      squares += (static_cast<double>(rows[i]) - mean) * (static_cast<double>(rows[i]) - mean);
    }
    const double deviation = std::sqrt(squares / count);
    columns[k] = {mean, deviation > 1e-9 ? deviation : 0.0};  // a constant column says nothing
  }
  return columns;
}

// A problem in LIBLINEAR's form, which points into itself.
class Problem {
 public:
  Problem(absl::Span<const float> rows, const std::vector<Column>& columns,
          absl::Span<const uint8_t> yes) {
    const size_t width = columns.size();
    nodes_.reserve(yes.size() * (width + 2));
    for (size_t i = 0; i < yes.size(); ++i) {
      starts_.push_back(nodes_.size());
      for (size_t k = 0; k < width; ++k) {
        if (columns[k].deviation == 0.0) continue;
        const double value = static_cast<double>(rows[i * width + k]) - columns[k].mean;
        nodes_.push_back({static_cast<int>(k) + 1, value / columns[k].deviation});
      }
      nodes_.push_back({static_cast<int>(width) + 1, 1.0});
      nodes_.push_back({-1, 0.0});
      answers_.push_back(yes[i] != 0 ? 1.0 : 0.0);
    }
    for (size_t start : starts_) rows_.push_back(nodes_.data() + start);
    problem_ = {static_cast<int>(yes.size()), static_cast<int>(width) + 1, answers_.data(),
                rows_.data(), 1.0};
  }
  const problem* get() const { return &problem_; }

 private:
  std::vector<feature_node> nodes_;
  std::vector<size_t> starts_;
  std::vector<feature_node*> rows_;
  std::vector<double> answers_;
  problem problem_;
};

}  // namespace

double Logistic::Probability(absl::Span<const float> row) const {
  double sum = static_cast<double>(constant);
  for (size_t k = 0; k < weights.size(); ++k) {
    sum += static_cast<double>(weights[k]) * static_cast<double>(row[k]);
  }
  return 1.0 / (1.0 + std::exp(-sum));
}

absl::StatusOr<Logistic> FitLogistic(absl::Span<const float> rows, size_t width,
                                     absl::Span<const uint8_t> yes, double c) {
  SilenceOnce();
  double positive = 0;
  for (uint8_t one : yes) positive += one != 0 ? 1.0 : 0.0;
  const double negative = static_cast<double>(yes.size()) - positive;
  if (positive == 0 || negative == 0) return TooFewClassesError(1);
  const std::vector<Column> columns = Measure(rows, width);
  const Problem made(rows, columns, yes);
  int labels[2] = {1, 0};
  double weights[2] = {0.5 * (positive + negative) / positive,
                       0.5 * (positive + negative) / negative};
  parameter how = {};
  how.solver_type = L2R_LR;
  how.eps = 1e-3;
  how.C = c;
  how.nr_weight = 2;
  how.weight_label = labels;
  how.weight = weights;
  if (const char* wrong = check_parameter(made.get(), &how)) return LinearLibraryError(wrong);
  model* fitted = train(made.get(), &how);
  // LIBLINEAR's weights are of the label it saw first.
  const double sign = fitted->label[0] == 1 ? 1.0 : -1.0;
  Logistic out;
  double constant = sign * fitted->w[width];
  for (size_t k = 0; k < width; ++k) {
    const double weight =
        columns[k].deviation > 0 ? sign * fitted->w[k] / columns[k].deviation : 0.0;
    out.weights.push_back(static_cast<float>(weight));
    constant -= weight * columns[k].mean;
  }
  out.constant = static_cast<float>(constant);
  free_and_destroy_model(&fitted);
  return out;
}

}  // namespace frontdesk::text
