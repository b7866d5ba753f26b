#include "services/knowledge/domain/proposal_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/text_checks.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMinBodyCharacters = 200;
constexpr int kMaxBodyCharacters = 65'536;
constexpr int kMaxSteps = 20;
constexpr size_t kMaxFindingTextBytes = 200;
// How far before a promise its denial may stand.
constexpr size_t kDenialBytes = 24;

struct DefaultPhrase {
  std::string_view phrase;
  v1::ProposalRule rule;
  v1::FindingSeverity severity;
  std::vector<std::string_view> exceptions = {};
};

const std::vector<DefaultPhrase>& DefaultPhrases() {
  constexpr auto kPromise = v1::PROPOSAL_RULE_PROMISE;
  constexpr auto kForbidden = v1::PROPOSAL_RULE_FORBIDDEN_PHRASE;
  constexpr auto kError = v1::FINDING_SEVERITY_ERROR;
  constexpr auto kWarning = v1::FINDING_SEVERITY_WARNING;
  static const auto* const kPhrases = new std::vector<DefaultPhrase>{
      {"guarantee", kPromise, kError},
      {"guaranteed", kPromise, kError},
      {"we promise", kPromise, kError},
      {"i promise", kPromise, kError},
      {"compensation", kPromise, kError},
      {"compensate", kPromise, kError},
      {"free of charge for life", kPromise, kError},
      {"always", kPromise, kWarning, {"always-on", "not always", "as always"}},
      {"100%", kPromise, kWarning, {"100% cotton", "100% charged", "to 100%", "at 100%"}},
      {"our fault", kForbidden, kError},
      {"we are liable", kForbidden, kError},
      {"legally responsible", kForbidden, kError},
      {"internal only", kForbidden, kError},
      {"do not tell the customer", kForbidden, kError},
      {"don't tell the customer", kForbidden, kError},
      {"保证", kPromise, kError, {"保证金", "请保证", "以保证"}},
      {"承诺", kPromise, kError},
      {"一定", kPromise, kWarning, {"一定要", "一定程度", "一定的", "不一定"}},
      {"绝对", kPromise, kWarning, {"绝对路径", "绝对值"}},
      {"肯定能", kPromise, kWarning},
      {"百分之百", kPromise, kWarning},
      {"百分百", kPromise, kWarning},
      {"赔偿", kPromise, kError},
      {"赔付", kPromise, kError},
      {"终身免费", kPromise, kError},
      {"永远不会", kPromise, kWarning},
      {"我们的过错", kForbidden, kError},
      {"我们的责任", kForbidden, kError},
      {"承担法律责任", kForbidden, kError},
      {"内部使用", kForbidden, kError},
      {"仅限内部", kForbidden, kError},
      {"不要告诉客户", kForbidden, kError},
  };
  return *kPhrases;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '_';
}

// English phrases stand between borders of words; "100%" ends with a mark and needs none there.
bool IsWhole(std::string_view lower, size_t begin, size_t end) {
  const bool joined_before = begin > 0 && IsWordByte(lower[begin - 1]) && IsWordByte(lower[begin]);
  const bool joined_behind =
      end < lower.size() && IsWordByte(lower[end - 1]) && IsWordByte(lower[end]);
  return !joined_before && !joined_behind;
}

// True when [begin, end) lies within one of the exceptions.
bool IsExcepted(std::string_view lower, size_t begin, size_t end,
                const google::protobuf::RepeatedPtrField<std::string>& exceptions) {
  for (const std::string& exception : exceptions) {
    const std::string longer = Lower(exception);
    const size_t from = begin > longer.size() ? begin - longer.size() : 0;
    for (size_t at = lower.find(longer, from); at != std::string_view::npos && at <= begin;
         at = lower.find(longer, at + 1)) {
      if (at + longer.size() >= end) return true;
    }
  }
  return false;
}

// "We do not guarantee", "不保证": in the same clause, just before.
bool IsDenied(std::string_view lower, size_t begin) {
  std::string_view before = lower.substr(0, begin);
  if (before.size() > kDenialBytes) before.remove_prefix(before.size() - kDenialBytes);
  for (const std::string_view mark :
       {".", ",", ";", "!", "?", "\n", "。", "，", "；", "！", "？"}) {
    const size_t at = before.rfind(mark);
    if (at != std::string_view::npos) before.remove_prefix(at + mark.size());
  }
  for (const std::string_view denial :
       {"not ", "n't ", "cannot ", "never ", "no ", "without ", "不", "无法", "没有", "未", "别"}) {
    if (before.find(denial) != std::string_view::npos) return true;
  }
  return false;
}

