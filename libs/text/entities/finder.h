#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/entities/context.h"
#include "libs/text/entities/dictionary.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/pattern.h"

namespace frontdesk::text {

inline constexpr size_t kEntityTextBytesMax = 100 * 1024;
inline constexpr size_t kFinderPatternsMax = 100;
inline constexpr size_t kFinderDictionariesMax = 100;

// Finds all entities of a text. Made once for a tenant and shared; immutable, thread safe,
// deterministic: the result depends on text, options and context only. Takes time linear in the text,
// and memory of some 30 times its size; times.h, amounts.h, … say what is found and how ambiguity is
// decided.
//
// Where two findings overlap, the longer one (in bytes) stays; of the same length, the kind that is
// first in EntityType; of the same kind, the one that begins first, then the pattern or dictionary
// that was given first.
class EntityFinder {
 public:
  struct Options {
    std::vector<Pattern::Options> order_numbers;  // a tenant's own forms, told as kOrderNumber
    bool common_order_numbers = true;             // order_numbers.h, too
    std::vector<Pattern::Options> patterns;       // told as kPattern
    std::vector<Dictionary::Options> dictionaries;
    uint32_t types = ~uint32_t{0};  // bit 1 << EntityType: what to look for
  };

  // INVALID_ARGUMENT (INVALID_FIELD) as Pattern::Compile and Dictionary::Build, and for too many.
  static absl::StatusOr<EntityFinder> Create(const Options& options);

  // In the order of the text, none overlapping. Ill-formed bytes are in no entity and separate words.
  // RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE) above kEntityTextBytesMax.
  absl::StatusOr<std::vector<Entity>> Find(std::string_view text,
                                           const EntityContext& context) const;

 private:
  EntityFinder() = default;
  bool Wants(EntityType type) const { return (types_ >> static_cast<uint32_t>(type) & 1) != 0; }

  std::vector<Pattern> order_numbers_;
  std::vector<Pattern> patterns_;
  std::vector<Dictionary> dictionaries_;
  bool common_order_numbers_ = true;
  uint32_t types_ = 0;
};

}  // namespace frontdesk::text
