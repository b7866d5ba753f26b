#include "tests/eval/sets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/text/tables/labelled.h"

namespace frontdesk::eval {
namespace {

using text::LabelledColumns;
using text::PairColumns;
using text::TableFormat;

constexpr size_t kFileBytesMax = size_t{256} << 20;

absl::StatusOr<text::Dataset> Labelled(const std::string& path, const LabelledColumns& columns,
                                       size_t& refused) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kFileBytesMax));
  FD_ASSIGN_OR_RETURN(text::LabelledTable table, text::ParseLabelled(bytes, columns));
  refused += table.refused.count;
  return std::move(table.data);
}

absl::StatusOr<std::vector<text::Pair>> Pairs(const std::string& path, const PairColumns& columns,
                                              size_t& refused) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kFileBytesMax));
  FD_ASSIGN_OR_RETURN(text::PairTable table, text::ParsePairs(bytes, columns));
  refused += table.refused.count;
  return std::move(table.pairs);
}

absl::StatusOr<SetData> LoadFolds(const std::string& path, const LabelledColumns& columns) {
  SetData set;
  set.plan = Plan::kFolds;
  FD_ASSIGN_OR_RETURN(set.train, Labelled(path, columns, set.refused));
  return set;
}

absl::StatusOr<SetData> LoadSplit(const std::string& train, const std::string& test,
                                  const LabelledColumns& columns) {
  SetData set;
  set.plan = Plan::kSplit;
  FD_ASSIGN_OR_RETURN(set.train, Labelled(train, columns, set.refused));
  FD_ASSIGN_OR_RETURN(set.test, Labelled(test, columns, set.refused));
  return set;
}

absl::StatusOr<SetData> LoadBanking77(const std::string& folder) {
  return LoadFolds(folder + "/banking77/train.csv",
                   {.format = TableFormat::kCsv, .text = "text", .label = "category"});
}

void AddPart(const nlohmann::json& file, const char* part, std::vector<text::Example>& out) {
  for (const auto& row : file.value(part, nlohmann::json::array())) {
    if (row.is_array() && row.size() == 2 && row[0].is_string() && row[1].is_string()) {
      out.push_back({row[0].get<std::string>(), row[1].get<std::string>()});
    }
  }
}

// The validation part is given to the tool as a user would: it learns no labels from it.
absl::StatusOr<SetData> LoadClinc150(const std::string& folder) {
  FD_ASSIGN_OR_RETURN(const std::string bytes,
                      text::ReadBytes(folder + "/clinc150/data_full.json", kFileBytesMax));
  const auto file = nlohmann::json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return absl::InvalidArgumentError("clinc150/data_full.json is no object");
  SetData set;
  set.plan = Plan::kOutside;
  set.train.out_of_scope_label = "oos";
  for (const char* part : {"train", "oos_train"}) AddPart(file, part, set.train.examples);
  set.validation.out_of_scope_label = "oos";
  for (const char* part : {"val", "oos_val"}) AddPart(file, part, set.validation.examples);
  AddPart(file, "test", set.test.examples);
  std::vector<text::Example> outside;
  AddPart(file, "oos_test", outside);
  for (text::Example& example : outside) set.outside.push_back(std::move(example.text));
  return set;
}

absl::StatusOr<SetData> LoadHint3(const std::string& folder) {
  const std::string version = folder + "/hint3/dataset/v1";
  FD_ASSIGN_OR_RETURN(
      SetData set,
      LoadSplit(version + "/train/curekart_train.csv", version + "/test/curekart_test.csv",
                {.format = TableFormat::kCsv, .text = "sentence", .label = "label"}));
  set.plan = Plan::kOutside;
  const std::string outside = "NO_NODES_DETECTED";
  set.train.out_of_scope_label = outside;
  std::vector<text::Example> inside;
  for (text::Example& example : set.test.examples) {
    if (example.label == outside) {
      set.outside.push_back(std::move(example.text));
    } else {
      inside.push_back(std::move(example));
    }
  }
  set.test.examples = std::move(inside);
  return set;
}

absl::StatusOr<SetData> LoadSmp2017(const std::string& folder) {
  return LoadSplit(folder + "/smp_ecdt/smp2017_train.tsv", folder + "/smp_ecdt/smp2017_dev.tsv",
                   {.format = TableFormat::kTsv, .text = "text", .label = "label"});
}

