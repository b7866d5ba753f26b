#include "services/knowledge/domain/gap.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "services/knowledge/domain/article.h"

namespace frontdesk::knowledge {
namespace {

// Bytes of the punctuation mark at the head of `text`: ASCII, general (U+2010 to U+205E), Chinese
// (U+3000 to U+303F) and full-width marks; 0 for anything else.
size_t PunctuationBytes(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) < 0x80) {
    const bool word = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                      (text[0] >= '0' && text[0] <= '9') || text[0] == ' ';
    return word ? 0 : 1;
  }
  const bool general = byte(0) == 0xE2 && (byte(1) == 0x80 || byte(1) == 0x81);
  const bool chinese = byte(0) == 0xE3 && byte(1) == 0x80;
  const bool full_width = byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD);
  return general || chinese || full_width ? 3 : 0;
}

// A change of state or owner.
void Changed(store::v1::GapRecord& record, absl::Time now) {
  record.set_version(record.version() + 1);
  record.mutable_gap()->set_etag(fmt::format("{}", record.version()));
  *record.mutable_gap()->mutable_change_time() = ToTimestamp(now);
}

v1::KnowledgeGapState OpenState(const v1::KnowledgeGap& gap) {
  return gap.owner().empty() ? v1::KNOWLEDGE_GAP_STATE_OPEN : v1::KNOWLEDGE_GAP_STATE_ASSIGNED;
}

bool IsOpen(const v1::KnowledgeGap& gap) {
  return gap.state() == v1::KNOWLEDGE_GAP_STATE_OPEN ||
         gap.state() == v1::KNOWLEDGE_GAP_STATE_ASSIGNED;
}

absl::Status WrongState(const v1::KnowledgeGap& gap, std::string_view verb) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                            fmt::format("a gap in this state can't be {}", verb)),
                      "state", v1::KnowledgeGapState_Name(gap.state()));
}

std::string Digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else if (!digits.empty() && digits.back() != ' ') {
      digits.push_back(' ');
    }
  }
  if (!digits.empty() && digits.back() == ' ') digits.pop_back();
  return digits;
}

void Reopen(store::v1::GapRecord& record, absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  gap.set_state(OpenState(gap));
  gap.clear_article();
  gap.set_reopen_count(gap.reopen_count() + 1);
  Changed(record, now);
}

}  // namespace

std::string FirstCharacters(std::string_view text, int max) {
  size_t at = 0;
  for (int count = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++count > max) break;
  }
  return std::string(text.substr(0, at));
}

std::string NormalizeQuestion(std::string_view match_key) {
  std::string result;
  while (!match_key.empty()) {
    const size_t mark = PunctuationBytes(match_key);
    const bool space = mark > 0 || match_key.front() == ' ';
    if (!space) {
      result.push_back(match_key.front());
    } else if (!result.empty() && result.back() != ' ') {
      result.push_back(' ');
    }
    match_key.remove_prefix(std::min(std::max<size_t>(1, mark), match_key.size()));
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string GapId(std::string_view locale, std::string_view normalized, int attempt) {
  const std::string text = fmt::format("{}/{}/{}", locale, attempt, normalized);
  return fmt::format("{:016x}{:016x}", Fingerprint64("a" + text), Fingerprint64("b" + text));
}

store::v1::GapRecord NewGap(std::string name, std::string_view locale, std::string_view question,
                            std::string_view normalized, absl::Time now) {
  store::v1::GapRecord record;
  v1::KnowledgeGap& gap = *record.mutable_gap();
  gap.set_name(std::move(name));
  gap.set_question(FirstCharacters(question, kMaxGapQuestionCharacters));
  gap.set_locale(std::string(locale));
  *gap.mutable_create_time() = ToTimestamp(now);
  gap.set_state(v1::KNOWLEDGE_GAP_STATE_OPEN);
  record.set_version(1);
  gap.set_etag("1");
  record.set_normalized_question(std::string(normalized));
  return record;
}

bool CountQuestion(store::v1::GapRecord& record, GapSign sign, std::string_view conversation,
                   absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  const bool reopens = gap.state() == v1::KNOWLEDGE_GAP_STATE_RESOLVED;
  if (reopens) Reopen(record, now);
  gap.set_count(gap.count() + 1);
  if (sign == GapSign::kUnanswered) {
    gap.set_unanswered_count(gap.unanswered_count() + 1);
  } else {
    gap.set_badly_answered_count(gap.badly_answered_count() + 1);
  }
  *gap.mutable_update_time() = ToTimestamp(now);
  auto& conversations = *gap.mutable_conversations();
  if (conversation.empty() ||
      std::find(conversations.begin(), conversations.end(), conversation) != conversations.end()) {
    return reopens;
  }
  if (conversations.size() >= kMaxGapConversations) conversations.DeleteSubrange(0, 1);
  gap.add_conversations(std::string(conversation));
  return reopens;
}

bool SameNumbers(std::string_view a, std::string_view b) { return Digits(a) == Digits(b); }

bool SameQuestion(double jaccard, double cosine) {
  // Measured with the default encoders: README, "Gaps and topics". A question that is joined wrongly
  // hides a gap; one that is not joined only makes two of one.
  if (cosine < 0) return jaccard >= 0.6;
  // Alike letters may mean the opposite; other letters must mean the very same.
  return cosine >= 0.9 || (jaccard >= 0.5 && cosine >= 0.82);
}

void AddVariant(store::v1::GapRecord& record, std::string_view question) {
  const std::string variant = FirstCharacters(question, kMaxGapVariantCharacters);
  auto& variants = *record.mutable_gap()->mutable_variants();
  const auto found = std::find(variants.begin(), variants.end(), variant);
  if (found != variants.end()) variants.erase(found);
  if (variants.size() >= kMaxGapVariants) variants.DeleteSubrange(0, 1);
  *variants.Add() = variant;
}

absl::Status CheckGapEtag(const store::v1::GapRecord& record, std::string_view etag) {
  if (etag.empty() || etag == record.gap().etag()) return absl::OkStatus();
  return WithMetadata(
      Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the gap was changed meanwhile"), "etag",
      record.gap().etag());
}

absl::Status AssignGap(store::v1::GapRecord& record, std::string owner, absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  if (!IsOpen(gap)) return WrongState(gap, "assigned");
  if (gap.owner() == owner) return absl::OkStatus();
  gap.set_owner(std::move(owner));
  gap.set_state(OpenState(gap));
  Changed(record, now);
  return absl::OkStatus();
}

absl::Status ResolveGap(store::v1::GapRecord& record, std::string article, std::string note,
                        absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  if (!IsOpen(gap)) return WrongState(gap, "resolved");
  gap.set_state(v1::KNOWLEDGE_GAP_STATE_RESOLVED);
  gap.set_article(std::move(article));
  gap.set_note(std::move(note));
  Changed(record, now);
  return absl::OkStatus();
}

absl::Status DismissGap(store::v1::GapRecord& record, std::string note, absl::Time now) {
  v1::KnowledgeGap& gap = *record.mutable_gap();
  if (!IsOpen(gap)) return WrongState(gap, "dismissed");
  gap.set_state(v1::KNOWLEDGE_GAP_STATE_DISMISSED);
  gap.set_note(std::move(note));
  Changed(record, now);
  return absl::OkStatus();
}

absl::Status ReopenGap(store::v1::GapRecord& record, std::string note, absl::Time now) {
  if (IsOpen(record.gap())) return WrongState(record.gap(), "opened again");
  record.mutable_gap()->set_note(std::move(note));
  Reopen(record, now);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
