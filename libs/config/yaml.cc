#include "libs/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <sstream>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/config/nearest.h"
#include "libs/config/parse.h"

namespace frontdesk::config {
namespace {

constexpr size_t kMaxNodes = 100'000;
constexpr int kMaxDepth = 32;

absl::Status ErrorAt(std::string_view source, int line, int column, std::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
               fmt::format("{}:{}:{}: {}", source, line, column, message));
}

std::string_view Describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "";
}

// Sees where documents start and nothing else.
class DocumentStarts : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { last = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark last;
};

// yaml-cpp's Load reads the first document and ignores the rest; its LoadAll never ends when a
// document starts with a comma. So the second one is only looked for.
absl::Status CheckOneDocument(const std::string& text, std::string_view source) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  DocumentStarts starts;
  if (!parser.HandleNextDocument(starts) || !parser.HandleNextDocument(starts)) {
    return absl::OkStatus();
  }
  return ErrorAt(source, starts.last.line + 1, starts.last.column + 1,
                 "a second document starts here");
}

}  // namespace

// Turns yaml-cpp's graph into a tree of values. Aliases are written out, so nodes are counted: a
// few lines of nested aliases could name billions.
class YamlReader {
 public:
  explicit YamlReader(std::string_view source) : source_(source) {}

  absl::Status Read(const YAML::Node& from, int depth, Node& to) {
    to.source_ = source_;
    // An empty document has no mark of its own.
    to.line_ = std::max(from.Mark().line, 0) + 1;
    to.column_ = std::max(from.Mark().column, 0) + 1;
    if (depth > kMaxDepth) return to.ErrorHere("nested too deeply");
    if (++nodes_ > kMaxNodes) return to.ErrorHere(fmt::format("more than {} values", kMaxNodes));
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return absl::OkStatus();
      case YAML::NodeType::Scalar:
        to.kind_ = Node::Kind::kScalar;
        to.scalar_ = from.Scalar();
        return absl::OkStatus();
      case YAML::NodeType::Sequence:
        return ReadList(from, depth, to);
      case YAML::NodeType::Map:
        return ReadMap(from, depth, to);
    }
    return to.ErrorHere("unknown kind of value");
  }

 private:
  absl::Status ReadList(const YAML::Node& from, int depth, Node& to) {
    to.kind_ = Node::Kind::kList;
    for (const YAML::Node& item : from) {
      FD_RETURN_IF_ERROR(Read(item, depth + 1, to.items_.emplace_back()));
    }
    return absl::OkStatus();
  }

  absl::Status ReadMap(const YAML::Node& from, int depth, Node& to) {
    to.kind_ = Node::Kind::kMap;
    std::unordered_set<std::string> seen;
    for (const auto& entry : from) {
      const YAML::Mark mark = entry.first.Mark();
      if (!entry.first.IsScalar()) {
        return ErrorAt(source_, mark.line + 1, mark.column + 1, "a key must be a single value");
      }
      const std::string& key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        return ErrorAt(source_, mark.line + 1, mark.column + 1,
                       fmt::format("key '{}' stands here twice", key));
      }
      Node value;
      FD_RETURN_IF_ERROR(Read(entry.second, depth + 1, value));
      // Problems with a value are looked for where its key stands.
      value.line_ = mark.line + 1;
      value.column_ = mark.column + 1;
      to.entries_.emplace_back(key, std::move(value));
    }
    return absl::OkStatus();
  }

  const std::string source_;
  size_t nodes_ = 0;
};

const Node* Node::Find(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name == key) return &value;
  }
  return nullptr;
}

absl::Status Node::ErrorHere(std::string_view message) const {
  return ErrorAt(source_, line_, column_, message);
}

