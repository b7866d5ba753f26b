#include "services/knowledge/answer_log.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "frontdesk/common/v1/author.pb.h"
#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Rows forgotten with each answer, besides as many as it adds: the log shrinks when its limit does.
constexpr int kTrimPerAnswer = 2;
constexpr size_t kMaxVersions = 10;
constexpr size_t kMaxIdBytes = 128;

struct CitedVersion {
  std::string article;
  uint32_t number = 0;
  auto operator<=>(const CitedVersion&) const = default;
};

uint64_t NewestFirst(absl::Time time) {
  return std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(absl::ToUnixMicros(time));
}

// Versions of this tenant that there are.
absl::StatusOr<std::set<CitedVersion>> CitedVersions(const GivenAnswer& answer,
                                                     std::string_view tenant,
                                                     const engine::Txn& txn) {
  std::set<CitedVersion> cited;
  for (const std::string& name : answer.article_versions) {
    if (cited.size() >= kMaxVersions) break;
    const auto ids = ParseResourceName(name, {"tenants", "articles", "versions"}, "version");
    if (!ids.ok() || (*ids)[0] != tenant) continue;
    const auto number = ParseVersionNumber((*ids)[2], "version");
    if (!number.ok()) continue;
    CitedVersion version{(*ids)[1], static_cast<uint32_t>(*number)};
    FD_ASSIGN_OR_RETURN(const auto article,
                        kArticles.Find(txn, kArticles.Key(tenant, version.article)));
    const bool there = article.has_value() && *number <= article->article().latest_version();
    if (there) cited.insert(std::move(version));
  }
  return cited;
}

// Deletes up to `max` of the oldest rows of the tenant that are too old, or more than `rows_max`.
absl::Status Trim(const engine::Context& context, engine::Txn& txn, int max, int64_t rows_max,
                  int64_t& rows) {
  std::vector<std::pair<std::string, std::string>> gone;  // key by time, key by version
  bool corrupt = false;
  FD_RETURN_IF_ERROR(txn.Scan(
      kAnswerLogByTime.Key(context.tenant), {}, [&](std::string_view key, std::string_view) {
        engine::KeyReader fields(key);
        std::string tenant, article, answer;
        absl::Time time;
        uint32_t version = 0;
        corrupt = !fields.Read(&tenant) || !fields.Read(&time) || !fields.Read(&article) ||
                  !fields.Read(&version) || !fields.Read(&answer);
        const bool too_many = rows - static_cast<int64_t>(gone.size()) > rows_max;
        if (corrupt || (time + kAnswerLogLife > context.now && !too_many)) return false;
        gone.emplace_back(std::string(key),
                          kAnswerLog.Key(tenant, article, version, NewestFirst(time), answer));
        return static_cast<int>(gone.size()) < max;
      }));
  if (corrupt) return engine::CorruptRow(kAnswerLogByTime.name);
  for (auto& [by_time, by_version] : gone) {
    txn.Delete(std::move(by_time));
    txn.Delete(std::move(by_version));
  }
  rows -= static_cast<int64_t>(gone.size());
  return absl::OkStatus();
}

}  // namespace

absl::Status NoteAnswer(const GivenAnswer& answer, const engine::Context& context, engine::Txn& txn,
                        int64_t rows_max) {
  if (answer.answer_id.empty() || answer.answer_id.size() > kMaxIdBytes) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const std::set<CitedVersion> cited,
                      CitedVersions(answer, context.tenant, txn));
  if (cited.empty()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto found, kTenantStats.Find(txn, kTenantStats.Key(context.tenant)));
  records::TenantStatsRecord stats = found.value_or(records::TenantStatsRecord());
  int64_t rows = stats.logged_answers();
  records::AnswerLogRecord record;
  record.set_answer_id(answer.answer_id);
  record.set_conversation(answer.conversation);
  record.set_answer_time_us(absl::ToUnixMicros(answer.time));
  int added = 0;
  for (const CitedVersion& version : cited) {
    const std::string key = kAnswerLog.Key(context.tenant, version.article, version.number,
                                           NewestFirst(answer.time), answer.answer_id);
    FD_ASSIGN_OR_RETURN(const auto before, kAnswerLog.Find(txn, key));
    if (before.has_value()) continue;
    kAnswerLog.Put(txn, key, record);
    kAnswerLogByTime.Put(
        txn, kAnswerLogByTime.Key(context.tenant, absl::FromUnixMicros(record.answer_time_us()),
                                  version.article, version.number, answer.answer_id));
    ++added;
  }
  if (added == 0) return absl::OkStatus();
  rows += added;
  FD_RETURN_IF_ERROR(Trim(context, txn, added + kTrimPerAnswer, rows_max, rows));
  stats.set_logged_answers(rows);
  kTenantStats.Put(txn, kTenantStats.Key(context.tenant), stats);
  return absl::OkStatus();
}

absl::Status NoteReply(const dialog::v1::DialogEvent& event, const engine::Context& context,
                       engine::Txn& txn) {
  const dialog::v1::ReplyRequested& reply = event.reply_requested();
  if (reply.author_kind() != common::v1::AUTHOR_KIND_BOT || reply.citations_size() == 0) {
    return absl::OkStatus();
  }
  GivenAnswer answer{reply.reply(), reply.conversation(), {}, context.now};
  // The event's own time: the same event after a restore is the same row.
  if (event.metadata().has_time()) answer.time = FromTimestamp(event.metadata().time());
  for (const common::v1::Citation& citation : reply.citations()) {
    answer.article_versions.push_back(citation.article_version());
  }
  return NoteAnswer(answer, context, txn);
}

absl::Status ReadAnswerPage(const engine::Reader& reader, const std::string& tenant,
                            const std::string& article, int version, const rpc::Page& page,
                            v1::ListAnswersByArticleVersionResponse* response) {
  response->Clear();
  FD_RETURN_IF_ERROR(LoadVersion(reader, tenant, article, version).status());
  const std::string name = VersionName(tenant, article, version);
  return rpc::ScanPage(
      reader, kAnswerLog.Key(tenant, article, static_cast<uint32_t>(version)), page,
      [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(const auto record, kAnswerLog.Parse(value));
        v1::LoggedAnswer& answer = *response->add_answers();
        answer.set_answer_id(record.answer_id());
        answer.set_conversation(record.conversation());
        answer.set_article_version(name);
        *answer.mutable_answer_time() = ToTimestamp(absl::FromUnixMicros(record.answer_time_us()));
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