struct Field {
  std::string name;
  std::string_view text;
};

std::vector<Field> FieldsOf(const v1::ArticleContent& content) {
  std::vector<Field> fields = {{"title", content.title()}};
  for (int i = 0; i < content.questions_size(); ++i) {
    fields.push_back({fmt::format("questions[{}]", i), content.questions(i)});
  }
  fields.push_back({"body", content.body()});
  return fields;
}

std::string_view WordFor(v1::ProposalRule rule) {
  switch (rule) {
    case v1::PROPOSAL_RULE_MISSING_QUESTION:
      return "missing-question";
    case v1::PROPOSAL_RULE_MISSING_STEPS:
      return "missing-steps";
    case v1::PROPOSAL_RULE_FORBIDDEN_PHRASE:
      return "forbidden";
    case v1::PROPOSAL_RULE_PROMISE:
      return "promise";
    case v1::PROPOSAL_RULE_PERSONAL_DATA:
      return "personal";
    case v1::PROPOSAL_RULE_TOO_LONG:
      return "long";
    default:
      return "duplicate";
  }
}

v1::ProposalFinding Finding(v1::ProposalRule rule, v1::FindingSeverity severity,
                            std::string_view field, std::string_view text, std::string message) {
  v1::ProposalFinding finding;
  finding.set_rule(rule);
  finding.set_severity(severity);
  finding.set_field(std::string(field));
  finding.set_text(std::string(TruncateUtf8(text, kMaxFindingTextBytes)));
  finding.set_message(std::move(message));
  return finding;
}

void SetSpan(v1::ProposalFinding& finding, size_t begin, size_t end) {
  finding.mutable_span()->set_start_byte(static_cast<int32_t>(begin));
  finding.mutable_span()->set_end_byte(static_cast<int32_t>(end));
}

void FindPhrase(const v1::PhraseRule& phrase, const Field& field, const std::string& lower,
                std::vector<v1::ProposalFinding>& found) {
  const bool promise = phrase.rule() == v1::PROPOSAL_RULE_PROMISE;
  const std::string wanted = Lower(phrase.phrase());
  for (size_t at = lower.find(wanted); at != std::string::npos && found.size() < kMaxFindings;
       at = lower.find(wanted, at + wanted.size())) {
    const size_t end = at + wanted.size();
    if (!IsWhole(lower, at, end) || IsExcepted(lower, at, end, phrase.exceptions())) continue;
    if (promise && IsDenied(lower, at)) continue;
    v1::ProposalFinding finding =
        Finding(promise ? v1::PROPOSAL_RULE_PROMISE : v1::PROPOSAL_RULE_FORBIDDEN_PHRASE,
                phrase.severity() == v1::FINDING_SEVERITY_WARNING ? v1::FINDING_SEVERITY_WARNING
                                                                  : v1::FINDING_SEVERITY_ERROR,
                field.name, field.text.substr(at, wanted.size()),
                promise ? "promises what the rules do not allow" : "says what the rules forbid");
    SetSpan(finding, at, end);
    found.push_back(std::move(finding));
  }
}

// Lines that begin with a number and a mark, or with a bullet.
int CountSteps(std::string_view body) {
  int steps = 0;
  for (size_t begin = 0; begin <= body.size();) {
    const size_t end = std::min(body.find('\n', begin), body.size());
    std::string_view line = body.substr(begin, end - begin);
    begin = end + 1;
    while (line.starts_with(' ')) line.remove_prefix(1);
    const size_t digits = line.find_first_not_of("0123456789");
    const bool numbered = digits != std::string_view::npos && digits > 0 && digits <= 3 &&
                          (line[digits] == '.' || line[digits] == ')') &&
                          line.substr(digits + 1).starts_with(' ');
    steps += numbered || line.starts_with("- ") || line.starts_with("* ");
  }
  return steps;
}

