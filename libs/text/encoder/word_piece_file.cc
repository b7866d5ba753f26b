// Reading a tokenizer.json; what is done with it stands in word_piece.cc.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/encoder/word_piece.h"

namespace frontdesk::text {
namespace {

using Json = nlohmann::json;

// Vocabularies of BERT's kind have 8 000 to 250 000 entries.
constexpr size_t kVocabularyMax = size_t{1} << 20;

absl::Status Bad(std::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
               fmt::format("tokenizer.json: {}", what));
}

const Json* Child(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto it = json.find(key);
  return it == json.end() || it->is_null() ? nullptr : &*it;
}

std::string Text(const Json& json, const char* key) {
  const Json* child = Child(json, key);
  return child != nullptr && child->is_string() ? child->get<std::string>() : std::string();
}

bool Flag(const Json& json, const char* key, bool otherwise) {
  const Json* child = Child(json, key);
  return child != nullptr && child->is_boolean() ? child->get<bool>() : otherwise;
}

std::optional<int32_t> Id(const Json* json) {
  if (json == nullptr || !json->is_number_integer()) return std::nullopt;
  const int64_t id = json->get<int64_t>();
  if (id < 0 || id >= static_cast<int64_t>(kVocabularyMax)) return std::nullopt;
  return static_cast<int32_t>(id);
}

const Json& AsJson(const void* json) { return *static_cast<const Json*>(json); }

}  // namespace

absl::Status WordPiece::ReadVocabulary(const void* json) {
  const Json* model = Child(AsJson(json), "model");
  // Older files leave the type out.
  if (model == nullptr || (Text(*model, "type") != "WordPiece" && !Text(*model, "type").empty())) {
    return Bad("the model is not WordPiece");
  }
  const Json* vocabulary = Child(*model, "vocab");
  if (vocabulary == nullptr || !vocabulary->is_object() || vocabulary->empty() ||
      vocabulary->size() > kVocabularyMax) {
    return Bad("model.vocab is missing, empty or too large");
  }
  const std::string prefix = Text(*model, "continuing_subword_prefix");
  if (prefix.empty()) return Bad("model.continuing_subword_prefix is missing");
  if (const Json* most = Child(*model, "max_input_chars_per_word")) {
    if (!most->is_number_unsigned()) return Bad("model.max_input_chars_per_word is no number");
    word_chars_max_ = std::clamp<size_t>(most->get<size_t>(), 1, 1000);
  }
  names_ = std::make_unique<std::string>();
  size_t bytes = 0;
  for (const auto& [name, id] : vocabulary->items()) bytes += name.size();
  names_->reserve(bytes);  // the views stay where they point
  for (const auto& [name, value] : vocabulary->items()) {
    const std::optional<int32_t> id = Id(&value);
    if (!id.has_value()) return Bad("model.vocab has an id that is none");
    const bool piece = name.starts_with(prefix) && name.size() > prefix.size();
    const size_t at = names_->size();
    names_->append(piece ? std::string_view(name).substr(prefix.size()) : std::string_view(name));
    const std::string_view stored = std::string_view(*names_).substr(at);
    longest_bytes_ = std::max(longest_bytes_, stored.size());
    vocabulary_size_ = std::max(vocabulary_size_, static_cast<size_t>(*id) + 1);
    (piece ? pieces_ : words_).emplace(stored, *id);
  }
  const auto unknown = words_.find(Text(*model, "unk_token"));
  if (unknown == words_.end()) return Bad("model.unk_token is not in the vocabulary");
  unknown_id_ = unknown->second;
  const auto pad = words_.find("[PAD]");
  pad_id_ = pad == words_.end() ? 0 : pad->second;
  return absl::OkStatus();
}

