#include "libs/base/status_macros.h"

#include <catch2/catch.hpp>
#include <memory>
#include <utility>

#include "libs/base/absl_interop.h"

namespace frontdesk {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(bool ok) {
  if (!ok) return absl::NotFoundError("none");
  return std::make_unique<int>(7);
}

absl::Status Use(bool ok, int& out) {
  FD_RETURN_IF_ERROR(absl::OkStatus());
  FD_ASSIGN_OR_RETURN(const auto value, Make(ok));
  FD_ASSIGN_OR_RETURN(const auto pair, absl::StatusOr<std::pair<int, int>>({1, 2}));
  FD_ASSIGN_OR_RETURN(out, absl::StatusOr<int>(*value + pair.first + pair.second));
  return absl::OkStatus();
}

TEST_CASE("a value is unwrapped, an error leaves the function") {
  int out = 0;
  CHECK(Use(true, out).ok());
  CHECK(out == 10);
  out = 0;
  CHECK(Use(false, out) == absl::NotFoundError("none"));
  CHECK(out == 0);
}

TEST_CASE("Abseil's types can be printed") {
  CHECK(fmt::format("{}", absl::NotFoundError("none")) == "NOT_FOUND: none");
  CHECK(fmt::format("{}", absl::Milliseconds(1500)) == "1.5s");
  CHECK(fmt::format("{}", absl::FromUnixSeconds(0)) == "1970-01-01T00:00:00+00:00");
  CHECK(fmt::format("{:>4}", absl::string_view("ab")) == "  ab");
}

}  // namespace
}  // namespace frontdesk
