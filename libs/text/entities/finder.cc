#include "libs/text/entities/finder.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/entities/addresses.h"
#include "libs/text/entities/amounts.h"
#include "libs/text/entities/contacts.h"
#include "libs/text/entities/durations.h"
#include "libs/text/entities/numbers.h"
#include "libs/text/entities/order_numbers.h"
#include "libs/text/entities/times.h"
#include "libs/text/entities/tokens.h"
#include "libs/text/entities/urls.h"
#include "libs/text/errors.h"

namespace frontdesk::text {
namespace {

// Every ill-formed byte as one that is in no entity: the offsets stay.
std::string WellFormed(std::string_view text) {
  std::string out(text);
  if (IsValidUtf8(text)) return out;
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int64_t>(text.size());
  int64_t i = 0;
  while (i < length) {
    const int64_t start = i;
    UChar32 c;
    U8_NEXT(s, i, length, c);
    if (c < 0) std::fill(out.begin() + start, out.begin() + i, '\n');
  }
  return out;
}

// Longest, then kind, then first: the winners mark their bytes.
std::vector<Entity> WithoutOverlaps(std::vector<Entity> all, size_t size) {
  std::stable_sort(all.begin(), all.end(), [](const Entity& a, const Entity& b) {
    return std::tuple(b.end - b.begin, a.type, a.begin) <
           std::tuple(a.end - a.begin, b.type, b.begin);
  });
  // All that are still to come are no longer than those that are there: to overlap one they must
  // begin or end in it.
  std::vector<bool> taken(size, false);
  std::vector<Entity> kept;
  for (Entity& entity : all) {
    if (entity.begin >= entity.end || taken[entity.begin] || taken[entity.end - 1]) continue;
    std::fill(taken.begin() + static_cast<ptrdiff_t>(entity.begin),
              taken.begin() + static_cast<ptrdiff_t>(entity.end), true);
    kept.push_back(std::move(entity));
  }
  std::sort(kept.begin(), kept.end(),
            [](const Entity& a, const Entity& b) { return a.begin < b.begin; });
  return kept;
}

}  // namespace

absl::StatusOr<EntityFinder> EntityFinder::Create(const Options& options) {
  if (options.patterns.size() + options.order_numbers.size() > kFinderPatternsMax) {
    return InvalidField("patterns", "are more than 100");
  }
  if (options.dictionaries.size() > kFinderDictionariesMax) {
    return InvalidField("dictionaries", "are more than 100");
  }
  EntityFinder finder;
  for (const Pattern::Options& pattern : options.order_numbers) {
    FD_ASSIGN_OR_RETURN(Pattern compiled, Pattern::Compile(pattern));
    finder.order_numbers_.push_back(std::move(compiled));
  }
  for (const Pattern::Options& pattern : options.patterns) {
    FD_ASSIGN_OR_RETURN(Pattern compiled, Pattern::Compile(pattern));
    finder.patterns_.push_back(std::move(compiled));
  }
  for (const Dictionary::Options& dictionary : options.dictionaries) {
    FD_ASSIGN_OR_RETURN(Dictionary built, Dictionary::Build(dictionary));
    finder.dictionaries_.push_back(std::move(built));
  }
  finder.common_order_numbers_ = options.common_order_numbers;
  finder.types_ = options.types;
  return finder;
}

absl::StatusOr<std::vector<Entity>> EntityFinder::Find(std::string_view text,
                                                       const EntityContext& context) const {
  if (text.size() > kEntityTextBytesMax) return TextTooLongError(text.size(), kEntityTextBytesMax);
  const std::string clean = WellFormed(text);
  const Tokens tokens(clean);
  std::vector<Entity> all;
  if (Wants(EntityType::kPattern)) {
    for (const Pattern& pattern : patterns_) pattern.Find(clean, EntityType::kPattern, all);
  }
  if (Wants(EntityType::kDictionary)) {
    for (const Dictionary& dictionary : dictionaries_) dictionary.Find(tokens, all);
  }
  if (Wants(EntityType::kUrl)) FindUrls(clean, all);
  if (Wants(EntityType::kOrderNumber)) {
    for (const Pattern& pattern : order_numbers_) {
      const size_t from = all.size();
      pattern.Find(clean, EntityType::kOrderNumber, all);
      for (size_t i = from; i < all.size(); ++i) absl::AsciiStrToUpper(&all[i].value);
    }
    if (common_order_numbers_) FindOrderNumbers(clean, all);
  }
  const bool contacts = Wants(EntityType::kEmail) || Wants(EntityType::kIdCard) ||
                        Wants(EntityType::kCard) || Wants(EntityType::kPhone);
  if (contacts) FindContacts(clean, context, all);
  if (Wants(EntityType::kAmount)) FindAmounts(tokens, context, all);
  if (Wants(EntityType::kTime)) FindTimes(tokens, context, all);
  if (Wants(EntityType::kDuration)) FindDurations(tokens, all);
  if (Wants(EntityType::kAddress)) FindAddresses(tokens, all);
  if (Wants(EntityType::kNumber)) FindNumbers(tokens, all);
  std::erase_if(all, [&](const Entity& entity) { return !Wants(entity.type); });
  std::vector<Entity> found = WithoutOverlaps(std::move(all), text.size());
  for (Entity& entity : found) {
    entity.text = std::string(text.substr(entity.begin, entity.end - entity.begin));
  }
  return found;
}

}  // namespace frontdesk::text
