#include "services/knowledge/synonym_store.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::knowledge {
namespace {

std::string SynonymsName(std::string_view tenant) {
  return fmt::format("tenants/{}/synonyms", tenant);
}

}  // namespace

absl::Status UpdateSynonyms(const v1::UpdateSynonymsRequest& request,
                            const engine::Context& context, engine::Txn& txn,
                            v1::UpdateSynonymsResponse* response) {
  const std::string key = kSynonyms.Key(context.tenant);
  FD_ASSIGN_OR_RETURN(auto before, kSynonyms.Find(txn, key));
  records::SynonymsRecord record;
  if (before.has_value()) record = *std::move(before);
  const std::string& etag = request.synonyms().etag();
  if (!etag.empty() && etag != record.synonyms().etag()) {
    return WithMetadata(
        Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the synonyms were changed meanwhile"),
        "etag", record.synonyms().etag());
  }
  *record.mutable_synonyms()->mutable_sets() = request.synonyms().sets();
  record.set_version(record.version() + 1);
  record.mutable_synonyms()->set_name(SynonymsName(context.tenant));
  record.mutable_synonyms()->set_etag(fmt::format("{}", record.version()));
  kSynonyms.Put(txn, key, record);
  *response->mutable_synonyms() = record.synonyms();
  return absl::OkStatus();
}

absl::StatusOr<v1::Synonyms> ReadSynonyms(const engine::Reader& reader, std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto record, kSynonyms.Find(reader, kSynonyms.Key(std::string(tenant))));
  v1::Synonyms synonyms;
  if (record.has_value()) synonyms = std::move(*record->mutable_synonyms());
  synonyms.set_name(SynonymsName(tenant));
  return synonyms;
}

std::optional<SynonymTables::Found> SynonymTables::Known(const std::string& tenant) {
  const std::lock_guard lock(mu_);
  const auto found = tables_.find(tenant);
  return found == tables_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<SynonymTables::Found> SynonymTables::For(const engine::Store& store,
                                                        const std::string& tenant) {
  uint64_t before = 0;
  {
    const std::lock_guard lock(mu_);
    const auto found = tables_.find(tenant);
    if (found != tables_.end()) return found->second;
    before = changes_;
  }
  v1::Synonyms synonyms;
  FD_RETURN_IF_ERROR(store.Read([&](const engine::Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(synonyms, ReadSynonyms(reader, tenant));
    return absl::OkStatus();
  }));
  Found read{std::make_shared<SynonymTable>(synonyms), synonyms.etag()};
  const std::lock_guard lock(mu_);
  // What was read while another change came is used once and not kept.
  if (before == changes_) tables_[tenant] = read;
  return read;
}

void SynonymTables::Forget(const std::string& tenant) {
  const std::lock_guard lock(mu_);
  ++changes_;
  tables_.erase(tenant);
}

}  // namespace frontdesk::knowledge