absl::Status WordPiece::ReadNormalizer(const void* json) {
  const Json* normalizer = Child(AsJson(json), "normalizer");
  if (normalizer == nullptr || Text(*normalizer, "type") != "BertNormalizer") {
    return Bad("the normalizer is not BertNormalizer");
  }
  clean_ = Flag(*normalizer, "clean_text", true);
  space_han_ = Flag(*normalizer, "handle_chinese_chars", true);
  fold_.lower_case = Flag(*normalizer, "lowercase", true);
  fold_.strip_accents = Flag(*normalizer, "strip_accents", fold_.lower_case);
  const Json* splitter = Child(AsJson(json), "pre_tokenizer");
  if (splitter == nullptr || Text(*splitter, "type") != "BertPreTokenizer") {
    return Bad("the pre_tokenizer is not BertPreTokenizer");
  }
  return absl::OkStatus();
}

absl::Status WordPiece::ReadEnds(const void* json) {
  const Json* ends = Child(AsJson(json), "post_processor");
  if (ends == nullptr) return absl::OkStatus();
  if (Text(*ends, "type") == "BertProcessing") {
    for (const auto& [key, ids] : {std::pair("cls", &before_), std::pair("sep", &after_)}) {
      const Json* pair = Child(*ends, key);
      const bool whole = pair != nullptr && pair->is_array() && pair->size() == 2;
      const std::optional<int32_t> id = Id(whole ? &(*pair)[1] : nullptr);
      if (!id.has_value()) return Bad("post_processor names no tokens for the ends");
      ids->push_back(*id);
    }
    return absl::OkStatus();
  }
  const Json* single = Child(*ends, "single");
  if (Text(*ends, "type") != "TemplateProcessing" || single == nullptr || !single->is_array()) {
    return Bad("the post_processor is neither TemplateProcessing nor BertProcessing");
  }
  std::vector<int32_t>* ids = &before_;
  for (const Json& part : *single) {
    if (Child(part, "Sequence") != nullptr) {
      ids = &after_;
      continue;
    }
    const Json* special = Child(part, "SpecialToken");
    const auto known = words_.find(special == nullptr ? std::string() : Text(*special, "id"));
    if (known == words_.end() || before_.size() + after_.size() >= 8) {
      return Bad("post_processor.single has a token that is not in the vocabulary");
    }
    ids->push_back(known->second);
  }
  return absl::OkStatus();
}

absl::Status WordPiece::ReadAddedTokens(const void* json) {
  const Json* added = Child(AsJson(json), "added_tokens");
  if (added == nullptr || !added->is_array()) return absl::OkStatus();
  for (const Json& token : *added) {
    const std::optional<int32_t> id = Id(Child(token, "id"));
    std::string content = Text(token, "content");
    if (!id.has_value() || content.empty() || specials_.size() >= 1000) {
      return Bad("added_tokens has an entry without id or content");
    }
    // The reference would match these in other ways than in the text as it is written.
    for (const char* way : {"single_word", "lstrip", "rstrip", "normalized"}) {
      if (Flag(token, way, false)) {
        return Bad(fmt::format("added token {} wants {}, which is not supported", content, way));
      }
    }
    vocabulary_size_ = std::max(vocabulary_size_, static_cast<size_t>(*id) + 1);
    specials_.push_back({std::move(content), *id});
  }
  // The longest at one place wins.
  std::ranges::stable_sort(specials_, std::ranges::greater(),
                           [](const Special& special) { return special.content.size(); });
  return absl::OkStatus();
}

absl::StatusOr<WordPiece> WordPiece::Parse(std::string_view tokenizer_json) {
  const Json json = Json::parse(tokenizer_json, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Bad("is not a JSON object");
  WordPiece made;
  FD_RETURN_IF_ERROR(made.ReadVocabulary(&json));
  FD_RETURN_IF_ERROR(made.ReadNormalizer(&json));
  FD_RETURN_IF_ERROR(made.ReadEnds(&json));
  FD_RETURN_IF_ERROR(made.ReadAddedTokens(&json));
  return made;
}

}  // namespace frontdesk::text
