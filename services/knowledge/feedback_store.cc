#include "services/knowledge/feedback_store.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/domain/usefulness.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxComments = 20;
constexpr size_t kRowsTrimmed = 2;
constexpr int kRowsLooked = 200'000;
constexpr int kWeakWeeks = 8;
constexpr int kWeakVotes = 3;
constexpr int kWeakPage = 20;
constexpr int kWeakPageMax = 100;

// Adds the figures of all articles in a week. False when there was no room for all of them.
absl::StatusOr<bool> AddWeek(const engine::Reader& reader, const std::string& tenant, uint32_t week,
                             int& looked, std::map<std::string, v1::Usefulness>& articles) {
  absl::Status status;
  FD_RETURN_IF_ERROR(reader.Scan(
      kUsefulness.Key(tenant, week), {}, [&](std::string_view key, std::string_view value) {
        engine::KeyReader fields(key);
        std::string owner, article;
        uint32_t at = 0;
        if (!fields.Read(&owner) || !fields.Read(&at) || !fields.Read(&article)) {
          status = engine::CorruptRow(kUsefulness.name);
          return false;
        }
        const auto record = kUsefulness.Parse(value);
        status = record.status();
        if (!status.ok()) return false;
        AddUp(record->usefulness(), articles[article]);
        return ++looked < kRowsLooked;
      }));
  FD_RETURN_IF_ERROR(status);
  return looked < kRowsLooked;
}

// Forgets some rows of weeks that are shown no more; one that is added pays for two.
absl::Status Trim(engine::Txn& txn, std::string_view tenant, uint32_t week) {
  std::vector<std::string> gone;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(
      txn.Scan(kUsefulness.Key(tenant), {}, [&](std::string_view key, std::string_view) {
        engine::KeyReader fields(key);
        std::string owner;
        uint32_t at = 0;
        corrupt = !fields.Read(&owner) || !fields.Read(&at);
        if (corrupt || at + kUsefulnessWeeksKept > week) return false;
        gone.emplace_back(key);
        return gone.size() < kRowsTrimmed;
      }));
  if (corrupt) return engine::CorruptRow(kUsefulness.name);
  for (std::string& key : gone) txn.Delete(std::move(key));
  return absl::OkStatus();
}

}  // namespace

absl::Status MoveUsefulness(engine::Txn& txn, std::string_view tenant, uint32_t week,
                            const std::string& article,
                            absl::FunctionRef<void(v1::Usefulness&)> move) {
  const std::string key = kUsefulness.Key(tenant, week, article);
  FD_ASSIGN_OR_RETURN(auto found, kUsefulness.Find(txn, key));
  records::UsefulnessRecord record = found.value_or(records::UsefulnessRecord());
  move(*record.mutable_usefulness());
  kUsefulness.Put(txn, key, record);
  return found.has_value() ? absl::OkStatus() : Trim(txn, tenant, week);
}

absl::Status AddComment(engine::Txn& txn, std::string_view tenant, const std::string& article,
                        v1::RatingComment comment) {
  const std::string key = kComments.Key(tenant, article);
  FD_ASSIGN_OR_RETURN(auto found, kComments.Find(txn, key));
  records::ArticleCommentsRecord before = found.value_or(records::ArticleCommentsRecord());
  records::ArticleCommentsRecord after;
  *after.add_comments() = std::move(comment);
  for (v1::RatingComment& one : *before.mutable_comments()) {
    if (after.comments_size() >= kMaxComments) break;
    *after.add_comments() = std::move(one);
  }
  kComments.Put(txn, key, after);
  return absl::OkStatus();
}

absl::Status RemoveComment(engine::Txn& txn, std::string_view tenant, const std::string& article,
                           const std::string& answer, const std::string& comment) {
  const std::string key = kComments.Key(tenant, article);
  FD_ASSIGN_OR_RETURN(auto record, kComments.Find(txn, key));
  if (!record.has_value()) return absl::OkStatus();
  auto& comments = *record->mutable_comments();
  const auto found = std::find_if(comments.begin(), comments.end(), [&](const auto& one) {
    return one.answer_id() == answer && one.comment() == comment;
  });
  if (found == comments.end()) return absl::OkStatus();
  comments.erase(found);
  kComments.Put(txn, key, *record);
  return absl::OkStatus();
}

absl::Status ReadUsefulness(const engine::Reader& reader, std::string_view tenant,
                            const std::string& article, absl::Time now, int weeks,
                            v1::ArticleUsefulness* figures) {
  figures->Clear();
  FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader, tenant, article));
  figures->set_article(record.article().name());
  figures->set_title(record.article().content().title());
  figures->set_locale(record.article().locale());
  const uint32_t last = WeekOf(now);
  const uint32_t first = last + 1 - std::min<uint32_t>(static_cast<uint32_t>(weeks), last + 1);
  for (uint32_t week = first; week <= last; ++week) {
    FD_ASSIGN_OR_RETURN(auto row, kUsefulness.Find(reader, kUsefulness.Key(tenant, week, article)));
    if (!row.has_value()) continue;
    AddUp(row->usefulness(), *figures->mutable_total());
    v1::Usefulness& shown = *figures->add_weeks();
    shown = std::move(*row->mutable_usefulness());
    *shown.mutable_week_start_time() = ToTimestamp(StartOfWeek(week));
  }
  figures->set_weakness_bps(WeaknessBps(figures->total()));
  FD_ASSIGN_OR_RETURN(auto comments, kComments.Find(reader, kComments.Key(tenant, article)));
  if (comments.has_value()) *figures->mutable_comments() = std::move(*comments->mutable_comments());
  return absl::OkStatus();
}

absl::Status ReadWeakArticles(const engine::Reader& reader, const std::string& tenant,
                              absl::Time now, const v1::ListWeakArticlesRequest& request,
                              v1::ListWeakArticlesResponse* response) {
  response->Clear();
  const int weeks = request.weeks() == 0 ? kWeakWeeks : request.weeks();
  const int votes = request.votes_min() == 0 ? kWeakVotes : request.votes_min();
  const int page =
      request.page_size() == 0 ? kWeakPage : std::min(request.page_size(), kWeakPageMax);
  std::map<std::string, v1::Usefulness> articles;
  uint32_t week = WeekOf(now);
  int looked = 0;
  for (bool room = true; room && response->weeks() < weeks; --week) {
    FD_ASSIGN_OR_RETURN(room, AddWeek(reader, tenant, week, looked, articles));
    response->set_weeks(response->weeks() + 1);
    if (week == 0) break;
  }
  std::vector<std::pair<int, std::string>> worst;  // minus weakness, article
  for (const auto& [article, figures] : articles) {
    const int weakness = WeaknessBps(figures);
    if (Votes(figures) >= votes && weakness > 0) worst.emplace_back(-weakness, article);
  }
  std::sort(worst.begin(), worst.end());
  for (const auto& [weakness, article] : worst) {
    if (response->articles_size() >= page) break;
    FD_ASSIGN_OR_RETURN(const auto record, kArticles.Find(reader, kArticles.Key(tenant, article)));
    if (!record.has_value()) continue;
    // What nobody is shown any more can't be made better.
    if (record->article().state() == v1::ARTICLE_STATE_ARCHIVED) continue;
    if (!request.locale().empty() && record->article().locale() != request.locale()) continue;
    v1::ArticleUsefulness& shown = *response->add_articles();
    shown.set_article(record->article().name());
    shown.set_title(record->article().content().title());
    shown.set_locale(record->article().locale());
    *shown.mutable_total() = articles[article];
    shown.set_weakness_bps(-weakness);
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
