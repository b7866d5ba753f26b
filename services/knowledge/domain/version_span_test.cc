#include "services/knowledge/domain/version_span.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

TEST_CASE("parsed versions are compared number by number") {
  CHECK(*ParseProductVersion("2.9") < *ParseProductVersion("2.10"));
  CHECK(*ParseProductVersion("2") == *ParseProductVersion("2.0.0"));
  CHECK(*ParseProductVersion("2") < *ParseProductVersion("2.0.1"));
  CHECK(*ParseProductVersion("10") > *ParseProductVersion("9.9.9"));
}

TEST_CASE("what is no dotted numbers is not parsed") {
  for (const char* text : {"", ".", "1.", ".1", "1..2", "v1", "1.x", "-1", "1.2.3.4.5.6.7",
                           "12345678901", " 1", "1 "}) {
    INFO(text);
    CHECK_FALSE(ParseProductVersion(text).has_value());
  }
}

TEST_CASE("a span holds both of its ends, and an open end holds all") {
  const VersionSpan span{ParseProductVersion("1.2"), ParseProductVersion("1.4")};
  CHECK(Contains(span, *ParseProductVersion("1.2")));
  CHECK(Contains(span, *ParseProductVersion("1.4.0")));
  CHECK_FALSE(Contains(span, *ParseProductVersion("1.1.9")));
  CHECK_FALSE(Contains(span, *ParseProductVersion("1.4.1")));
  CHECK(Contains({std::nullopt, ParseProductVersion("1")}, *ParseProductVersion("0.1")));
  CHECK(Contains({ParseProductVersion("1"), std::nullopt}, *ParseProductVersion("99")));
}
