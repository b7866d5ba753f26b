#include "services/knowledge/domain/article.h"

#include <catch2/catch.hpp>

#include <functional>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

v1::ArticleContent Content(const std::string& title) {
  v1::ArticleContent content;
  content.set_title(title);
  content.set_body("b");
  content.add_questions("q?");
  return content;
}

// An article whose versions 1 to `versions` were written one after the other.
struct World {
  explicit World(int versions) {
    for (int i = 1; i <= versions; ++i) {
      if (i > 1) REQUIRE(Supersede(rows.back()).ok());
      rows.push_back(AddVersion(record, Content("t"), "mia", "why", kNow));
    }
  }
  v1::ArticleVersion& row(int number) { return rows[static_cast<size_t>(number - 1)]; }
  void PublishRow(int number) {
    const int live = record.article().published_version();
    Publish(record, row(number), live == 0 ? nullptr : &row(live), kNow);
  }
  const v1::Article& article() const { return record.article(); }

  store::v1::ArticleRecord record = NewArticle("tenants/t1/articles/a", "en", kNow);
  std::vector<v1::ArticleVersion> rows;
};

v1::VersionState State(World& world, int number) { return world.row(number).state(); }

}  // namespace

TEST_CASE("a version has one name, and its number is read in one way") {
  for (const char* digits : {"", "0", "00", "01", "1x", "x", "-1", "+1", " 1", "1 ", "1.0", "١",
                             "2147483648", "99999999999999999999"}) {
    INFO(digits);
    CHECK(ReasonOf(ParseVersionNumber(digits, "name").status()) == "INVALID_FIELD");
  }
  for (const int number : {1, 10, 2147483647}) {
    CHECK(ParseVersionNumber(std::to_string(number), "name").value() == number);
  }
}

TEST_CASE("a live version and a staged one stand side by side") {
  World world(1);
  CHECK(world.article().etag() == "1");
  CHECK(world.article().content().body().empty());
  CHECK(world.article().staged_version() == 1);
  CHECK(world.row(1).name() == "tenants/t1/articles/a/versions/1");
  CHECK(world.row(1).note() == "why");
  world.PublishRow(1);
  CHECK(world.article().etag() == "2");
  CHECK(world.article().state() == v1::ARTICLE_STATE_PUBLISHED);
  CHECK(world.article().staged_version() == 0);
  CHECK(world.record.live().title() == "t");
  CHECK(world.record.live().questions().empty());
  world.rows.push_back(AddVersion(world.record, Content("t2"), "tom", "", kNow));
  CHECK(world.article().published_version() == 1);
  CHECK(world.article().staged_version() == 2);
  CHECK(world.article().staged_state() == v1::VERSION_STATE_DRAFT);
  world.PublishRow(2);
  CHECK(State(world, 1) == v1::VERSION_STATE_RETIRED);
  CHECK(State(world, 2) == v1::VERSION_STATE_PUBLISHED);
  CHECK(world.article().staged_version() == 0);
}

TEST_CASE("archiving keeps what was live for the way back") {
  World world(1);
  world.PublishRow(1);
  REQUIRE(Archive(world.record, &world.row(1), kNow).ok());
  CHECK(State(world, 1) == v1::VERSION_STATE_ARCHIVED);
  CHECK(world.article().published_version() == 0);
  CHECK(world.article().archived_version() == 1);
  CHECK_FALSE(world.record.has_live());
  CHECK(ReasonOf(Archive(world.record, nullptr, kNow)) == "FAILED_TRANSITION");
  REQUIRE(Restore(world.record, kNow).ok());
  CHECK(world.article().state() == v1::ARTICLE_STATE_DRAFT);
  CHECK(world.article().archived_version() == 1);
  CHECK(ReasonOf(Restore(world.record, kNow)) == "FAILED_TRANSITION");
  world.PublishRow(1);
  CHECK(world.article().archived_version() == 0);
}

