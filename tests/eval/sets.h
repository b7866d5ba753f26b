#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/similar/pair_model.h"

namespace frontdesk::eval {

// How a set is measured.
enum class Plan {
  kFolds,    // five folds of `train`
  kSplit,    // learnt from `train`, asked about `test`
  kOutside,  // as kSplit, and `outside` must be refused
  kPairs,    // learnt from `train_pairs`, asked about `test_pairs`; folds where there are none
  kSmoke,    // `plain`: real text through everything
  kAnswers,  // `articles` asked `questions`
  kNearest,  // `articles` are sentences alone: which are nearest in meaning
};

// An article of a knowledge base.
struct FaqArticle {
  std::string id;
  std::string locale = "en";
  std::string title;
  std::vector<std::string> questions = {};
  std::string body;
};

struct FaqQuestion {
  std::string text;
  std::string article;  // that answers it; empty = none does
};

// A public set as the measuring needs it.
struct SetData {
  Plan plan = Plan::kFolds;
  text::Dataset train;
  text::Dataset validation;  // what thresholds may be chosen by; empty = folds of `train`
  text::Dataset test;
  std::vector<std::string> outside;  // texts that belong to no label, for the test
  std::vector<text::Pair> train_pairs;
  std::vector<text::Pair> test_pairs;
  std::vector<std::string> plain;
  std::vector<FaqArticle> articles;
  std::vector<FaqQuestion> questions;
  size_t refused = 0;  // rows of its files that could not be read

  // Every text that will want a vector, in no order, some of them twice.
  std::vector<std::string_view> Texts() const;
};

// What is asked of one number of one set; shares between 0 and 1. Zero = there is none.
struct Mark {
  std::string_view metric;
  double floor = 0;      // what we mean to reach at least
  double first_try = 0;  // a first try in Python with the same encoders and one linear SVM
  double published = 0;
  std::string_view published_by;
};

struct EvalSet {
  std::string_view name;
  std::string_view about;
  std::vector<Mark> marks;
  // NOT_FOUND when the folder lacks the set.
  absl::StatusOr<SetData> (*load)(const std::string& folder);
};

// Sets of articles and questions, in faq_sets.cc.
absl::StatusOr<SetData> LoadStackFaq(const std::string& folder);
absl::StatusOr<SetData> LoadBankFaqs(const std::string& folder);
absl::StatusOr<SetData> LoadDemo(const std::string& folder);

// The distinct sentences of all the other sets that are there, in measure_nearest.cc.
absl::StatusOr<SetData> LoadNearest(const std::string& folder);

const std::vector<EvalSet>& AllSets();
// Null for an unknown name; smp_ecdt is smp2017.
const EvalSet* FindSet(std::string_view name);

}  // namespace frontdesk::eval
