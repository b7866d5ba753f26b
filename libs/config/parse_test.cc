#include "libs/config/parse.h"

#include <catch2/catch.hpp>

#include "libs/config/nearest.h"

namespace frontdesk::config {
namespace {

TEST_CASE("a bool is true or false and nothing else") {
  CHECK(ParseBool("true") == true);
  CHECK(ParseBool("false") == false);
  for (const char* bad : {"", "yes", "1", "True", " true"}) CHECK_FALSE(ParseBool(bad).has_value());
}

TEST_CASE("numbers use up the whole text and stay in range") {
  CHECK(ParseInt64("-9223372036854775808") == INT64_MIN);
  CHECK(ParseDouble("0.25") == 0.25);
  for (const char* bad : {"", "1x", " 1", "1 ", "9223372036854775808", "0x10", "1.5"}) {
    CHECK_FALSE(ParseInt64(bad).has_value());
  }
  for (const char* bad : {"", "inf", "nan", "1e999", "1,5"})
    CHECK_FALSE(ParseDouble(bad).has_value());
}

TEST_CASE("a duration has a unit and is not negative") {
  CHECK(ParseDuration("300ms") == absl::Milliseconds(300));
  CHECK(ParseDuration("1h30m") == absl::Minutes(90));
  CHECK(ParseDuration("0") == absl::ZeroDuration());
  for (const char* bad : {"", "5", "-1s", "inf", "1 s", "1d"}) {
    CHECK_FALSE(ParseDuration(bad).has_value());
  }
}

TEST_CASE("a size is bytes or has a binary unit") {
  CHECK(ParseByteSize("512") == 512);
  CHECK(ParseByteSize("64MiB") == 64 << 20);
  CHECK(ParseByteSize("8388607TiB").has_value());
  for (const char* bad : {"", "MiB", "64MB", "64 MiB", "-1", "1.5GiB", "8388608TiB"}) {
    CHECK_FALSE(ParseByteSize(bad).has_value());
  }
  for (const int64_t bytes :
       {int64_t{0}, int64_t{1}, int64_t{1024}, int64_t{1536}, int64_t{3} << 30}) {
    CHECK(ParseByteSize(FormatByteSize(bytes)) == bytes);
  }
  CHECK(FormatByteSize(64 << 20) == "64MiB");
}

TEST_CASE("the nearest word is offered only when it is near") {
  const std::vector<std::string> known = {"prepare_timeout", "listen", "store.cache_size"};
  CHECK(Nearest("prepare_timout", known) == "prepare_timeout");
  CHECK(Nearest("lisen", known) == "listen");
  CHECK(Nearest("store.cachesize", known) == "store.cache_size");
  CHECK(Nearest("zzz", known).empty());
  CHECK(Nearest(std::string(100'000, 'a'), known).empty());
  CHECK(DidYouMean("lisen", known) == ", did you mean 'listen'?");
  CHECK(DidYouMean("zzz", known).empty());
}

}  // namespace
}  // namespace frontdesk::config