TEST_CASE("one rolls back to what was live and retired, and to nothing else") {
  struct Case {
    v1::VersionState state;
    const char* reason;
  };
  const Case kCases[] = {
      {v1::VERSION_STATE_RETIRED, ""},
      {v1::VERSION_STATE_DRAFT, "VERSION_STATE"},
      {v1::VERSION_STATE_IN_REVIEW, "VERSION_STATE"},
      {v1::VERSION_STATE_APPROVED, "VERSION_STATE"},
      {v1::VERSION_STATE_REJECTED, "VERSION_STATE"},
      {v1::VERSION_STATE_SCHEDULED, "VERSION_STATE"},
      {v1::VERSION_STATE_PUBLISHED, "VERSION_STATE"},
      {v1::VERSION_STATE_ARCHIVED, "VERSION_STATE"},
      {v1::VERSION_STATE_SUPERSEDED, "VERSION_STATE"},
  };
  World world(2);
  world.PublishRow(2);
  for (const Case& c : kCases) {
    INFO(v1::VersionState_Name(c.state));
    world.row(1).set_state(c.state);
    CHECK(ReasonOf(CheckRollBack(world.record, world.row(1))) == c.reason);
    const absl::Status publish = CheckPublishable(world.row(1));
    CHECK(publish.ok() == (c.state != v1::VERSION_STATE_REJECTED));
  }
  world.row(1).set_state(v1::VERSION_STATE_RETIRED);
  REQUIRE(Archive(world.record, &world.row(2), kNow).ok());
  CHECK(ReasonOf(CheckRollBack(world.record, world.row(1))) == "FAILED_TRANSITION");
}

TEST_CASE("a newer version takes the place of a staged one, unless that is scheduled") {
  World world(1);
  struct Case {
    v1::VersionState before;
    v1::VersionState after;
  };
  const Case kCases[] = {
      {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_SUPERSEDED},
      {v1::VERSION_STATE_IN_REVIEW, v1::VERSION_STATE_SUPERSEDED},
      {v1::VERSION_STATE_APPROVED, v1::VERSION_STATE_SUPERSEDED},
      {v1::VERSION_STATE_REJECTED, v1::VERSION_STATE_REJECTED},
  };
  for (const Case& c : kCases) {
    world.row(1).set_state(c.before);
    REQUIRE(Supersede(world.row(1)).ok());
    CHECK(State(world, 1) == c.after);
  }
  world.row(1).set_state(v1::VERSION_STATE_SCHEDULED);
  CHECK(ReasonOf(Supersede(world.row(1))) == "VERSION_STATE");
}

TEST_CASE("a publication is planned for the staged version, in the future, not too far") {
  World world(2);
  const auto reason = [&](int number, absl::Duration ahead) {
    return ReasonOf(CheckSchedule(world.record, world.row(number), kNow + ahead, kNow));
  };
  CHECK(reason(2, absl::Seconds(1)) == "");
  CHECK(reason(2, absl::ZeroDuration()) == "TIME_IN_PAST");
  CHECK(reason(2, -absl::Hours(1)) == "TIME_IN_PAST");
  CHECK(reason(2, absl::Hours(24 * 365 * 6)) == "INVALID_FIELD");
  CHECK(reason(1, absl::Hours(1)) == "VERSION_STATE");
  CHECK(absl::IsInvalidArgument(
      CheckSchedule(world.record, world.row(2), kNow - absl::Seconds(1), kNow)));
  Schedule(world.record, world.row(2), kNow + absl::Hours(1), kNow);
  CHECK(world.article().staged_state() == v1::VERSION_STATE_SCHEDULED);
  CHECK(FromTimestamp(world.article().scheduled_publish_time()) == kNow + absl::Hours(1));
  Unschedule(world.record, world.row(2), kNow);
  CHECK(State(world, 2) == v1::VERSION_STATE_DRAFT);
  CHECK_FALSE(world.article().has_scheduled_publish_time());
  *world.row(2).mutable_submit_time() = ToTimestamp(kNow);
  Schedule(world.record, world.row(2), kNow + absl::Hours(1), kNow);
  Unschedule(world.record, world.row(2), kNow);
  CHECK(State(world, 2) == v1::VERSION_STATE_APPROVED);
}