void FindGaps(const v1::ArticleContent& content, const v1::ProposalRules& rules,
              std::vector<v1::ProposalFinding>& found) {
  if (IsBlank(content.title()) || content.questions().empty()) {
    found.push_back(Finding(v1::PROPOSAL_RULE_MISSING_QUESTION, v1::FINDING_SEVERITY_ERROR,
                            IsBlank(content.title()) ? "title" : "questions", "",
                            "nobody would find it: it has no title or no question"));
  }
  const int steps = CountSteps(content.body());
  if (steps == 0) {
    found.push_back(Finding(v1::PROPOSAL_RULE_MISSING_STEPS, v1::FINDING_SEVERITY_ERROR, "body", "",
                            "it has no numbered step that says what to do"));
  }
  const int characters = Characters(content.body());
  if (characters > rules.max_body_characters() || steps > kMaxSteps) {
    found.push_back(
        Finding(v1::PROPOSAL_RULE_TOO_LONG, v1::FINDING_SEVERITY_WARNING, "body", "",
                fmt::format("{} characters and {} steps are more than the {} and {} "
                            "that somebody reads",
                            characters, steps, rules.max_body_characters(), kMaxSteps)));
  }
}

absl::Status CheckPhraseRule(const v1::PhraseRule& phrase, std::string_view field) {
  FD_RETURN_IF_ERROR(
      CheckLine(phrase.phrase(), kMaxPhraseCharacters, fmt::format("{}.phrase", field)));
  if (phrase.rule() != v1::PROPOSAL_RULE_UNSPECIFIED &&
      phrase.rule() != v1::PROPOSAL_RULE_FORBIDDEN_PHRASE &&
      phrase.rule() != v1::PROPOSAL_RULE_PROMISE) {
    return InvalidField(fmt::format("{}.rule", field), "must be FORBIDDEN_PHRASE or PROMISE");
  }
  if (!v1::FindingSeverity_IsValid(phrase.severity())) {
    return InvalidField(fmt::format("{}.severity", field), "must be WARNING or ERROR");
  }
  if (phrase.exceptions_size() > kMaxPhraseExceptions) {
    return InvalidField(fmt::format("{}.exceptions", field),
                        fmt::format("must be at most {}", kMaxPhraseExceptions));
  }
  for (int i = 0; i < phrase.exceptions_size(); ++i) {
    const std::string place = fmt::format("{}.exceptions[{}]", field, i);
    FD_RETURN_IF_ERROR(CheckLine(phrase.exceptions(i), kMaxPhraseCharacters, place));
    if (Lower(phrase.exceptions(i)).find(Lower(phrase.phrase())) == std::string::npos) {
      return InvalidField(place, "does not hold the phrase");
    }
  }
  return absl::OkStatus();
}

}  // namespace

v1::ProposalRules DefaultProposalRules() {
  constexpr int kDefaultBodyCharacters = 4000;
  constexpr int kDefaultDuplicateBps = 7500;
  v1::ProposalRules rules;
  for (const DefaultPhrase& phrase : DefaultPhrases()) {
    v1::PhraseRule& rule = *rules.add_phrases();
    rule.set_phrase(std::string(phrase.phrase));
    rule.set_rule(phrase.rule);
    rule.set_severity(phrase.severity);
    for (const std::string_view exception : phrase.exceptions) {
      rule.add_exceptions(std::string(exception));
    }
  }
  rules.set_max_body_characters(kDefaultBodyCharacters);
  rules.set_duplicate_bps(kDefaultDuplicateBps);
  rules.set_automatic(true);
  return rules;
}