absl::StatusOr<SetData> LoadAfqmc(const std::string& folder) {
  const PairColumns columns{
      .format = TableFormat::kTsv, .header = false, .a = "1", .b = "2", .same = "3"};
  SetData set;
  set.plan = Plan::kPairs;
  FD_ASSIGN_OR_RETURN(set.train_pairs,
                      Pairs(folder + "/zh_pairs/afqmc_train.tsv", columns, set.refused));
  FD_ASSIGN_OR_RETURN(set.test_pairs,
                      Pairs(folder + "/zh_pairs/afqmc_dev.tsv", columns, set.refused));
  return set;
}

absl::StatusOr<SetData> LoadAtec(const std::string& folder) {
  SetData set;
  set.plan = Plan::kPairs;
  FD_ASSIGN_OR_RETURN(
      set.train_pairs,
      Pairs(folder + "/zh_pairs/atec_train_part1.tsv",
            {.format = TableFormat::kTsv, .header = false, .a = "2", .b = "3", .same = "4"},
            set.refused));
  return set;
}

const LabelledColumns kTextA{.format = TableFormat::kTsv, .text = "text_a", .label = "label"};

absl::StatusOr<SetData> LoadChnSentiCorp(const std::string& folder) {
  const std::string base = folder + "/zh_sentiment/chnsenticorp_";
  return LoadSplit(base + "train.tsv", base + "dev.tsv", kTextA);
}

absl::StatusOr<SetData> LoadWaimai(const std::string& folder) {
  return LoadFolds(folder + "/zh_sentiment/waimai_10k.csv",
                   {.format = TableFormat::kCsv, .text = "review", .label = "label"});
}

absl::StatusOr<SetData> LoadEwect(const std::string& folder) {
  const std::string base = folder + "/zh_sentiment/smp2020_ewect_usual_";
  return LoadSplit(base + "train.tsv", base + "dev.tsv", kTextA);
}

// Several labels on one text are no task for a classifier that gives one: those are left out.
void KeepSingleLabels(const std::vector<std::string>& names, text::Dataset& data) {
  std::vector<text::Example> kept;
  for (text::Example& example : data.examples) {
    size_t id = 0;
    if (!absl::SimpleAtoi(example.label, &id) || id >= names.size()) continue;
    example.label = names[id];
    kept.push_back(std::move(example));
  }
  data.examples = std::move(kept);
}

absl::StatusOr<SetData> LoadGoEmotions(const std::string& folder) {
  const std::string base = folder + "/goemotions/";
  const LabelledColumns columns{
      .format = TableFormat::kTsv, .header = false, .text = "1", .label = "2"};
  FD_ASSIGN_OR_RETURN(SetData set, LoadSplit(base + "train.tsv", base + "dev.tsv", columns));
  FD_ASSIGN_OR_RETURN(const std::string labels,
                      text::ReadBytes(base + "labels.txt", kFileBytesMax));
  const std::vector<std::string> names =
      absl::StrSplit(labels, absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  KeepSingleLabels(names, set.train);
  KeepSingleLabels(names, set.test);
  return set;
}

absl::StatusOr<SetData> LoadSmsSpam(const std::string& folder) {
  return LoadFolds(folder + "/sms_spam/sms.tsv",
                   {.format = TableFormat::kTsv, .header = false, .text = "2", .label = "1"});
}

absl::StatusOr<SetData> LoadJddc(const std::string& folder) {
  FD_ASSIGN_OR_RETURN(const std::string bytes,
                      text::ReadBytes(folder + "/jddc/jddc2019_chat_0.1per.txt", kFileBytesMax));
  FD_ASSIGN_OR_RETURN(
      text::LabelledTable table,
      text::ParseLabelled(
          bytes, {.format = TableFormat::kTsv, .header = false, .text = "7", .label = "3"}));
  SetData set;
  set.plan = Plan::kSmoke;
  set.refused = table.refused.count;
  set.train = std::move(table.data);  // who speaks: customer or agent
  for (const text::Example& example : set.train.examples) set.plain.push_back(example.text);
  return set;
}

}  // namespace

