#include "libs/rpc/page_token.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe.pb.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

ListProbesRequest List(const std::string& parent, const std::string& text, int size,
                       const std::string& token) {
  ListProbesRequest request;
  request.set_parent(parent);
  request.set_text(text);
  request.set_page_size(size);
  request.set_page_token(token);
  return request;
}

}  // namespace

TEST_CASE("Page size: 0 is 50, above 200 is cut, negative is an error") {
  CHECK(*PageSize(0) == 50);
  CHECK(*PageSize(1) == 1);
  CHECK(*PageSize(200) == 200);
  CHECK(*PageSize(201) == 200);
  CHECK(*PageSize(1'000'000) == 200);
  CHECK(PageSize(-1).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("A token gives back its key, of any bytes") {
  const std::string key("\x20t1\x00\x01\xff", 6);
  const std::string token = MakePageToken(key, 7);
  CHECK(*ParsePageToken(token, 7) == key);
  CHECK(ParsePageToken("", 7)->empty());
}

TEST_CASE("A token for another filter, another schema or with a changed byte is refused") {
  const std::string token = MakePageToken("key", 7, 1);
  for (const absl::Status& status :
       {ParsePageToken(token, 8, 1).status(), ParsePageToken(token, 7, 2).status(),
        ParsePageToken("garbage", 7, 1).status(), ParsePageToken("a", 7, 1).status(),
        ParsePageToken(token + token, 7, 1).status(),
        ParsePageToken(std::string(5000, 'a'), 7, 1).status()}) {
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(status) == "PAGE_TOKEN_INVALID");
  }
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == token) continue;
    const auto parsed = ParsePageToken(changed, 7, 1);
    // The last character may hold bits that mean nothing; everything else is noticed.
    if (i + 1 < token.size()) CHECK_FALSE(parsed.ok());
  }
}

TEST_CASE("A page keeps its filter, but may change its size") {
  const auto first = ParsePage(List("tenants/t1", "a", 10, ""));
  REQUIRE(first.ok());
  CHECK(first->size == 10);
  CHECK(first->after.empty());
  const std::string token = MakePageToken("last", first->filter_hash);
  const auto second = ParsePage(List("tenants/t1", "a", 20, token));
  REQUIRE(second.ok());
  CHECK(second->after == "last");
  CHECK(second->size == 20);
  CHECK(ReasonOf(ParsePage(List("tenants/t1", "b", 10, token)).status()) == "PAGE_TOKEN_INVALID");
  CHECK(ReasonOf(ParsePage(List("tenants/t2", "a", 10, token)).status()) == "PAGE_TOKEN_INVALID");
  CHECK_FALSE(ParsePage(List("tenants/t1", "a", -1, "")).ok());
}
