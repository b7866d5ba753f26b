#include "services/knowledge/domain/article.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

v1::ArticleContent Content(const std::string& title, const std::string& body) {
  v1::ArticleContent content;
  content.set_title(title);
  content.set_body(body);
  return content;
}

}  // namespace

TEST_CASE("an article goes from state to state by its verbs alone") {
  auto record = NewArticle("tenants/t1/articles/a", "en", absl::UnixEpoch());
  AddVersion(record, Content("t", "b"), "mia", absl::UnixEpoch());
  CHECK(record.article().state() == v1::ARTICLE_STATE_DRAFT);
  CHECK(record.article().etag() == "1");
  CHECK(record.article().content().body().empty());
  CHECK_FALSE(Publish(record, 2, absl::UnixEpoch()).ok());
  CHECK_FALSE(Publish(record, -1, absl::UnixEpoch()).ok());
  CHECK(*Publish(record, 0, absl::UnixEpoch()));
  CHECK_FALSE(*Publish(record, 1, absl::UnixEpoch()));
  CHECK(record.article().etag() == "2");
  const auto second = AddVersion(record, Content("t2", "b"), "tom", absl::UnixEpoch());
  CHECK(second.name() == "tenants/t1/articles/a/versions/2");
  CHECK(record.article().state() == v1::ARTICLE_STATE_PUBLISHED);
  CHECK(record.article().published_version() == 1);
  CHECK(Archive(record, absl::UnixEpoch()).ok());
  CHECK(record.article().published_version() == 0);
  CHECK(ReasonOf(Archive(record, absl::UnixEpoch())) == "FAILED_TRANSITION");
  CHECK(*Publish(record, 0, absl::UnixEpoch()));
  CHECK(record.article().published_version() == 2);
}

TEST_CASE("an update changes what its mask names") {
  v1::ArticleContent current = Content("old title", "old body");
  current.add_tags("x");
  v1::ArticleContent wanted = Content("new title", "");
  struct Case {
    std::vector<std::string> paths;
    const char* title;
    const char* body;
    int tags;
  };
  const Case kCases[] = {{{}, "new title", "old body", 1},
                         {{"content.title"}, "new title", "old body", 1},
                         {{"content.tags"}, "old title", "old body", 0},
                         {{"content.body", "content.tags"}, "old title", "", 0},
                         {{"*"}, "new title", "", 0},
                         {{"content"}, "new title", "", 0}};
  for (const Case& c : kCases) {
    google::protobuf::FieldMask mask;
    for (const std::string& path : c.paths) mask.add_paths(path);
    const auto merged = MergeContent(current, wanted, &mask);
    REQUIRE(merged.ok());
    CHECK(merged->title() == c.title);
    CHECK(merged->body() == c.body);
    CHECK(merged->tags_size() == c.tags);
  }
  google::protobuf::FieldMask bad;
  bad.add_paths("state");
  CHECK(absl::IsInvalidArgument(MergeContent(current, wanted, &bad).status()));
}

TEST_CASE("times before 1970 and fractions survive the way through a Timestamp") {
  for (const absl::Time time :
       {absl::FromUnixMicros(-1), absl::FromUnixMicros(1'700'000'000'123'456)}) {
    CHECK(FromTimestamp(ToTimestamp(time)) == time);
    CHECK(ToTimestamp(time).nanos() >= 0);
  }
}
