#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {

struct ArticleKey {
  std::string tenant;
  std::string article;
};

// One change of an article inside a command: the rules of domain/ on its record and the rows of its
// versions, and everything that follows from them: events, timers, index rows, translations that are
// out of date. Lives on the committer for the length of a handler. Nothing of the record is written
// before Put.
class ArticleEdit {
 public:
  // NOT_FOUND; ETAG_MISMATCH when `etag` is neither empty nor the article's.
  static absl::StatusOr<ArticleEdit> Load(const engine::Context& context, engine::Txn& txn,
                                          ArticleKey key, std::string_view etag);
  // Nothing is there under the key. `article`: locale, owner, verify_interval, translation_of and
  // translated_version as wished.
  static absl::StatusOr<ArticleEdit> New(const engine::Context& context, engine::Txn& txn,
                                         ArticleKey key, const v1::Article& article);

  const v1::Article& article() const { return record_.article(); }
  records::ArticleRecord& record() { return record_; }
  bool is_new() const { return !before_.has_value(); }

  absl::StatusOr<v1::ArticleVersion> LoadVersion(int number) const;
  // The newest version has what it refers to: nodes, articles. INVALID_FIELD, REFERENCE_CYCLE.
  absl::Status WriteVersion(const v1::ArticleContent& content, std::string_view note);
  // Puts a version whose state has changed.
  void PutVersion(const v1::ArticleVersion& version);

  // Writes a version that was handed in, and tells which step of the policy it waits for.
  void HandIn(const v1::ApprovalPolicy& policy, const v1::ArticleVersion& version);

  // Makes the version live. False when it is already. The checks are the caller's.
  absl::StatusOr<bool> Publish(v1::ArticleVersion version, bool rolled_back);
  void Schedule(v1::ArticleVersion version, absl::Time publish_time);
  // Nothing when none is scheduled.
  absl::Status CancelSchedule();
  absl::Status Archive();
  absl::Status Restore();
  // The owner, the interval, the version it was translated from, as of `wanted`.
  absl::Status SetSettings(const v1::Article& wanted, bool owner, bool verify_interval,
                           bool translated_version);
  // Of the article `translation_of`, as its `translated_version` or, with 0, as it is now.
  absl::Status BecomeTranslation(const v1::Article& wanted);
  // The timer that runs this command is gone from the store.
  void ForgetPublishTimer() { record_.clear_publish_timer_us(); }
  void ForgetVerifyTimer() { record_.clear_verify_timer_us(); }
  void FlagOverdue();

  // Writes the record with its index rows and timers.
  void Put();

 private:
  ArticleEdit(const engine::Context& context, engine::Txn& txn, ArticleKey key)
      : context_(&context), txn_(&txn), key_(std::move(key)) {}

  absl::Status CheckReferences(const v1::ArticleContent& content) const;
  absl::Status CheckNode(std::string_view field, const std::string& id,
                         v1::KnowledgeNodeKind kind) const;
  absl::Status CheckModuleOfProduct(const v1::ArticleContent& content) const;
  absl::Status CheckLinks(const v1::ArticleContent& content) const;
  // Articles that were translated from this one: out of date, or not any more.
  absl::Status RefreshTranslations();
  absl::Status QueueForIndex();
  void MoveTimers();

  const engine::Context* context_;
  engine::Txn* txn_;
  ArticleKey key_;
  std::optional<records::ArticleRecord> before_;
  records::ArticleRecord record_;
};

}  // namespace frontdesk::knowledge
