#include "services/knowledge/node_handlers.h"

#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/graph.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

// Nodes of one level that a move looks at; a wider tree has to be moved in parts.
constexpr size_t kMaxChildrenLooked = 1000;

// True when the node and what lies below it have at most `levels` levels.
absl::StatusOr<bool> FitsInto(const engine::Reader& reader, std::string_view tenant,
                              const std::string& id, int levels) {
  std::vector<std::string> level = {id};
  for (; !level.empty() && levels > 0; --levels) {
    std::vector<std::string> below;
    for (const std::string& node : level) {
      FD_ASSIGN_OR_RETURN(const auto children,
                          ScanIds(reader, kNodesByParent.Key(tenant, node), kMaxChildrenLooked));
      below.insert(below.end(), children.begin(), children.end());
      if (below.size() >= kMaxChildrenLooked) return false;
    }
    level = std::move(below);
  }
  return level.empty();
}

// What a node refers to is there and fits, and its parents make no circle.
absl::Status CheckReferences(const engine::Reader& reader, std::string_view tenant,
                             const std::string& id, const v1::KnowledgeNode& node) {
  const std::string parent_field = "knowledge_node.parent_node";
  if (!node.parent_node().empty()) {
    FD_ASSIGN_OR_RETURN(const auto parent,
                        kNodes.Find(reader, kNodes.Key(tenant, node.parent_node())));
    if (!parent.has_value()) {
      return InvalidField(parent_field,
                          fmt::format("there is no knowledge node {}", node.parent_node()));
    }
    const v1::KnowledgeNodeKind above = parent->knowledge_node().kind();
    if (!MayLieBelow(node.kind(), above)) {
      return InvalidField(parent_field, fmt::format("{} may not lie below {}",
                                                    KindName(node.kind()), KindName(above)));
    }
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> parents,
                        ParentsOf(
                            id, node.parent_node(),
                            [&](const std::string& at) -> absl::StatusOr<std::vector<std::string>> {
                              FD_ASSIGN_OR_RETURN(const auto record, LoadNode(reader, tenant, at));
                              const std::string& next = record.knowledge_node().parent_node();
                              return next.empty() ? std::vector<std::string>()
                                                  : std::vector<std::string>{next};
                            },
                            parent_field));
    // What lies below moves along.
    const int room = kMaxNodeDepth - static_cast<int>(parents.size());
    FD_ASSIGN_OR_RETURN(const bool fits, FitsInto(reader, tenant, id, room));
    if (!fits) {
      return InvalidField(parent_field, fmt::format("what lies below the node would lie more than "
                                                    "{} levels deep",
                                                    kMaxNodeDepth));
    }
  }
  for (int i = 0; i < node.related_nodes_size(); ++i) {
    FD_ASSIGN_OR_RETURN(const auto related,
                        kNodes.Find(reader, kNodes.Key(tenant, node.related_nodes(i))));
    if (related.has_value()) continue;
    return InvalidField(fmt::format("knowledge_node.related_nodes[{}]", i),
                        fmt::format("there is no knowledge node {}", node.related_nodes(i)));
  }
  return absl::OkStatus();
}

absl::Status CheckUnused(const engine::Reader& reader, std::string_view tenant,
                         const std::string& node) {
  const auto check = [&](const std::string& prefix,
                         std::string (*name)(std::string_view, std::string_view)) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> users, ScanIds(reader, prefix, 1));
    if (users.empty()) return absl::OkStatus();
    const std::string user = name(tenant, users.front());
    return WithMetadata(WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "RESOURCE_IN_USE",
                                           fmt::format("{} points to the node", user)),
                                     "name", NodeName(tenant, node)),
                        "used_by", user);
  };
  FD_RETURN_IF_ERROR(check(kArticlesByNode.Key(tenant, node), ArticleName));
  FD_RETURN_IF_ERROR(check(kNodesByParent.Key(tenant, node), NodeName));
  return check(kNodesByRelated.Key(tenant, node), NodeName);
}

}  // namespace

absl::Status CreateKnowledgeNode(const v1::CreateKnowledgeNodeRequest& request,
                                 const engine::Context& context, engine::Txn& txn,
                                 v1::CreateKnowledgeNodeResponse* response) {
  const std::string id =
      request.knowledge_node_id().empty() ? context.NewId() : request.knowledge_node_id();
  const std::string name = NodeName(context.tenant, id);
  FD_ASSIGN_OR_RETURN(const auto existing, kNodes.Find(txn, kNodes.Key(context.tenant, id)));
  if (existing.has_value()) {
    return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                           "a knowledge node of this id exists"),
                                     "name", name),
                        "knowledge node", name);
  }
  records::KnowledgeNodeRecord record;
  v1::KnowledgeNode& node = *record.mutable_knowledge_node();
  FD_ASSIGN_OR_RETURN(node, MergeNode(v1::KnowledgeNode(), request.knowledge_node(), nullptr));
  node.set_name(name);
  node.set_kind(request.knowledge_node().kind());
  *node.mutable_create_time() = ToTimestamp(context.now);
  FD_RETURN_IF_ERROR(ValidateNode(node, id, "knowledge_node"));
  FD_RETURN_IF_ERROR(CheckReferences(txn, context.tenant, id, node));
  TouchNode(record, context.now);
  PutNode(txn, context.tenant, id, nullptr, record);
  *response->mutable_knowledge_node() = record.knowledge_node();
  return absl::OkStatus();
}

absl::Status UpdateKnowledgeNode(const v1::UpdateKnowledgeNodeRequest& request,
                                 const std::string& node, const engine::Context& context,
                                 engine::Txn& txn, v1::UpdateKnowledgeNodeResponse* response) {
  FD_ASSIGN_OR_RETURN(const auto before, LoadNode(txn, context.tenant, node));
  const v1::KnowledgeNode& current = before.knowledge_node();
  FD_RETURN_IF_ERROR(CheckEtag(current.etag(), request.knowledge_node().etag(), current.name()));
  FD_ASSIGN_OR_RETURN(const v1::KnowledgeNode merged,
                      MergeNode(current, request.knowledge_node(),
                                request.has_update_mask() ? &request.update_mask() : nullptr));
  FD_RETURN_IF_ERROR(ValidateNode(merged, node, "knowledge_node"));
  FD_RETURN_IF_ERROR(CheckReferences(txn, context.tenant, node, merged));
  records::KnowledgeNodeRecord after = before;
  if (!SameNode(merged, current)) {
    *after.mutable_knowledge_node() = merged;
    TouchNode(after, context.now);
    PutNode(txn, context.tenant, node, &before, after);
  }
  *response->mutable_knowledge_node() = after.knowledge_node();
  return absl::OkStatus();
}

absl::Status DeleteKnowledgeNode(const v1::DeleteKnowledgeNodeRequest& request,
                                 const std::string& node, const engine::Context& context,
                                 engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto record, LoadNode(txn, context.tenant, node));
  FD_RETURN_IF_ERROR(
      CheckEtag(record.knowledge_node().etag(), request.etag(), record.knowledge_node().name()));
  FD_RETURN_IF_ERROR(CheckUnused(txn, context.tenant, node));
  DeleteNode(txn, context.tenant, node, record);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
