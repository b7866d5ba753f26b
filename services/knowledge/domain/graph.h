#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/field_mask.pb.h"

// The graph of products, modules, errors and solutions, and that nothing in it, nor the links of
// articles, goes round in a circle.
namespace frontdesk::knowledge {

inline constexpr int kMaxDisplayNameCharacters = 100;
inline constexpr int kMaxRelatedNodes = 50;
inline constexpr int kMaxAliases = 20;
inline constexpr int kMaxAliasCharacters = 64;
// Levels of a tree of nodes, the node itself included.
inline constexpr int kMaxNodeDepth = 8;
// Articles looked at for a circle of links.
inline constexpr int kMaxLinkWalk = 500;

// INVALID_FIELD below `field`. What it refers to is not looked up here. `id`: its own.
absl::Status ValidateNode(const v1::KnowledgeNode& node, std::string_view id,
                          std::string_view field);
// A module lies below a product or a module, and so on.
bool MayLieBelow(v1::KnowledgeNodeKind child, v1::KnowledgeNodeKind parent);
// "PRODUCT_MODULE".
std::string KindName(v1::KnowledgeNodeKind kind);

// `current` with the fields of `wanted` that the mask names; an absent one takes the populated ones.
absl::StatusOr<v1::KnowledgeNode> MergeNode(const v1::KnowledgeNode& current,
                                            const v1::KnowledgeNode& wanted,
                                            const google::protobuf::FieldMask* mask);
bool SameNode(const v1::KnowledgeNode& a, const v1::KnowledgeNode& b);
// Raises the version and what is made of it.
void TouchNode(store::v1::KnowledgeNodeRecord& record, absl::Time now);

// Where one may go from an id.
using Neighbours = std::function<absl::StatusOr<std::vector<std::string>>(const std::string& id)>;

// The chain of parents above `id`, nearest first. REFERENCE_CYCLE when it meets `id` again, and
// INVALID_FIELD when there are more than kMaxNodeDepth levels. `parent_of` gives none or one.
absl::StatusOr<std::vector<std::string>> ParentsOf(const std::string& id, const std::string& parent,
                                                   const Neighbours& parent_of,
                                                   std::string_view field);
// REFERENCE_CYCLE when one comes from one of `targets` back to `id`; INVALID_FIELD when more than
// kMaxLinkWalk ids can be reached.
absl::Status CheckNoCircle(const std::string& id, const std::vector<std::string>& targets,
                           const Neighbours& next, std::string_view field);

}  // namespace frontdesk::knowledge
