#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/text_checks.h"

// How an article and its versions go from state to state. Each function changes the record and the
// rows of the versions it is given; writing them, timers and events are the handlers'.
namespace frontdesk::knowledge {

inline constexpr absl::Duration kMinVerifyInterval = absl::Hours(1);
inline constexpr absl::Duration kMaxVerifyInterval = absl::Hours(24 * 3653);
inline constexpr absl::Duration kMaxScheduleAhead = absl::Hours(24 * 1827);

// A draft without any version yet.
store::v1::ArticleRecord NewArticle(std::string name, std::string locale, absl::Time now);
// Takes `content` in as the newest, staged version and gives its row. The published one stays.
v1::ArticleVersion AddVersion(store::v1::ArticleRecord& record, const v1::ArticleContent& content,
                              std::string_view author, std::string_view note, absl::Time now);
// A newer version takes the place of the staged one. VERSION_STATE when that one is scheduled.
absl::Status Supersede(v1::ArticleVersion& staged);

// The last part of a version's name: from 1, written as we write it, so that one version has one
// name. INVALID_FIELD.
absl::StatusOr<int> ParseVersionNumber(std::string_view digits, std::string_view field);
// The number that `version` means: 0 = the newest. INVALID_FIELD for one that there is not.
absl::StatusOr<int> VersionNumber(const store::v1::ArticleRecord& record, int version);
// VERSION_STATE: a rejected version is never published.
absl::Status CheckPublishable(const v1::ArticleVersion& version);
// VERSION_STATE unless it was live and another one took its place; FAILED_TRANSITION unless the
// article is published.
absl::Status CheckRollBack(const store::v1::ArticleRecord& record,
                           const v1::ArticleVersion& version);
// VERSION_STATE unless it is staged; INVALID_FIELD too far ahead, TIME_IN_PAST.
absl::Status CheckSchedule(const store::v1::ArticleRecord& record,
                           const v1::ArticleVersion& version, absl::Time publish_time,
                           absl::Time now);

// `version` goes live; `previous` (null: none was live) retires.
void Publish(store::v1::ArticleRecord& record, v1::ArticleVersion& version,
             v1::ArticleVersion* previous, absl::Time now);
void Schedule(store::v1::ArticleRecord& record, v1::ArticleVersion& version,
              absl::Time publish_time, absl::Time now);
// Back to where it was before: APPROVED when it was once submitted, else DRAFT.
void Unschedule(store::v1::ArticleRecord& record, v1::ArticleVersion& version, absl::Time now);
// FAILED_TRANSITION when it is archived already. `live`: the published version, null when none is.
absl::Status Archive(store::v1::ArticleRecord& record, v1::ArticleVersion* live, absl::Time now);
// FAILED_TRANSITION unless archived. Leaves what was live to Publish; without it a draft.
absl::Status Restore(store::v1::ArticleRecord& record, absl::Time now);
// Where the staged version stands now.
void NoteStaged(store::v1::ArticleRecord& record, const v1::ArticleVersion& version,
                absl::Time now);

// INVALID_FIELD: absent, or within the limits.
absl::Status ValidateVerifyInterval(const v1::Article& article, std::string_view field);
// The moment from which on it is overdue; infinite when it never is.
absl::Time VerifyDue(const v1::Article& article);
// FAILED_TRANSITION for an archived article.
absl::Status Verify(store::v1::ArticleRecord& record, absl::Time now);
// Its interval may have changed: what was overdue by the old one is looked at anew.
void RefreshVerification(v1::Article& article);

// True when `source` has a newer published version than the translation was made from.
bool IsStale(const v1::Article& translation, const v1::Article& source);
// INVALID_FIELD: another language, no translation itself, and the version there.
absl::Status CheckTranslation(const v1::Article& translation, const v1::Article& source,
                              std::string_view field);

// True when it is published, and that for `audience`.
bool IsLiveFor(const store::v1::ArticleRecord& record, v1::Audience audience);

// One more change: another etag.
void Touch(store::v1::ArticleRecord& record, absl::Time now);
// ETAG_MISMATCH when `wanted` is neither empty nor `etag`, the one of `name` now.
absl::Status CheckEtag(std::string_view etag, std::string_view wanted, std::string_view name);

}  // namespace frontdesk::knowledge
