#include "services/knowledge/domain/graph.h"

#include <catch2/catch.hpp>

#include <map>

#include <fmt/core.h>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

using Edges = std::map<std::string, std::vector<std::string>>;

Neighbours Over(const Edges& edges) {
  return [&edges](const std::string& id) -> absl::StatusOr<std::vector<std::string>> {
    const auto found = edges.find(id);
    return found == edges.end() ? std::vector<std::string>() : found->second;
  };
}

std::string PathOf(const absl::Status& status) {
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "path") return value;
  }
  return "";
}

v1::KnowledgeNode Node(v1::KnowledgeNodeKind kind, const std::string& name) {
  v1::KnowledgeNode node;
  node.set_kind(kind);
  node.set_display_name(name);
  return node;
}

}  // namespace

TEST_CASE("parents are walked up to the top, and a circle is named") {
  const Edges edges = {{"b", {"c"}}, {"c", {"d"}}, {"x", {"a"}}};
  const auto parents = ParentsOf("a", "b", Over(edges), "parent_node");
  REQUIRE(parents.ok());
  CHECK(*parents == std::vector<std::string>{"b", "c", "d"});
  CHECK(ParentsOf("a", "", Over(edges), "parent_node")->empty());
  const absl::Status circle = ParentsOf("a", "x", Over(edges), "parent_node").status();
  CHECK(absl::IsFailedPrecondition(circle));
  CHECK(ReasonOf(circle) == "REFERENCE_CYCLE");
  CHECK(PathOf(circle) == "a > x > a");
  CHECK(ReasonOf(ParentsOf("a", "a", Over(edges), "parent_node").status()) == "REFERENCE_CYCLE");
}

TEST_CASE("a tree of nodes has at most eight levels") {
  Edges edges;
  for (int i = 1; i < 20; ++i) edges[fmt::format("n{}", i)] = {fmt::format("n{}", i - 1)};
  CHECK(ParentsOf("new", "n6", Over(edges), "parent_node").ok());
  CHECK(ReasonOf(ParentsOf("new", "n7", Over(edges), "parent_node").status()) == "INVALID_FIELD");
}

TEST_CASE("links that lead back are refused with the way they take") {
  const Edges edges = {{"b", {"c", "d"}}, {"c", {"e"}}, {"d", {"a"}}, {"e", {"c"}}};
  CHECK(CheckNoCircle("z", {"b"}, Over(edges), "links").ok());
  CHECK(CheckNoCircle("a", {"c"}, Over(edges), "links").ok());
  CHECK(CheckNoCircle("a", {}, Over(edges), "links").ok());
  const absl::Status circle = CheckNoCircle("a", {"c", "b"}, Over(edges), "links");
  CHECK(ReasonOf(circle) == "REFERENCE_CYCLE");
  CHECK(PathOf(circle) == "a > b > d > a");
  CHECK(PathOf(CheckNoCircle("a", {"a"}, Over(edges), "links")) == "a > a");
}

TEST_CASE("a walk along links ends") {
  Edges edges;
  for (int i = 0; i < 2 * kMaxLinkWalk; ++i) {
    edges[fmt::format("n{}", i)] = {fmt::format("n{}", i + 1)};
  }
  CHECK(ReasonOf(CheckNoCircle("a", {"n0"}, Over(edges), "links")) == "INVALID_FIELD");
  CHECK(CheckNoCircle("a", {"n600"}, Over(edges), "links").ok());
}

TEST_CASE("each kind of node has its place") {
  using K = v1::KnowledgeNodeKind;
  constexpr K kProduct = v1::KNOWLEDGE_NODE_KIND_PRODUCT;
  constexpr K kModule = v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE;
  constexpr K kError = v1::KNOWLEDGE_NODE_KIND_ERROR;
  constexpr K kSolution = v1::KNOWLEDGE_NODE_KIND_SOLUTION;
  struct Case {
    K child;
    std::vector<K> above;
  };
  const Case kCases[] = {{kProduct, {kProduct}},
                         {kModule, {kProduct, kModule}},
                         {kError, {kProduct, kModule, kError}},
                         {kSolution, {kError, kSolution}}};
  for (const Case& c : kCases) {
    for (const K parent : {kProduct, kModule, kError, kSolution}) {
      INFO(KindName(c.child) << " below " << KindName(parent));
      const bool allowed = std::find(c.above.begin(), c.above.end(), parent) != c.above.end();
      CHECK(MayLieBelow(c.child, parent) == allowed);
    }
  }
}

TEST_CASE("what is wrong with a node is named") {
  const auto field = [](const v1::KnowledgeNode& node) {
    const absl::Status status = ValidateNode(node, "own", "node");
    return status.ok() ? "" : DetailsOf(status).fields.at(0).first;
  };
  const v1::KnowledgeNode good = Node(v1::KNOWLEDGE_NODE_KIND_ERROR, "E42 登录失败");
  CHECK(field(good) == "");
  CHECK(field(Node(v1::KNOWLEDGE_NODE_KIND_UNSPECIFIED, "x")) == "node.kind");
  CHECK(field(Node(v1::KNOWLEDGE_NODE_KIND_ERROR, "")) == "node.display_name");
  CHECK(field(Node(v1::KNOWLEDGE_NODE_KIND_ERROR, "a\nb")) == "node.display_name");
  CHECK(field(Node(v1::KNOWLEDGE_NODE_KIND_ERROR, "\xff")) == "node.display_name");
  v1::KnowledgeNode node = good;
  node.set_parent_node("Not An Id");
  CHECK(field(node) == "node.parent_node");
  node = good;
  node.add_related_nodes("own");
  CHECK(field(node) == "node.related_nodes[0]");
  node = good;
  for (int i = 0; i <= kMaxRelatedNodes; ++i) node.add_related_nodes(fmt::format("n{}", i));
  CHECK(field(node) == "node.related_nodes");
  node = good;
  node.add_aliases("a");
  node.add_aliases("a");
  CHECK(field(node) == "node.aliases[1]");
}

TEST_CASE("an update of a node changes what its mask names") {
  v1::KnowledgeNode current = Node(v1::KNOWLEDGE_NODE_KIND_ERROR, "old");
  current.set_parent_node("above");
  current.add_aliases("x");
  v1::KnowledgeNode wanted = Node(v1::KNOWLEDGE_NODE_KIND_PRODUCT, "new");
  struct Case {
    std::vector<std::string> paths;
    const char* name;
    const char* parent;
    int aliases;
  };
  const Case kCases[] = {{{}, "new", "above", 1},
                         {{"display_name"}, "new", "above", 1},
                         {{"parent_node"}, "old", "", 1},
                         {{"aliases", "display_name"}, "new", "above", 0},
                         {{"*"}, "new", "", 0}};
  for (const Case& c : kCases) {
    google::protobuf::FieldMask mask;
    for (const std::string& path : c.paths) mask.add_paths(path);
    const auto merged = MergeNode(current, wanted, &mask);
    REQUIRE(merged.ok());
    CHECK(merged->display_name() == c.name);
    CHECK(merged->parent_node() == c.parent);
    CHECK(merged->aliases_size() == c.aliases);
    CHECK(merged->kind() == v1::KNOWLEDGE_NODE_KIND_ERROR);
  }
  google::protobuf::FieldMask kind;
  kind.add_paths("kind");
  CHECK(absl::IsInvalidArgument(MergeNode(current, wanted, &kind).status()));
}
