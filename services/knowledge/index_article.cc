#include "services/knowledge/index_article.h"

#include <map>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/passages.h"
#include "services/knowledge/int8_vectors.h"

namespace frontdesk::knowledge {
namespace {

enum UnitKind : uint32_t { kTitle = 0, kQuestion = 1, kPassage = 2 };

struct Unit {
  uint32_t kind;
  int32_t ordinal;
  std::string text;
};

// Passages stand behind their title: "It takes three days." says too little alone.
std::vector<Unit> UnitsOf(const IndexEntry& entry) {
  std::vector<Unit> units;
  if (entry.passages.empty()) return units;
  const IndexedPassage& first = entry.passages.front();
  units.push_back({kTitle, 0, first.title()});
  for (int i = 0; i < first.questions_size(); ++i) {
    units.push_back({kQuestion, i, first.questions(i)});
  }
  for (const IndexedPassage& passage : entry.passages) {
    units.push_back(
        {kPassage, passage.start_byte(), fmt::format("{}\n{}", passage.title(), passage.text())});
  }
  return units;
}

// Text hash -> vector.
std::map<uint64_t, std::string> KnownVectors(const text::EncoderInfo& info,
                                             const IndexedArticle& known) {
  std::map<uint64_t, std::string> vectors;
  const auto bytes = static_cast<size_t>(info.dimensions);
  if (known.encoder() != info.fingerprint ||
      known.vectors().size() != bytes * static_cast<size_t>(known.units_size())) {
    return vectors;
  }
  for (int i = 0; i < known.units_size(); ++i) {
    vectors.emplace(known.units(i).text_hash(), known.vectors().substr(i * bytes, bytes));
  }
  return vectors;
}

absl::Status EncodeMissing(text::Encoder& encoder, const std::map<uint64_t, std::string>& missing,
                           std::map<uint64_t, std::string>& vectors) {
  if (missing.empty()) return absl::OkStatus();
  std::vector<std::string_view> texts;
  for (const auto& [hash, text] : missing) texts.push_back(text);
  FD_ASSIGN_OR_RETURN(const std::vector<float> rows, encoder.Encode(texts));
  const auto dimensions = static_cast<size_t>(encoder.info().dimensions);
  size_t row = 0;
  for (const auto& [hash, text] : missing) {
    vectors[hash] = Quantize(std::span(rows).subspan(row++ * dimensions, dimensions));
  }
  return absl::OkStatus();
}

}  // namespace

IndexEntry MakeIndexEntry(std::string_view article, const v1::ArticleVersion& version) {
  IndexEntry entry;
  const v1::ArticleContent& content = version.content();
  for (const PassageSpan& span : SplitPassages(content.body())) {
    IndexedPassage& passage = entry.passages.emplace_back();
    passage.set_article_version(version.name());
    passage.set_article(std::string(article));
    passage.set_locale(version.locale());
    passage.set_title(content.title());
    *passage.mutable_questions() = content.questions();
    *passage.mutable_tags() = content.tags();
    passage.set_product(content.product());
    passage.set_product_module(content.product_module());
    passage.set_error_type(content.error_type());
    passage.set_solution_kind(content.solution_kind());
    *passage.mutable_product_versions() = content.product_versions();
    passage.set_audience(AudienceOf(content));
    passage.set_start_byte(span.begin);
    passage.set_end_byte(span.end);
    passage.set_text(content.body().substr(span.begin, span.end - span.begin));
  }
  DescribeArticle(entry);
  return entry;
}

void DescribeArticle(IndexEntry& entry) {
  if (entry.passages.empty()) return;
  const IndexedPassage& passage = entry.passages.front();
  IndexedArticle& article = entry.article;
  article.set_article(passage.article());
  article.set_locale(passage.locale());
  article.set_article_version(passage.article_version());
  *article.mutable_tags() = passage.tags();
  article.set_product(passage.product());
  article.set_product_module(passage.product_module());
  article.set_error_type(passage.error_type());
  article.set_solution_kind(passage.solution_kind());
  *article.mutable_product_versions() = passage.product_versions();
  article.set_audience(passage.audience());
}

absl::StatusOr<size_t> AddVectors(text::Encoder& encoder, const IndexedArticle& known,
                                  IndexEntry& entry) {
  const text::EncoderInfo& info = encoder.info();
  const std::vector<Unit> units = UnitsOf(entry);
  std::map<uint64_t, std::string> vectors = KnownVectors(info, known);
  std::map<uint64_t, std::string> missing;
  std::vector<uint64_t> hashes;
  for (const Unit& unit : units) {
    hashes.push_back(Fingerprint64(unit.text));
    if (!vectors.contains(hashes.back())) missing.emplace(hashes.back(), unit.text);
  }
  FD_RETURN_IF_ERROR(EncodeMissing(encoder, missing, vectors));
  IndexedArticle& article = entry.article;
  article.set_encoder(info.fingerprint);
  article.set_dimensions(info.dimensions);
  for (size_t i = 0; i < units.size(); ++i) {
    auto& unit = *article.add_units();
    unit.set_kind(units[i].kind);
    unit.set_ordinal(units[i].ordinal);
    unit.set_text_hash(hashes[i]);
    article.mutable_vectors()->append(vectors[hashes[i]]);
  }
  return missing.size();
}

}  // namespace frontdesk::knowledge
