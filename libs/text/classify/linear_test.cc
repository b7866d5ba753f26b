#include "libs/text/classify/linear.h"

#include <linear.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "libs/base/random.h"
#include "libs/text/classify/threshold.h"

namespace frontdesk::text {
namespace {

constexpr uint32_t kSparse = 40;
constexpr uint32_t kDense = 20;

struct Problem {
  Rows rows{kSparse, {kDense}};
  std::vector<int> classes;
  std::vector<uint32_t> all;
};

Problem MakeProblem(int count, int classes) {
  Problem made;
  SeededRandom random(5);
  const auto number = [&random] { return static_cast<float>(random.Uniform(2001)) / 1000 - 1; };
  for (int i = 0; i < count; ++i) {
    const int label = i % classes;
    SparseRow row;
    for (uint32_t k = 0; k < kSparse; k += 1 + static_cast<uint32_t>(random.Uniform(5))) {
      row.index.push_back(k);
      row.value.push_back(
          number() +
          (k % static_cast<uint32_t>(classes) == static_cast<uint32_t>(label) ? 0.5f : 0.0f));
    }
    std::vector<float> dense(kDense);
    for (float& value : dense) value = number();
    dense[static_cast<size_t>(label)] += 0.7f;
    made.rows.Add(row, 0, dense);
    made.classes.push_back(label);
    made.all.push_back(static_cast<uint32_t>(i));
  }
  return made;
}

// What the solvers minimise.
double Objective(const Problem& p, const std::vector<float>& weights, int label, double c) {
  double sum = 0;
  for (float w : weights) sum += 0.5 * static_cast<double>(w) * static_cast<double>(w);
  for (uint32_t row : p.all) {
    const double sign = p.classes[row] == label ? 1 : -1;
    const double short_of = 1 - sign * static_cast<double>(Score(p.rows, row, weights));
    if (short_of > 0) sum += c * short_of * short_of;
  }
  return sum;
}

std::vector<float> ByLiblinear(const Problem& p, int label, double c) {
  std::vector<std::vector<feature_node>> nodes;
  std::vector<feature_node*> starts;
  std::vector<double> answers;
  for (uint32_t row : p.all) {
    std::vector<feature_node>& out = nodes.emplace_back();
    for (size_t i = 0; i < p.rows.index(row).size(); ++i) {
      out.push_back(
          {static_cast<int>(p.rows.index(row)[i]) + 1, static_cast<double>(p.rows.value(row)[i])});
    }
    for (uint32_t k = 0; k < kDense; ++k) {
      out.push_back({static_cast<int>(kSparse + k) + 1, static_cast<double>(p.rows.dense(row)[k])});
    }
    out.push_back({kSparse + kDense + 1, 1.0});
    out.push_back({-1, 0.0});
    answers.push_back(p.classes[row] == label ? 1 : -1);
  }
  for (auto& row : nodes) starts.push_back(row.data());
  const problem given = {static_cast<int>(p.all.size()), kSparse + kDense + 1, answers.data(),
                         starts.data(), 1.0};
  parameter how = {};
  how.solver_type = L2R_L2LOSS_SVC;
  how.eps = 1e-6;
  how.C = c;
  set_print_string_function([](const char*) {});
  model* fitted = train(&given, &how);
  const double sign = fitted->label[0] == 1 ? 1 : -1;
  std::vector<float> weights;
  for (uint32_t k = 0; k <= kSparse + kDense; ++k) {
    weights.push_back(static_cast<float>(sign * fitted->w[k]));
  }
  free_and_destroy_model(&fitted);
  return weights;
}

TEST_CASE("the solver reaches what LIBLINEAR reaches") {
  const int classes = GENERATE(2, 3, 19);
  const double c = GENERATE(0.25, 1.0, 3.0);
  const Problem p = MakeProblem(400, classes);
  SolveOptions options;
  options.c = c;
  options.epsilon = 0.001;
  options.epochs_max = 1000;
  const int count = std::min(classes == 2 ? 1 : classes, 16);
  const auto weights = Solve(p.rows, p.all, p.classes, 0, count, options);
  REQUIRE(weights.size() == static_cast<size_t>(count));
  for (int label = 0; label < count; ++label) {
    const double best = Objective(p, ByLiblinear(p, label, c), label, c);
    const double ours = Objective(p, weights[static_cast<size_t>(label)], label, c);
    INFO(classes << " classes, label " << label << ", c " << c);
    CHECK(ours <= best * 1.01 + 1e-6);
  }
}

TEST_CASE("a class's weights do not depend on the classes learnt beside it") {
  const Problem p = MakeProblem(200, 5);
  SolveOptions options;
  options.epochs_max = 7;
  options.epsilon = 0;
  const auto five = Solve(p.rows, p.all, p.classes, 0, 5, options);
  const auto two = Solve(p.rows, p.all, p.classes, 2, 2, options);
  CHECK(five[2] == two[0]);
  CHECK(five[3] == two[1]);
}

TEST_CASE("a descent that begins where another ended goes on from there") {
  const int classes = GENERATE(2, 3);  // one lane, and many
  const Problem p = MakeProblem(300, classes);
  const int count = classes == 2 ? 1 : classes;
  SolveOptions options;
  options.epsilon = 0.001;
  options.epochs_max = 1000;
  std::vector<float> pull;
  const auto whole = Solve(p.rows, p.all, p.classes, 0, count, options, &pull);
  REQUIRE(pull.size() == p.all.size() * LanesOf(count));
  options.epochs_max = 1;
  const auto after = Solve(p.rows, p.all, p.classes, 0, count, options, &pull);
  const auto cold = Solve(p.rows, p.all, p.classes, 0, count, options);
  for (int label = 0; label < count; ++label) {
    const double best = Objective(p, whole[static_cast<size_t>(label)], label, 1.0);
    CHECK(Objective(p, after[static_cast<size_t>(label)], label, 1.0) <= best * 1.001);
    CHECK(Objective(p, cold[static_cast<size_t>(label)], label, 1.0) > best * 1.001);
  }
}

TEST_CASE("scores of a descent are those of its weights") {
  const int classes = GENERATE(2, 3);
  const Problem p = MakeProblem(200, classes);
  const int count = classes == 2 ? 1 : classes;
  SolveOptions options;
  options.scale = {0.7f, 1.5f};
  const std::vector<uint32_t> asked = {5, 0, 199};
  const auto weights = Solve(p.rows, p.all, p.classes, 0, count, options);
  const auto scores = SolveAndScore(p.rows, p.all, p.classes, 0, count, options, asked);
  REQUIRE(scores.size() == asked.size() * LanesOf(count));
  for (size_t i = 0; i < asked.size(); ++i) {
    for (size_t k = 0; k < weights.size(); ++k) {
      CHECK(scores[i * LanesOf(count) + k] ==
            Approx(Score(p.rows, asked[i], weights[k])).margin(1e-4));
    }
  }
}

TEST_CASE("a part scaled to nothing gets no weight") {
  const Problem p = MakeProblem(100, 3);
  SolveOptions options;
  options.scale = {1.0f, 0.0f};
  const auto weights = Solve(p.rows, p.all, p.classes, 0, 3, options);
  for (uint32_t k = kSparse; k < kSparse + kDense; ++k) CHECK(weights[0][k] == 0.0f);
}

TEST_CASE("the threshold loses no more right answers than it may") {
  std::vector<HeldOut> texts;
  for (int i = 0; i < 1000; ++i) texts.push_back({i / 1000.0, false, i % 10 != 0});
  for (int i = 0; i < 100; ++i) texts.push_back({i / 400.0, true, false});
  const double threshold = ChooseThreshold(texts, 0.05);
  size_t lost = 0;
  for (const HeldOut& text : texts) lost += text.right && text.in_scope < threshold ? 1 : 0;
  CHECK(lost == 50);
  CHECK(ChooseThreshold({}, 0.05) == 0.0);
  const std::vector<CurvePoint> curve = MakeCurve(texts);
  REQUIRE(curve.size() > 10);
  CHECK(curve.front().threshold == 0.0);
  CHECK(curve.front().coverage == 1.0);
  for (size_t i = 1; i < curve.size(); ++i) {
    CHECK(curve[i].threshold > curve[i - 1].threshold);
    CHECK(curve[i].coverage <= curve[i - 1].coverage);
    CHECK(curve[i].outside_recall >= curve[i - 1].outside_recall);
  }
}

}  // namespace
}  // namespace frontdesk::text
