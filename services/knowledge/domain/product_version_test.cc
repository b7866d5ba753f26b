#include "services/knowledge/domain/product_version.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

VersionRanges Ranges(std::initializer_list<std::pair<const char*, const char*>> bounds) {
  VersionRanges ranges;
  for (const auto& [min, max] : bounds) {
    v1::VersionRange* range = ranges.Add();
    range->set_min_version(min);
    range->set_max_version(max);
  }
  return ranges;
}

}  // namespace

TEST_CASE("a product version is one to six numbers with dots") {
  for (const char* good : {"0", "2", "2.10", "1.2.3.4.5.6", "999999999.0"}) {
    INFO(good);
    CHECK(ValidateProductVersion(good, "v").ok());
  }
  for (const char* bad : {"", ".", "1.", ".1", "1..2", "v2", "2.x", "1.2.3.4.5.6.7", "1234567890",
                          "2.0-beta", "-1", " 1", "１"}) {
    INFO(bad);
    CHECK(absl::IsInvalidArgument(ValidateProductVersion(bad, "v")));
  }
}

TEST_CASE("product versions are compared number by number") {
  struct Case {
    const char* a;
    const char* b;
    int order;
  };
  const Case kCases[] = {{"2.10", "2.9", 1},    {"2.9", "2.10", -1}, {"2", "2.0.0", 0},
                         {"2.0.1", "2", 1},     {"010", "10", 0},    {"1.999999999", "2", -1},
                         {"3.0.0.1", "3.0", 1}, {"0", "0.0", 0}};
  for (const Case& c : kCases) {
    INFO(c.a << " and " << c.b);
    const auto order = *ParseProductVersion(c.a) <=> *ParseProductVersion(c.b);
    CHECK((order > 0 ? 1 : order < 0 ? -1 : 0) == c.order);
  }
}

TEST_CASE("a range holds both its ends") {
  struct Case {
    const char* min;
    const char* max;
    const char* version;
    bool within;
  };
  const Case kCases[] = {{"", "", "1", true},           {"2.0", "2.9", "2", true},
                         {"2.0", "2.9", "2.9.0", true}, {"2.0", "2.9", "2.9.1", false},
                         {"2.0", "2.9", "2.10", false}, {"2.0", "2.9", "1.99", false},
                         {"", "1.5", "0.1", true},      {"", "1.5", "1.6", false},
                         {"3", "", "17", true},         {"3", "", "2.9", false}};
  for (const Case& c : kCases) {
    INFO(c.min << " to " << c.max << ": " << c.version);
    CHECK(Contains({ParseProductVersion(c.min), ParseProductVersion(c.max)},
                   *ParseProductVersion(c.version)) == c.within);
  }
}

TEST_CASE("a bad range is named by its place") {
  const auto field = [](const VersionRanges& ranges) {
    const absl::Status status = ValidateVersionRanges(ranges, "r");
    return status.ok() ? "" : DetailsOf(status).fields.at(0).first;
  };
  CHECK(field(Ranges({{"1", "2"}, {"", "3"}})) == "");
  CHECK(field(Ranges({{"2", "2.0"}})) == "");
  CHECK(field(Ranges({{"", ""}})) == "r[0]");
  CHECK(field(Ranges({{"1", "2"}, {"2.10", "2.9"}})) == "r[1]");
  CHECK(field(Ranges({{"x", ""}})) == "r[0].min_version");
  CHECK(field(Ranges({{"", "1."}})) == "r[0].max_version");
  VersionRanges many;
  for (int i = 0; i <= kMaxVersionRanges; ++i) many.Add()->set_min_version("1");
  CHECK(field(many) == "r");
}
