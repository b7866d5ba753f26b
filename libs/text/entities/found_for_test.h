#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/text/entities/context.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/finder.h"

namespace frontdesk::text {

// A row of a table: a text, and what is found in it.
struct FoundRow {
  std::string_view text;
  std::string_view found;
};

inline absl::TimeZone ZoneForTest(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

// Wednesday, 18 November 2026, 10:00 in Shanghai.
inline EntityContext ContextForTest() {
  EntityContext context;
  context.zone = ZoneForTest("Asia/Shanghai");
  context.now = absl::FromCivil(absl::CivilSecond(2026, 11, 18, 10, 0, 0), context.zone);
  return context;
}

inline uint32_t Only(std::initializer_list<EntityType> types) {
  uint32_t bits = 0;
  for (EntityType type : types) bits |= 1u << static_cast<uint32_t>(type);
  return bits;
}

inline EntityFinder FinderForTest(uint32_t types) {
  EntityFinder::Options options;
  options.types = types;
  return *EntityFinder::Create(options);
}

// "value" where it is all of the text, else "[text] value", joined by " | ". Shanghai's offset and
// midnights are left out.
inline std::string FoundIn(const EntityFinder& finder, std::string_view text,
                           const EntityContext& context) {
  absl::StatusOr<std::vector<Entity>> found = finder.Find(text, context);
  if (!found.ok()) return found.status().ToString();
  std::string out;
  for (const Entity& entity : *found) {
    std::string value = entity.value;
    for (std::string_view cut : {"+08:00", "T00:00:00"}) {
      for (size_t at; (at = value.find(cut)) != std::string::npos;) value.erase(at, cut.size());
    }
    if (!out.empty()) out += " | ";
    if (entity.text != text) out += "[" + entity.text + "] ";
    out += value;
  }
  return out;
}

// Every row of a table, by a finder of these types alone.
inline void CheckTable(absl::Span<const FoundRow> rows, std::initializer_list<EntityType> types) {
  const EntityFinder finder = FinderForTest(Only(types));
  const EntityContext context = ContextForTest();
  for (const FoundRow& row : rows) {
    INFO(row.text);
    CHECK(FoundIn(finder, row.text, context) == row.found);
  }
}

}  // namespace frontdesk::text
