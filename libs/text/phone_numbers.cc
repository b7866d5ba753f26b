#include "libs/text/phone_numbers.h"

#include <phonenumbers/phonenumberutil.h>

#include <exception>

namespace frontdesk::text {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr size_t kMinPossibleSize = 11;  // '+' and ten digits

bool IsNobodys(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::TOLL_FREE:
    case PhoneNumberUtil::PREMIUM_RATE:
    case PhoneNumberUtil::SHARED_COST:
    case PhoneNumberUtil::UAN:
    case PhoneNumberUtil::VOICEMAIL:
      return true;
    default:
      return false;
  }
}

bool AskPersonal(const std::string& number, const std::string& region) {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber parsed;
  if (library.Parse(number, region, &parsed) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  return library.IsValidNumber(parsed) && !IsNobodys(library.GetNumberType(parsed));
}

bool AskPossible(const std::string& number) {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber parsed;
  if (library.Parse(number, "ZZ", &parsed) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  return number.size() >= kMinPossibleSize && !library.IsValidNumber(parsed) &&
         library.IsPossibleNumber(parsed);
}

}  // namespace

bool PhoneNumbers::IsPersonal(std::string_view number, std::string_view region) {
  return Answer(Question::kPersonal, number, region);
}

bool PhoneNumbers::IsPossible(std::string_view number) {
  return Answer(Question::kPossible, number, "ZZ");
}

std::string PhoneNumbers::E164(std::string_view number, std::string_view region) {
  if (questions_ >= kMaxQuestions) return "";
  ++questions_;
  std::string out;
  try {
    const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
    PhoneNumber parsed;
    if (library.Parse(std::string(number), std::string(region), &parsed) ==
            PhoneNumberUtil::NO_PARSING_ERROR &&
        library.IsPossibleNumber(parsed) && (region == "ZZ" || library.IsValidNumber(parsed))) {
      library.Format(parsed, PhoneNumberUtil::E164, &out);
    }
  } catch (const std::exception&) {
    out.clear();
  }
  return out;
}

bool PhoneNumbers::Answer(Question question, std::string_view number, std::string_view region) {
  const char mark = question == Question::kPersonal ? '!' : '?';
  std::string key = mark + std::string(region) + std::string(number);
  if (auto it = answers_.find(key); it != answers_.end()) return it->second;
  if (questions_ >= kMaxQuestions) return true;
  ++questions_;
  bool answer = true;
  try {
    answer = question == Question::kPersonal ? AskPersonal(std::string(number), std::string(region))
                                             : AskPossible(std::string(number));
  } catch (const std::exception&) {
    answer = true;
  }
  answers_.emplace(std::move(key), answer);
  return answer;
}

}  // namespace frontdesk::text
