#include "services/knowledge/proposal_store.h"

#include <limits>
#include <utility>

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/page_scan.h"
#include "libs/text/similar/min_hash.h"
#include "services/knowledge/domain/proposal_rules.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/proposal_text.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr uint8_t kAnyState = 0;
// Two proposals share so many of their letters' runs when people would call them the same.
constexpr double kNearJaccard = 0.7;
constexpr int kMaxCompared = 500;  // of a state

uint64_t NewestFirst(const v1::ArticleProposal& proposal) {
  return std::numeric_limits<uint64_t>::max() -
         static_cast<uint64_t>(absl::ToUnixMicros(FromTimestamp(proposal.create_time())));
}

// Its rows in the indexes.
std::vector<std::string> IndexRows(std::string_view tenant, std::string_view id,
                                   const v1::ArticleProposal& proposal) {
  const uint64_t newest = NewestFirst(proposal);
  std::vector<std::string> rows = {
      kProposalsByState.Key(tenant, kAnyState, newest, id),
      kProposalsByState.Key(tenant, static_cast<uint8_t>(proposal.state()), newest, id),
      kProposalsByExpiry.Key(FromTimestamp(proposal.expire_time()), tenant, id)};
  for (const std::string& source : proposal.sources()) {
    rows.push_back(kProposalsBySource.Key(tenant, source, id));
  }
  return rows;
}

// What is compared of a proposal: all of its words.
std::string ComparedText(const v1::ArticleContent& content) {
  std::string text = content.title() + "\n" + content.body();
  for (const std::string& question : content.questions()) text += "\n" + question;
  return text;
}

absl::StatusOr<std::vector<std::string>> NewestIds(const engine::Reader& reader,
                                                   std::string_view tenant, uint8_t state,
                                                   int max) {
  const std::string prefix = kProposalsByState.Key(tenant, state);
  std::vector<std::string> ids;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(reader.Scan(prefix, {}, [&](std::string_view key, std::string_view) {
    std::string id;
    corrupt = !ReadLastField(key, prefix.size() + sizeof(uint64_t), &id);
    if (!corrupt) ids.push_back(std::move(id));
    return !corrupt && static_cast<int>(ids.size()) < max;
  }));
  if (corrupt) return engine::CorruptRow(kProposalsByState.name);
  return ids;
}

}  // namespace

std::string ProposalName(std::string_view tenant, std::string_view proposal) {
  return ResourceName({{"tenants", tenant}, {"articleProposals", proposal}});
}

absl::StatusOr<records::ProposalRulesRecord> LoadProposalRules(const engine::Reader& reader,
                                                               std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kProposalRules.Find(reader, kProposalRules.Key(tenant)));
  if (found.has_value()) return *std::move(found);
  records::ProposalRulesRecord record;
  *record.mutable_proposal_rules() = DefaultProposalRules();
  record.mutable_proposal_rules()->set_name(fmt::format("tenants/{}/proposalRules", tenant));
  return record;
}

absl::StatusOr<records::ProposalStatsRecord> LoadProposalStats(const engine::Reader& reader,
                                                               std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kProposalStats.Find(reader, kProposalStats.Key(tenant)));
  return found.value_or(records::ProposalStatsRecord());
}

void CheckAnew(const records::ProposalRulesRecord& rules, records::ProposalRecord& record) {
  v1::ArticleProposal& proposal = *record.mutable_article_proposal();
  proposal.clear_findings();
  for (v1::ProposalFinding& finding :
       CheckProposal(proposal, rules.proposal_rules(), FindPersonalData(proposal.content()))) {
    *proposal.add_findings() = std::move(finding);
  }
  record.set_rules_version(rules.version());
}

absl::StatusOr<records::ProposalRecord> LoadProposal(const engine::Reader& reader,
                                                     std::string_view tenant,
                                                     std::string_view proposal) {
  FD_ASSIGN_OR_RETURN(auto record, kProposals.Load(reader, kProposals.Key(tenant, proposal),
                                                   ProposalName(tenant, proposal)));
  if (record.article_proposal().state() != v1::PROPOSAL_STATE_PROPOSED) return record;
  FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(reader, tenant));
  if (record.rules_version() != rules.version()) CheckAnew(rules, record);
  return record;
}

absl::Status PutProposal(engine::Txn& txn, std::string_view tenant, std::string_view proposal,
                         const records::ProposalRecord* before,
                         const records::ProposalRecord& after) {
  const auto is_open = [](const records::ProposalRecord* record) {
    return record != nullptr && record->article_proposal().state() == v1::PROPOSAL_STATE_PROPOSED;
  };
  if (before != nullptr) {
    for (std::string& row : IndexRows(tenant, proposal, before->article_proposal())) {
      txn.Delete(std::move(row));
    }
  }
  for (std::string& row : IndexRows(tenant, proposal, after.article_proposal())) {
    txn.Put(std::move(row), "");
  }
  kProposals.Put(txn, kProposals.Key(tenant, proposal), after);
  const int opened = static_cast<int>(is_open(&after)) - static_cast<int>(is_open(before));
  if (opened == 0 && before != nullptr) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto stats, LoadProposalStats(txn, tenant));
  stats.set_open(stats.open() + opened);
  if (before == nullptr) stats.set_made(stats.made() + 1);
  kProposalStats.Put(txn, kProposalStats.Key(tenant), stats);
  return absl::OkStatus();
}

