#include "services/knowledge/domain/graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "services/knowledge/domain/text_checks.h"

namespace frontdesk::knowledge {
namespace {

absl::Status Circle(std::string_view field, const std::string& path) {
  return WithMetadata(
      WithMetadata(WithField(Error(absl::StatusCode::kFailedPrecondition, "REFERENCE_CYCLE",
                                   fmt::format("{} would go round in a circle: {}", field, path)),
                             field, "would go round in a circle"),
                   "field", field),
      "path", path);
}

absl::Status ValidateRelated(const v1::KnowledgeNode& node, std::string_view id,
                             std::string_view field) {
  if (node.related_nodes_size() > kMaxRelatedNodes) {
    return InvalidField(fmt::format("{}.related_nodes", field),
                        fmt::format("must be at most {}", kMaxRelatedNodes));
  }
  std::set<std::string> seen;
  for (int i = 0; i < node.related_nodes_size(); ++i) {
    const std::string place = fmt::format("{}.related_nodes[{}]", field, i);
    FD_RETURN_IF_ERROR(ValidateId(node.related_nodes(i), place));
    if (node.related_nodes(i) == id) return InvalidField(place, "is the node itself");
    if (!seen.insert(node.related_nodes(i)).second) return InvalidField(place, "is given twice");
  }
  return absl::OkStatus();
}

absl::Status ValidateAliases(const v1::KnowledgeNode& node, std::string_view field) {
  if (node.aliases_size() > kMaxAliases) {
    return InvalidField(fmt::format("{}.aliases", field),
                        fmt::format("must be at most {}", kMaxAliases));
  }
  std::set<std::string> seen;
  for (int i = 0; i < node.aliases_size(); ++i) {
    const std::string place = fmt::format("{}.aliases[{}]", field, i);
    FD_RETURN_IF_ERROR(CheckLine(node.aliases(i), kMaxAliasCharacters, place));
    if (!seen.insert(node.aliases(i)).second) return InvalidField(place, "is given twice");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateNode(const v1::KnowledgeNode& node, std::string_view id,
                          std::string_view field) {
  if (node.kind() == v1::KNOWLEDGE_NODE_KIND_UNSPECIFIED ||
      !v1::KnowledgeNodeKind_IsValid(node.kind())) {
    return InvalidField(fmt::format("{}.kind", field),
                        "must be PRODUCT, PRODUCT_MODULE, ERROR or SOLUTION");
  }
  FD_RETURN_IF_ERROR(CheckLine(node.display_name(), kMaxDisplayNameCharacters,
                               fmt::format("{}.display_name", field)));
  if (!node.parent_node().empty()) {
    FD_RETURN_IF_ERROR(ValidateId(node.parent_node(), fmt::format("{}.parent_node", field)));
  }
  FD_RETURN_IF_ERROR(ValidateRelated(node, id, field));
  return ValidateAliases(node, field);
}

bool MayLieBelow(v1::KnowledgeNodeKind child, v1::KnowledgeNodeKind parent) {
  switch (child) {
    case v1::KNOWLEDGE_NODE_KIND_PRODUCT:
      return parent == v1::KNOWLEDGE_NODE_KIND_PRODUCT;
    case v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE:
      return parent == v1::KNOWLEDGE_NODE_KIND_PRODUCT ||
             parent == v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE;
    case v1::KNOWLEDGE_NODE_KIND_ERROR:
      return parent == v1::KNOWLEDGE_NODE_KIND_ERROR || parent == v1::KNOWLEDGE_NODE_KIND_PRODUCT ||
             parent == v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE;
    case v1::KNOWLEDGE_NODE_KIND_SOLUTION:
      return parent == v1::KNOWLEDGE_NODE_KIND_SOLUTION || parent == v1::KNOWLEDGE_NODE_KIND_ERROR;
    default:
      return false;
  }
}

std::string KindName(v1::KnowledgeNodeKind kind) {
  return v1::KnowledgeNodeKind_Name(kind).substr(sizeof("KNOWLEDGE_NODE_KIND_") - 1);
}

absl::StatusOr<v1::KnowledgeNode> MergeNode(const v1::KnowledgeNode& current,
                                            const v1::KnowledgeNode& wanted,
                                            const google::protobuf::FieldMask* mask) {
  bool name = false, parent = false, related = false, aliases = false;
  if (mask == nullptr || mask->paths_size() == 0) {
    name = !wanted.display_name().empty();
    parent = !wanted.parent_node().empty();
    related = wanted.related_nodes_size() > 0;
    aliases = wanted.aliases_size() > 0;
  } else {
    for (const std::string& path : mask->paths()) {
      const bool all = path == "*";
      name |= all || path == "display_name";
      parent |= all || path == "parent_node";
      related |= all || path == "related_nodes";
      aliases |= all || path == "aliases";
      if (!all && path != "display_name" && path != "parent_node" && path != "related_nodes" &&
          path != "aliases") {
        return InvalidField("update_mask",
                            "may name display_name, parent_node, related_nodes, aliases or *");
      }
    }
  }
  v1::KnowledgeNode merged = current;
  if (name) merged.set_display_name(wanted.display_name());
  if (parent) merged.set_parent_node(wanted.parent_node());
  if (related) *merged.mutable_related_nodes() = wanted.related_nodes();
  if (aliases) *merged.mutable_aliases() = wanted.aliases();
  return merged;
}

bool SameNode(const v1::KnowledgeNode& a, const v1::KnowledgeNode& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

void TouchNode(store::v1::KnowledgeNodeRecord& record, absl::Time now) {
  record.set_version(record.version() + 1);
  v1::KnowledgeNode& node = *record.mutable_knowledge_node();
  node.set_etag(fmt::format("{}", record.version()));
  *node.mutable_update_time() = ToTimestamp(now);
}

absl::StatusOr<std::vector<std::string>> ParentsOf(const std::string& id, const std::string& parent,
                                                   const Neighbours& parent_of,
                                                   std::string_view field) {
  std::vector<std::string> parents;
  std::string path = id;
  for (std::string at = parent; !at.empty();) {
    path += " > " + at;
    if (at == id) return Circle(field, path);
    parents.push_back(at);
    if (static_cast<int>(parents.size()) >= kMaxNodeDepth) {
      return InvalidField(field, fmt::format("would lie more than {} levels deep", kMaxNodeDepth));
    }
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> above, parent_of(at));
    at = above.empty() ? "" : above.front();
  }
  return parents;
}

absl::Status CheckNoCircle(const std::string& id, const std::vector<std::string>& targets,
                           const Neighbours& next, std::string_view field) {
  std::map<std::string, std::string> came_from;
  std::vector<std::string> open;
  const auto reach = [&](const std::string& from, const std::string& to) {
    if (came_from.emplace(to, from).second) open.push_back(to);
  };
  for (const std::string& target : targets) reach(id, target);
  while (!open.empty()) {
    const std::string at = std::move(open.back());
    open.pop_back();
    if (at == id) {
      std::string path = id;
      std::string back = came_from[id];
      // Backwards from the end to the start.
      for (; back != id; back = came_from[back]) path = back + " > " + path;
      return Circle(field, id + " > " + path);
    }
    if (static_cast<int>(came_from.size()) > kMaxLinkWalk) {
      return InvalidField(field, fmt::format("leads to more than {} others", kMaxLinkWalk));
    }
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> further, next(at));
    for (const std::string& to : further) reach(at, to);
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
