#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Commands on the graph. Requests come checked by the service; `node` is the id in their name.
namespace frontdesk::knowledge {

// An empty knowledge_node_id becomes a ULID. ALREADY_EXISTS.
absl::Status CreateKnowledgeNode(const v1::CreateKnowledgeNodeRequest& request,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::CreateKnowledgeNodeResponse* response);
absl::Status UpdateKnowledgeNode(const v1::UpdateKnowledgeNodeRequest& request,
                                 const std::string& node, const engine::Context& context,
                                 engine::Txn& txn, v1::UpdateKnowledgeNodeResponse* response);
// RESOURCE_IN_USE while an article, a child or a related node points to it.
absl::Status DeleteKnowledgeNode(const v1::DeleteKnowledgeNodeRequest& request,
                                 const std::string& node, const engine::Context& context,
                                 engine::Txn& txn);

}  // namespace frontdesk::knowledge