absl::Status DeleteProposal(engine::Txn& txn, std::string_view tenant, std::string_view proposal,
                            const records::ProposalRecord& record) {
  for (std::string& row : IndexRows(tenant, proposal, record.article_proposal())) {
    txn.Delete(std::move(row));
  }
  txn.Delete(kProposals.Key(tenant, proposal));
  if (record.article_proposal().state() != v1::PROPOSAL_STATE_PROPOSED) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto stats, LoadProposalStats(txn, tenant));
  stats.set_open(stats.open() - 1);
  kProposalStats.Put(txn, kProposalStats.Key(tenant), stats);
  return absl::OkStatus();
}

absl::Status TrimProposals(const engine::Context& context, engine::Txn& txn, int max) {
  std::vector<std::pair<std::string, std::string>> expired;  // tenant, proposal
  bool corrupt = false;
  FD_RETURN_IF_ERROR(
      txn.Scan(kProposalsByExpiry.Key(), {}, [&](std::string_view key, std::string_view) {
        engine::KeyReader fields(key);
        absl::Time time;
        std::string tenant, proposal;
        corrupt = !fields.Read(&time) || !fields.Read(&tenant) || !fields.Read(&proposal);
        if (corrupt || time > context.now) return false;
        expired.emplace_back(std::move(tenant), std::move(proposal));
        return static_cast<int>(expired.size()) < max;
      }));
  if (corrupt) return engine::CorruptRow(kProposalsByExpiry.name);
  for (const auto& [tenant, proposal] : expired) {
    FD_ASSIGN_OR_RETURN(const auto record, kProposals.Find(txn, kProposals.Key(tenant, proposal)));
    if (record.has_value()) FD_RETURN_IF_ERROR(DeleteProposal(txn, tenant, proposal, *record));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> ProposalOfSource(const engine::Reader& reader,
                                                            std::string_view tenant,
                                                            std::string_view source) {
  constexpr size_t kMaxOfSource = 100;
  FD_ASSIGN_OR_RETURN(auto ids,
                      ScanIds(reader, kProposalsBySource.Key(tenant, source), kMaxOfSource));
  if (ids.empty()) return std::optional<std::string>();
  // Ids rise with time.
  return std::optional<std::string>(std::move(ids.back()));
}

absl::StatusOr<NearProposal> FindNearProposal(const engine::Reader& reader, std::string_view tenant,
                                              std::string_view locale,
                                              const v1::ArticleContent& content) {
  NearProposal near;
  FD_ASSIGN_OR_RETURN(const auto stats, LoadProposalStats(reader, tenant));
  near.made = stats.made();
  const text::Sketch wanted = text::MakeSketch(ComparedText(content));
  double best = kNearJaccard;
  for (const v1::ProposalState state :
       {v1::PROPOSAL_STATE_PROPOSED, v1::PROPOSAL_STATE_REJECTED, v1::PROPOSAL_STATE_ACCEPTED}) {
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                        NewestIds(reader, tenant, static_cast<uint8_t>(state), kMaxCompared));
    for (const std::string& id : ids) {
      FD_ASSIGN_OR_RETURN(const auto record, kProposals.Find(reader, kProposals.Key(tenant, id)));
      if (!record.has_value() || record->article_proposal().locale() != locale) continue;
      const double alike = text::Jaccard(
          wanted, text::MakeSketch(ComparedText(record->article_proposal().content())));
      if (alike > best) best = alike, near.id = id;
    }
    if (!near.id.empty()) break;
  }
  return near;
}

absl::Status ReadProposalPage(const engine::Reader& reader, const std::string& tenant,
                              const v1::ListArticleProposalsRequest& request, const rpc::Page& page,
                              v1::ListArticleProposalsResponse* response) {
  response->Clear();
  const std::string prefix = kProposalsByState.Key(tenant, static_cast<uint8_t>(request.state()));
  return rpc::ScanPage(
      reader, prefix, page,
      [&](std::string_view key, std::string_view) -> absl::StatusOr<bool> {
        std::string id;
        if (!ReadLastField(key, prefix.size() + sizeof(uint64_t), &id)) {
          return engine::CorruptRow(kProposalsByState.name);
        }
        FD_ASSIGN_OR_RETURN(auto record, LoadProposal(reader, tenant, id));
        v1::ArticleProposal& proposal = *record.mutable_article_proposal();
        if (!request.locale().empty() && proposal.locale() != request.locale()) return false;
        proposal.mutable_content()->clear_body();
        *response->add_article_proposals() = std::move(proposal);
        return true;
      },
      response->mutable_next_page_token());
}

}  // namespace frontdesk::knowledge