std::vector<std::string_view> SetData::Texts() const {
  std::vector<std::string_view> texts;
  for (const text::Dataset* data : {&train, &validation, &test}) {
    for (const text::Example& example : data->examples) texts.push_back(example.text);
  }
  for (const std::string& one : outside) texts.push_back(one);
  for (const auto* pairs : {&train_pairs, &test_pairs}) {
    for (const text::Pair& pair : *pairs) {
      texts.push_back(pair.a);
      texts.push_back(pair.b);
    }
  }
  return texts;
}

const std::vector<EvalSet>& AllSets() {
  static const auto* sets = new std::vector<EvalSet>{
      {"banking77",
       "train file, five folds, 77 intents",
       {{"accuracy", 0.935, 0.941, 0.9366, "BERT, tuned; on the test file"}},
       LoadBanking77},
      {"clinc150",
       "train to test, 150 intents and out-of-scope",
       {{"accuracy", 0.96, 0.965, 0.969, "BERT"},
        {"still_right", 0.95, 0.950, 0, ""},
        {"outside_recall", 0.65, 0.715, 0.403, "BERT"}},
       LoadClinc150},
      {"hint3",
       "curekart v1, 28 intents, real traffic",
       {{"accuracy", 0.86, 0.865, 0.841, "Rasa, at threshold 0.1"},
        {"outside_recall_at_10", 0.50, 0.527, 0, ""}},
       LoadHint3},
      {"smp2017", "train to dev, 31 domains", {{"accuracy", 0.935, 0.938, 0, ""}}, LoadSmp2017},
      {"afqmc",
       "train to dev, pairs of questions",
       {{"auc_untrained", 0.70, 0.705, 0, ""}, {"auc", 0.72, 0.721, 0, ""}},
       LoadAfqmc},
      {"atec",
       "part 1, five folds, pairs of questions",
       {{"auc_untrained", 0.70, 0, 0, ""}, {"auc", 0.72, 0, 0, ""}},
       LoadAtec},
      {"chnsenticorp",
       "train to dev, reviews, 2 polarities",
       {{"accuracy", 0.925, 0.901, 0.947, "BERT"}},
       LoadChnSentiCorp},
      {"waimai",
       "five folds, reviews, 2 polarities",
       {{"accuracy", 0.90, 0.906, 0.8318, "bge-small-zh-v1.5 alone"}},
       LoadWaimai},
      {"ewect",
       "usual, train to dev, 6 emotions",
       {{"macro_f1", 0, 0, 0.7053, "TF-IDF and linear SVM; on the test file"}},
       LoadEwect},
      {"goemotions",
       "train to dev, texts with one label, 28 emotions",
       {{"macro_f1", 0, 0, 0.46, "BERT; all texts of the test file"}},
       LoadGoEmotions},
      {"sms_spam",
       "five folds, spam and ham",
       {{"accuracy", 0, 0, 0.9919, "TF-IDF and linear SVM"},
        {"macro_f1", 0, 0, 0.9819, "TF-IDF and linear SVM"}},
       LoadSmsSpam},
      {"stackfaq",
       "125 threads, people's other wordings of their questions",
       {{"p_at_1", 0.93, 0.94, 0, ""}, {"mrr", 0.96, 0, 0, ""}},
       LoadStackFaq},
      {"bank_faqs", "articles with several questions, half of them held out", {}, LoadBankFaqs},
      {"demo", "the demo tenant's articles, our own questions in both languages", {}, LoadDemo},
      {"jddc", "real chats of a shop's service, smoke test", {}, LoadJddc},
      {"nearest",
       "sentences of all the sets, the nearest of each in two steps, beside FAISS",
       {{"zh_as_exact", 0.99, 1.0, 0, ""},
        {"zh_few_as_exact", 0.99, 0, 0, ""},
        {"en_as_exact", 0.99, 0.999, 0, ""},
        {"en_few_as_exact", 0.99, 0, 0, ""}},
       LoadNearest},
  };
  return *sets;
}

const EvalSet* FindSet(std::string_view name) {
  if (name == "smp_ecdt") name = "smp2017";
  const auto& sets = AllSets();
  const auto it = std::ranges::find(sets, name, &EvalSet::name);
  return it == sets.end() ? nullptr : &*it;
}

}  // namespace frontdesk::eval