absl::Status Node::CheckKeys(std::initializer_list<std::string_view> known) const {
  if (!IsMap()) return ErrorHere(fmt::format("expected a map, found {}", Describe(kind_)));
  for (const auto& [key, value] : entries_) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    return value.ErrorHere(fmt::format("unknown key '{}'{}", key, DidYouMean(key, names)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Node::AsString() const {
  if (IsScalar()) return scalar_;
  return ErrorHere(fmt::format("expected a single value, found {}", Describe(kind_)));
}

absl::StatusOr<bool> Node::AsBool() const {
  if (const auto value = ParseBool(scalar_); value && IsScalar()) return *value;
  return ErrorHere("expected true or false");
}

absl::StatusOr<int64_t> Node::AsInt64() const {
  if (const auto value = ParseInt64(scalar_); value && IsScalar()) return *value;
  return ErrorHere("expected a whole number");
}

absl::StatusOr<double> Node::AsDouble() const {
  if (const auto value = ParseDouble(scalar_); value && IsScalar()) return *value;
  return ErrorHere("expected a number");
}

absl::StatusOr<absl::Duration> Node::AsDuration() const {
  if (const auto value = ParseDuration(scalar_); value && IsScalar()) return *value;
  return ErrorHere("expected a duration such as 300ms or 1h30m");
}

absl::StatusOr<std::vector<std::string>> Node::AsStrings() const {
  if (!IsList()) return ErrorHere(fmt::format("expected a list, found {}", Describe(kind_)));
  std::vector<std::string> strings;
  for (const Node& item : items_) {
    FD_ASSIGN_OR_RETURN(std::string text, item.AsString());
    strings.push_back(std::move(text));
  }
  return strings;
}

absl::StatusOr<std::string> Node::RequireString(std::string_view key) const {
  const Node* value = Find(key);
  if (value == nullptr) return ErrorHere(fmt::format("'{}' is missing", key));
  return value->AsString();
}

absl::StatusOr<std::string> Node::StringOr(std::string_view key, std::string_view otherwise) const {
  const Node* value = Find(key);
  if (value == nullptr) return std::string(otherwise);
  return value->AsString();
}

absl::StatusOr<int64_t> Node::Int64Or(std::string_view key, int64_t otherwise) const {
  const Node* value = Find(key);
  if (value == nullptr) return otherwise;
  return value->AsInt64();
}

absl::StatusOr<bool> Node::BoolOr(std::string_view key, bool otherwise) const {
  const Node* value = Find(key);
  if (value == nullptr) return otherwise;
  return value->AsBool();
}

absl::StatusOr<absl::Duration> Node::DurationOr(std::string_view key,
                                                absl::Duration otherwise) const {
  const Node* value = Find(key);
  if (value == nullptr) return otherwise;
  return value->AsDuration();
}

absl::StatusOr<std::vector<std::string>> Node::StringsOr(std::string_view key,
                                                         std::vector<std::string> otherwise) const {
  const Node* value = Find(key);
  if (value == nullptr) return otherwise;
  return value->AsStrings();
}

absl::StatusOr<std::vector<Node>> Node::ListOr(std::string_view key) const {
  const Node* value = Find(key);
  if (value == nullptr || value->IsNull()) return std::vector<Node>();
  if (value->IsList()) return value->items();
  return value->ErrorHere(fmt::format("expected a list, found {}", Describe(value->kind())));
}

absl::StatusOr<Node> ParseYaml(std::string_view text, std::string_view source) {
  if (text.size() > kMaxYamlBytes) {
    return ErrorAt(source, 1, 1, fmt::format("larger than {} bytes", kMaxYamlBytes));
  }
  if (!IsValidUtf8(text)) return ErrorAt(source, 1, 1, "not UTF-8");
  try {
    const std::string owned(text);
    FD_RETURN_IF_ERROR(CheckOneDocument(owned, source));
    Node root;
    FD_RETURN_IF_ERROR(YamlReader(source).Read(YAML::Load(owned), 0, root));
    return root;
  } catch (const YAML::Exception& error) {
    return ErrorAt(source, error.mark.line + 1, error.mark.column + 1, error.msg);
  } catch (const std::exception& error) {
    return ErrorAt(source, 1, 1, error.what());
  }
}

absl::StatusOr<Node> ReadYamlFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("file", path);
  std::string text(kMaxYamlBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return absl::UnavailableError(ToAbsl("cannot read " + path));
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseYaml(text, path);
}

}  // namespace frontdesk::config