TEST_CASE("a version number is there or refused") {
  World world(2);
  CHECK(*VersionNumber(world.record, 0) == 2);
  CHECK(*VersionNumber(world.record, 1) == 1);
  CHECK(absl::IsInvalidArgument(VersionNumber(world.record, 3).status()));
  CHECK(absl::IsInvalidArgument(VersionNumber(world.record, -1).status()));
}

TEST_CASE("an article is due an interval after it was verified, or made") {
  World world(1);
  v1::Article& article = *world.record.mutable_article();
  CHECK(VerifyDue(article) == absl::InfiniteFuture());
  article.mutable_verify_interval()->set_seconds(3600);
  CHECK(VerifyDue(article) == kNow + absl::Hours(1));
  article.set_verification_overdue(true);
  REQUIRE(Verify(world.record, kNow + absl::Hours(2)).ok());
  CHECK_FALSE(article.verification_overdue());
  CHECK(FromTimestamp(article.verify_due_time()) == kNow + absl::Hours(3));
  REQUIRE(Archive(world.record, nullptr, kNow).ok());
  CHECK_FALSE(article.has_verify_due_time());
  CHECK(ReasonOf(Verify(world.record, kNow)) == "FAILED_TRANSITION");
  REQUIRE(Restore(world.record, kNow).ok());
  CHECK(article.has_verify_due_time());
}

TEST_CASE("verification intervals have limits") {
  struct Case {
    int64_t seconds;
    int32_t nanos;
    bool valid;
  };
  const Case kCases[] = {
      {3600, 0, true},       {3599, 999'999'999, false}, {0, 0, false},
      {-3600, 0, false},     {86400 * 365, 1, true},     {86400LL * 4000, 0, false},
      {INT64_MAX, 0, false}, {3600, -1, false},          {3600, 1'000'000'000, false}};
  for (const Case& c : kCases) {
    v1::Article article;
    article.mutable_verify_interval()->set_seconds(c.seconds);
    article.mutable_verify_interval()->set_nanos(c.nanos);
    INFO(c.seconds << " " << c.nanos);
    CHECK(ValidateVerifyInterval(article, "f").ok() == c.valid);
  }
  CHECK(ValidateVerifyInterval(v1::Article(), "f").ok());
}

TEST_CASE("a translation is of another language and of an original, and gets stale") {
  v1::Article source;
  source.set_locale("en");
  source.set_latest_version(3);
  source.set_published_version(2);
  v1::Article translation;
  translation.set_locale("zh");
  translation.set_translated_version(2);
  CHECK(CheckTranslation(translation, source, "a").ok());
  CHECK_FALSE(IsStale(translation, source));
  source.set_published_version(3);
  CHECK(IsStale(translation, source));
  source.set_published_version(0);
  CHECK_FALSE(IsStale(translation, source));
  const auto field = [&] {
    return DetailsOf(CheckTranslation(translation, source, "a")).fields.at(0).first;
  };
  translation.set_translated_version(4);
  CHECK(field() == "a.translated_version");
  translation.set_translated_version(0);
  CHECK(field() == "a.translated_version");
  translation.set_translated_version(1);
  translation.set_locale("en");
  CHECK(field() == "a.translation_of");
  translation.set_locale("zh");
  source.set_translation_of("tenants/t1/articles/b");
  CHECK(field() == "a.translation_of");
}

TEST_CASE("a principal is a name of the tenant") {
  for (const char* good : {"tenants/t1/agents/mia", "tenants/t1/admins/Ann.B"}) {
    CHECK(CheckPrincipal(good, "t1", "owner").ok());
  }
  for (const char* bad : {"mia", "tenants/t2/agents/mia", "tenants/t1/agents/", "tenants/t1//mia",
                          "tenants/t1/mia", "tenants/t1/agents/a/b", "tenants/t1/agents/a\nb"}) {
    INFO(bad);
    CHECK(absl::IsInvalidArgument(CheckPrincipal(bad, "t1", "owner")));
  }
}

TEST_CASE("times before 1970 and fractions survive the way through a Timestamp") {
  for (const absl::Time time :
       {absl::FromUnixMicros(-1), absl::FromUnixMicros(1'700'000'000'123'456)}) {
    CHECK(FromTimestamp(ToTimestamp(time)) == time);
    CHECK(ToTimestamp(time).nanos() >= 0);
  }
}