absl::Status ValidateProposalRules(const v1::ProposalRules& rules, std::string_view field) {
  if (rules.phrases_size() > kMaxPhraseRules) {
    return InvalidField(fmt::format("{}.phrases", field),
                        fmt::format("must be at most {}", kMaxPhraseRules));
  }
  std::set<std::string> seen;
  for (int i = 0; i < rules.phrases_size(); ++i) {
    const std::string place = fmt::format("{}.phrases[{}]", field, i);
    FD_RETURN_IF_ERROR(CheckPhraseRule(rules.phrases(i), place));
    if (!seen.insert(Lower(rules.phrases(i).phrase())).second) {
      return InvalidField(place + ".phrase", "stands there twice");
    }
  }
  if (rules.max_body_characters() < kMinBodyCharacters ||
      rules.max_body_characters() > kMaxBodyCharacters) {
    return InvalidField(fmt::format("{}.max_body_characters", field),
                        fmt::format("must be {} to {}", kMinBodyCharacters, kMaxBodyCharacters));
  }
  if (rules.duplicate_bps() < 1 || rules.duplicate_bps() > 10'000) {
    return InvalidField(fmt::format("{}.duplicate_bps", field), "must be 1 to 10000");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ProposalRules> MergeProposalRules(const v1::ProposalRules& current,
                                                     const v1::ProposalRules& wanted,
                                                     const google::protobuf::FieldMask& mask) {
  if (mask.paths().empty()) return InvalidField("update_mask", "is required");
  v1::ProposalRules merged = current;
  for (const std::string& path : mask.paths()) {
    const bool all = path == "*";
    if (!all && path != "phrases" && path != "max_body_characters" && path != "duplicate_bps" &&
        path != "automatic") {
      return InvalidField("update_mask", fmt::format("{} can't be changed", path));
    }
    if (all || path == "phrases") *merged.mutable_phrases() = wanted.phrases();
    if (all || path == "max_body_characters") {
      merged.set_max_body_characters(wanted.max_body_characters());
    }
    if (all || path == "duplicate_bps") merged.set_duplicate_bps(wanted.duplicate_bps());
    if (all || path == "automatic") merged.set_automatic(wanted.automatic());
  }
  return merged;
}

std::vector<v1::ProposalFinding> CheckProposal(const v1::ArticleProposal& proposal,
                                               const v1::ProposalRules& rules,
                                               const std::vector<PersonalSpan>& personal) {
  const v1::ArticleContent& content = proposal.content();
  std::vector<v1::ProposalFinding> found;
  FindGaps(content, rules, found);
  for (const v1::SimilarArticle& similar : proposal.similar_articles()) {
    if (similar.similarity_bps() < rules.duplicate_bps()) continue;
    found.push_back(Finding(v1::PROPOSAL_RULE_DUPLICATE, v1::FINDING_SEVERITY_ERROR, "",
                            similar.title(), "an article answers this already"));
    found.back().set_article(similar.article());
  }
  for (const PersonalSpan& span : personal) {
    found.push_back(Finding(v1::PROPOSAL_RULE_PERSONAL_DATA, v1::FINDING_SEVERITY_ERROR, span.field,
                            span.kind, "looks like personal data"));
    SetSpan(found.back(), static_cast<size_t>(span.start_byte), static_cast<size_t>(span.end_byte));
  }
  for (const Field& field : FieldsOf(content)) {
    const std::string lower = Lower(field.text);
    for (const v1::PhraseRule& phrase : rules.phrases()) FindPhrase(phrase, field, lower, found);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.severity() > b.severity(); });
  if (found.size() > kMaxFindings) found.resize(kMaxFindings);
  std::set<std::string> ids;
  for (v1::ProposalFinding& finding : found) {
    // Of the text and not of its place: an edit elsewhere leaves an id as it is.
    for (int nth = 0;; ++nth) {
      const uint64_t hash = Fingerprint64(fmt::format(
          "{}/{}/{}/{}", finding.field(), Lower(finding.text()), finding.article(), nth));
      finding.set_id(fmt::format("{}-{:08x}", WordFor(finding.rule()), hash >> 32));
      if (ids.insert(finding.id()).second) break;
    }
  }
  return found;
}

absl::Status CheckOverrides(const v1::ArticleProposal& proposal, std::string_view into_article,
                            const google::protobuf::RepeatedPtrField<v1::FindingOverride>& given) {
  std::set<std::string> overridden;
  for (int i = 0; i < given.size(); ++i) {
    const std::string place = fmt::format("overrides[{}]", i);
    const auto named = [&](const v1::ProposalFinding& finding) {
      return finding.id() == given[i].finding();
    };
    if (std::none_of(proposal.findings().begin(), proposal.findings().end(), named)) {
      return InvalidField(place + ".finding", "names no finding of the proposal");
    }
    FD_RETURN_IF_ERROR(CheckLine(given[i].note(), kMaxNoteCharacters, place + ".note"));
    overridden.insert(given[i].finding());
  }
  std::string open;
  for (const v1::ProposalFinding& finding : proposal.findings()) {
    const bool own = !into_article.empty() && finding.article() == into_article;
    if (finding.severity() != v1::FINDING_SEVERITY_ERROR || own ||
        overridden.contains(finding.id())) {
      continue;
    }
    open += (open.empty() ? "" : ", ") + finding.id();
  }
  if (open.empty()) return absl::OkStatus();
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "PROPOSAL_FINDINGS",
                            "findings stand against it: mend them, or override each with a note"),
                      "findings", open);
}

}  // namespace frontdesk::knowledge
