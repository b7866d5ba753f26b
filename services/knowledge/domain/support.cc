#include "services/knowledge/domain/support.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/knowledge/domain/statement.h"

namespace frontdesk::knowledge {
namespace {

// English words of one family: "activate", "activation".
constexpr size_t kFamilyPrefix = 4;
// A Chinese character that stands in the evidence without its neighbours.
constexpr double kLooseCharacter = 0.6;
// From which coverage on a clause with an opposite word is about the same thing.
constexpr double kAboutTheSame = 0.4;

// A sentence of a passage, with what is said along with it.
struct Evidence {
  int passage = 0;
  Part part;
  Statement said;
  std::vector<Statement> clauses;
  // Words of its title and heading that no sentence of the passage says for itself: there the word
  // tells the sentences apart.
  std::set<std::string> context;
  Statement above;  // title and heading, for words that promise
};

bool HasFamily(const std::set<std::string>& tokens, const std::string& stem) {
  if (stem.size() < kFamilyPrefix) return false;
  const auto from = tokens.lower_bound(stem.substr(0, kFamilyPrefix));
  for (auto it = from; it != tokens.end() && it->starts_with(stem.substr(0, kFamilyPrefix)); ++it) {
    if (it->starts_with(stem) || stem.starts_with(*it)) return true;
  }
  return false;
}

double HitOf(const ContentWord& word, const std::set<std::string>& tokens) {
  if (!word.han) return tokens.contains(word.text) || HasFamily(tokens, word.text) ? 1 : 0;
  if (!tokens.contains(word.text)) return 0;
  const bool alone = word.pair.empty() && word.before.empty();
  return alone || tokens.contains(word.pair) || tokens.contains(word.before) ? 1 : kLooseCharacter;
}

double CoverageOf(const Statement& said, const std::set<std::string>& tokens,
                  const std::set<std::string>* context) {
  double total = 0;
  double held = 0;
  for (const ContentWord& word : said.words) {
    double hit = HitOf(word, tokens);
    if (hit < 1 && context != nullptr) hit = std::max(hit, HitOf(word, *context));
    total += word.weight;
    held += word.weight * hit;
  }
  return total > 0 ? held / total : 1;
}

bool SameQuantity(const Quantity& said, const Quantity& there) {
  return said.value == there.value && (said.unit.empty() || said.unit == there.unit) &&
         (said.bound == Bound::kNone || said.bound == there.bound);
}

bool HoldsQuantities(const Statement& said, const Statement& evidence) {
  return std::all_of(said.quantities.begin(), said.quantities.end(), [&](const Quantity& one) {
    return std::any_of(evidence.quantities.begin(), evidence.quantities.end(),
                       [&](const Quantity& there) { return SameQuantity(one, there); });
  });
}

// The clauses of a sentence; one that says hardly anything goes with its neighbour.
std::vector<Statement> ClausesOf(std::string_view sentence) {
  std::vector<Part> parts;
  for (const Part part : ClauseParts(sentence)) {
    const Statement said =
        ParseStatement(sentence.substr(part.begin, part.end - part.begin), parts.empty());
    if (!parts.empty() && said.weight() < 1 && said.quantities.empty()) {
      parts.back().end = part.end;
    } else {
      parts.push_back(part);
    }
  }
  if (parts.size() > 1) {
    const Statement first =
        ParseStatement(sentence.substr(parts[0].begin, parts[0].end - parts[0].begin));
    if (first.weight() < 1) {
      parts[1].begin = parts[0].begin;
      parts.erase(parts.begin());
    }
  }
  std::vector<Statement> clauses;
  for (const Part part : parts) {
    clauses.push_back(
        ParseStatement(sentence.substr(part.begin, part.end - part.begin), part.begin == 0));
  }
  return clauses;
}

std::vector<Evidence> EvidenceOf(const std::vector<SupportPassage>& passages) {
  std::vector<Evidence> all;
  for (size_t i = 0; i < passages.size(); ++i) {
    const SupportPassage& passage = passages[i];
    const size_t first = all.size();
    std::string above(passage.title);
    for (const Part part : SentenceParts(passage.text)) {
      const std::string_view text = passage.text.substr(part.begin, part.end - part.begin);
      if (IsHeading(passage.text, part)) {
        above = std::string(passage.title) + "\n" + std::string(text);
        continue;
      }
      Evidence& evidence = all.emplace_back();
      evidence.passage = static_cast<int>(i);
      evidence.part = part;
      evidence.said = ParseStatement(text);
      evidence.clauses = ClausesOf(text);
      evidence.above = ParseStatement(above, false);
    }
    for (size_t at = first; at < all.size(); ++at) {
      for (const std::string& token : all[at].above.tokens) {
        const bool said =
            std::any_of(all.begin() + static_cast<std::ptrdiff_t>(first), all.end(),
                        [&](const Evidence& other) { return other.said.tokens.contains(token); });
        if (!said) all[at].context.insert(token);
      }
    }
  }
  return all;
}

// A clause of the generated sentence with the evidence that holds most of it.
struct Judged {
  Unsupported unsupported = Unsupported::kWords;
  double coverage = 0;
  const Evidence* evidence = nullptr;
};

// Of the clause of the evidence that is most like it: does it deny the same?
bool SameNegation(const Statement& said, const Evidence& evidence) {
  double best = -1;
  bool agrees = said.negated == evidence.said.negated;
  for (const Statement& clause : evidence.clauses) {
    const double coverage = CoverageOf(said, clause.tokens, nullptr);
    if (coverage <= best) continue;
    best = coverage;
    agrees = said.negated == clause.negated;
  }
  // A denial may stand in another clause than the words: "not, unless …".
  return agrees || (evidence.clauses.size() > 1 && best < kMinClauseCoverage &&
                    said.negated == evidence.said.negated);
}

Judged JudgeClause(const Statement& clause, const std::vector<Evidence>& all) {
  Judged best;
  bool facts_somewhere = clause.quantities.empty();
  const bool has_facts = !clause.quantities.empty();
  for (const Evidence& evidence : all) {
    if (!HoldsQuantities(clause, evidence.said)) continue;
    facts_somewhere = true;
    const std::set<std::string>* context = has_facts ? &evidence.context : &evidence.above.tokens;
    Judged judged;
    judged.coverage = CoverageOf(clause, evidence.said.tokens, context);
    judged.evidence = &evidence;
    const double enough = has_facts ? kMinFactCoverage : kMinClauseCoverage;
    const bool other_side = SaysOtherSide(clause, evidence.said);
    if (judged.coverage < (other_side ? kAboutTheSame : enough)) {
      judged.unsupported = has_facts ? Unsupported::kFact : Unsupported::kWords;
    } else if (other_side || !SameNegation(clause, evidence)) {
      judged.unsupported = Unsupported::kNegation;
    } else {
      judged.unsupported = Unsupported::kNot;
    }
    // Of those that say as much, one that says the same counts: a passage may tell of both sides.
    const bool as_much = judged.coverage > best.coverage - 1e-9;
    if (best.evidence == nullptr || judged.coverage > best.coverage + 1e-9 ||
        (as_much && judged.unsupported == Unsupported::kNot &&
         best.unsupported != Unsupported::kNot)) {
      best = judged;
    }
  }
  if (!facts_somewhere) best.unsupported = Unsupported::kFact;
  return best;
}

bool Promises(const Evidence& evidence, const std::string& strong) {
  return evidence.said.strong.contains(strong) || evidence.above.strong.contains(strong);
}

// Words that promise and that no passage holds at all.
bool InventsPromise(const Statement& whole, const std::vector<Evidence>& all) {
  return std::any_of(whole.strong.begin(), whole.strong.end(), [&](const std::string& strong) {
    return std::none_of(all.begin(), all.end(),
                        [&](const Evidence& evidence) { return Promises(evidence, strong); });
  });
}

// Names and addresses that no passage holds.
bool InventsName(const Statement& whole, const std::vector<Evidence>& all) {
  return std::any_of(whole.names.begin(), whole.names.end(), [&](const std::string& name) {
    return std::none_of(all.begin(), all.end(), [&](const Evidence& evidence) {
      return evidence.said.raw_tokens.contains(name) || evidence.above.raw_tokens.contains(name);
    });
  });
}

// A promise must stand in the very evidence.
bool PromisesMore(const Statement& whole, const std::vector<const Evidence*>& used) {
  return std::any_of(whole.strong.begin(), whole.strong.end(), [&](const std::string& strong) {
    return std::none_of(used.begin(), used.end(),
                        [&](const Evidence* evidence) { return Promises(*evidence, strong); });
  });
}

// What is wrong with the sentence besides its clauses; the plainest reason first.
Unsupported JudgeWhole(const Statement& whole, const std::vector<Evidence>& all,
                       const std::vector<const Evidence*>& used, Unsupported clauses,
                       double coverage, double min_coverage) {
  if (clauses == Unsupported::kNegation) return clauses;
  if (InventsName(whole, all)) return Unsupported::kFact;
  if (coverage >= kAboutTheSame && InventsPromise(whole, all)) return Unsupported::kPromise;
  if (clauses != Unsupported::kNot) return clauses;
  if (PromisesMore(whole, used)) return Unsupported::kPromise;
  return used.empty() || coverage < min_coverage ? Unsupported::kWords : Unsupported::kNot;
}

}  // namespace

class SupportFinder::Impl {
 public:
  explicit Impl(const std::vector<SupportPassage>& passages) : all(EvidenceOf(passages)) {}

