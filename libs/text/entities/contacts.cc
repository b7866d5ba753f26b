#include "libs/text/entities/contacts.h"

#include <re2/re2.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "libs/text/folded_view.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"
#include "libs/text/phone_numbers.h"

namespace frontdesk::text {
namespace {

// Digits, a leading '+' and an X at the end, in ASCII.
std::string Bare(std::string_view part) {
  const FoldedView view(part);
  std::string out;
  for (char c : view.bytes()) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c == '+' && out.empty())) out += c;
    if (c == 'X' || c == 'x') out += 'X';
  }
  return out;
}

// The local part is the mailbox owner's own spelling; hosts have none.
std::string NormaliseEmail(std::string_view part) {
  std::string out = FoldWidth(part);
  const size_t at = out.rfind('@');
  for (size_t i = at == std::string::npos ? 0 : at; i < out.size(); ++i) {
    out[i] = absl::ascii_tolower(static_cast<unsigned char>(out[i]));
  }
  return out;
}

void SetPhone(std::string_view part, const EntityContext& context, PhoneNumbers& numbers,
              Entity& entity) {
  // In the order of the masking rules: with a country, Chinese with its trunk zero or mobile, North
  // American; what is left is of the context's region.
  const std::string digits = Bare(part);
  const bool mobile = digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
  std::string number;
  if (digits[0] == '+') {
    number = numbers.E164(digits, "ZZ");
  } else if (digits.starts_with("011") && digits.size() > 12) {
    number = numbers.E164("+" + digits.substr(3), "ZZ");
  } else if (digits.starts_with("00")) {
    number = numbers.E164("+" + digits.substr(2), "ZZ");
  } else if (mobile || digits[0] == '0') {
    number = numbers.E164(digits, "CN");
  } else if (digits.starts_with("86") && digits.size() > 11) {
    number = numbers.E164("+" + digits, "ZZ");
  } else if (digits.size() == 10 || (digits.size() == 11 && digits[0] == '1')) {
    number = numbers.E164(digits, "US");
  }
  if (number.empty()) number = numbers.E164(digits, context.phone_region);
  if (number.empty()) entity.confidence = 0.6;
  entity.value = number.empty() ? digits : number;
}

void FindHotlines(std::string_view text, std::vector<Entity>& out) {
  static const RE2 kHotline(
      "(?:^|[^0-9A-Za-z.,+_/$-])([48]00[- ]?(?:[0-9]{3}[- ]?[0-9]{4}|[0-9]{4}[- ]?[0-9]{3}|"
      "[0-9]{1}[- ]?[0-9]{3}[- ]?[0-9]{3}))(?:[^0-9A-Za-z:%_/-]|$)",
      RE2::Latin1);
  const FoldedView view(text);
  const std::string bytes(view.bytes());
  re2::StringPiece rest(bytes);
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, kHotline, &found)) {
    const auto begin = static_cast<size_t>(found.data() - bytes.data());
    const size_t end = begin + found.size();
    std::string digits;
    for (size_t i = begin; i < end; ++i) {
      if (absl::ascii_isdigit(static_cast<unsigned char>(bytes[i]))) digits += bytes[i];
    }
    // The closing character may open the next one.
    rest = re2::StringPiece(bytes.data() + end, bytes.size() - end);
    Entity entity;
    entity.type = EntityType::kPhone;
    entity.begin = view.OriginalBegin(begin);
    entity.end = view.OriginalEnd(end - 1);
    entity.value = digits;
    entity.confidence = 0.9;
    out.push_back(std::move(entity));
  }
}

}  // namespace

void FindContacts(std::string_view text, const EntityContext& context, std::vector<Entity>& out) {
  FindHotlines(text, out);
  const absl::StatusOr<MaskedText> masked = MaskPersonalData(text);
  if (!masked.ok()) return;
  PhoneNumbers numbers;
  for (const MaskSpan& span : masked->spans) {
    const std::string_view part = text.substr(span.begin, span.end - span.begin);
    Entity entity;
    entity.begin = span.begin;
    entity.end = span.end;
    switch (span.kind) {
      case MaskKind::kEmail:
        entity.type = EntityType::kEmail;
        entity.value = NormaliseEmail(part);
        break;
      case MaskKind::kId:
        entity.type = EntityType::kIdCard;
        entity.value = Bare(part);
        break;
      case MaskKind::kCard:
        entity.type = EntityType::kCard;
        entity.value = Bare(part);
        break;
      case MaskKind::kPhone:
        entity.type = EntityType::kPhone;
        SetPhone(part, context, numbers, entity);
        break;
    }
    out.push_back(std::move(entity));
  }
}

}  // namespace frontdesk::text
