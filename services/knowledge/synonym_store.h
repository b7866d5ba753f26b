#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/committer.h"
#include "libs/store/store.h"
#include "services/knowledge/keys.h"
#include "services/knowledge/synonyms.h"

namespace frontdesk::knowledge {

// Handler of UpdateSynonyms.
absl::Status UpdateSynonyms(const v1::UpdateSynonymsRequest& request,
                            const engine::Context& context, engine::Txn& txn,
                            v1::UpdateSynonymsResponse* response);

// As the API shows them; without sets when there were never any.
absl::StatusOr<v1::Synonyms> ReadSynonyms(const engine::Reader& reader, std::string_view tenant);

// The tenants' synonyms, parsed; a changed one is read again. Thread safe.
class SynonymTables {
 public:
  struct Found {
    std::shared_ptr<const SynonymTable> table;
    std::string etag;
  };
  // Never blocks: nothing for a tenant that has to be read first.
  std::optional<Found> Known(const std::string& tenant);
  // Reads the store when it has to; blocks then.
  absl::StatusOr<Found> For(const engine::Store& store, const std::string& tenant);
  // To be called when a change is committed.
  void Forget(const std::string& tenant);

 private:
  std::mutex mu_;
  absl::flat_hash_map<std::string, Found> tables_;  // guarded by mu_
  uint64_t changes_ = 0;                            // guarded by mu_
};

}  // namespace frontdesk::knowledge