  const std::vector<Evidence> all;
};

SupportFinder::SupportFinder(const std::vector<SupportPassage>& passages)
    : impl_(std::make_unique<const Impl>(passages)) {}
SupportFinder::~SupportFinder() = default;

Support SupportFinder::Find(std::string_view sentence, double min_coverage) const {
  const std::vector<Evidence>& all = impl_->all;
  Support support;
  // Without the number or mark of a list.
  const std::vector<Part> parts = SentenceParts(sentence);
  sentence.remove_prefix(parts.empty() ? sentence.size() : parts.front().begin);
  const Statement whole = ParseStatement(sentence);
  if (whole.words.empty() && whole.quantities.empty() && whole.names.empty()) {
    support.unsupported = Unsupported::kSilent;
    return support;
  }
  std::vector<const Evidence*> used;
  double weight = 0;
  double heaviest = -1;
  const Evidence* main = nullptr;
  Unsupported failure = Unsupported::kNot;
  for (const Statement& clause : ClausesOf(sentence)) {
    if (clause.words.empty() && clause.quantities.empty()) continue;
    const Judged judged = JudgeClause(clause, all);
    const double share = std::max(clause.weight(), 0.1);
    weight += share;
    support.coverage += share * judged.coverage;
    if (failure == Unsupported::kNot) failure = judged.unsupported;
    if (judged.evidence == nullptr) continue;
    used.push_back(judged.evidence);
    if (share <= heaviest) continue;
    heaviest = share;
    main = judged.evidence;
  }
  support.coverage = weight > 0 ? support.coverage / weight : 1;
  if (main != nullptr) {
    support.passage = main->passage;
    support.begin = main->part.begin;
    support.end = main->part.end;
    for (const Evidence* evidence : used) {
      if (evidence->passage != main->passage) continue;
      support.begin = std::min(support.begin, evidence->part.begin);
      support.end = std::max(support.end, evidence->part.end);
    }
  }
  support.unsupported = JudgeWhole(whole, all, used, failure, support.coverage, min_coverage);
  return support;
}

}  // namespace frontdesk::knowledge
