#include "services/knowledge/article_table.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "libs/base/absl_interop.h"

namespace frontdesk::knowledge {
namespace {

constexpr uint8_t kTitleUnit = 0;
constexpr uint8_t kQuestionUnit = 1;
constexpr size_t kCoarseRows = 4096;
constexpr size_t kFacetValuesMax = 20;

std::vector<VersionSpan> SpansOf(const IndexedArticle& article) {
  std::vector<VersionSpan> spans;
  for (const v1::VersionRange& range : article.product_versions()) {
    spans.push_back(
        {ParseProductVersion(range.min_version()), ParseProductVersion(range.max_version())});
  }
  return spans;
}

// Of a vector in bytes with the query as it is, of unit length: nearer than with both rounded.
float CosineOf(const int8_t* row, float inverse_length, std::span<const float> query) {
  float sum = 0;
  for (size_t i = 0; i < query.size(); ++i) sum += static_cast<float>(row[i]) * query[i];
  return sum * inverse_length;
}

const int8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const int8_t*>(text.data());
}

}  // namespace

void ArticleTable::Apply(std::span<const Change> changes) {
  std::lock_guard lock(mu_);
  for (const Change& change : changes) {
    Remove(change);
    if (change.article != nullptr) Put(change);
  }
}

ArticleTable::ValueId ArticleTable::Intern(const std::string& value) {
  if (value.empty()) return 0;
  const auto [found, is_new] = value_ids_.try_emplace(value, static_cast<ValueId>(values_.size()));
  if (is_new) values_.push_back(value);
  return found->second;
}

void ArticleTable::Put(const Change& change) {
  const IndexedArticle& article = *change.article;
  Tenant& tenant = tenants_[change.tenant];
  std::unique_ptr<Space>& space = tenant.spaces[article.locale()];
  if (space == nullptr) space = std::make_unique<Space>();
  uint32_t number = 0;
  if (space->free.empty()) {
    number = static_cast<uint32_t>(space->entries.size());
    space->entries.emplace_back();
  } else {
    number = space->free.back();
    space->free.pop_back();
  }
  Entry& entry = space->entries[number];
  entry = Entry();
  entry.id = change.id;
  for (const std::string& tag : article.tags()) entry.tags.push_back(Intern(tag));
  entry.product = Intern(article.product());
  entry.product_module = Intern(article.product_module());
  entry.error_type = Intern(article.error_type());
  entry.solution_kind = Intern(article.solution_kind());
  if (article.audience() != v1::AUDIENCE_UNSPECIFIED) entry.audience = article.audience();
  entry.versions = SpansOf(article);
  AddRows(*space, number, article);
  tenant.articles[change.id] = {space.get(), number};
}

void ArticleTable::AddRows(Space& space, uint32_t number, const IndexedArticle& article) {
  const auto dimensions = static_cast<size_t>(std::max(0, article.dimensions()));
  if (article.units().empty() || dimensions == 0 ||
      article.vectors().size() != dimensions * static_cast<size_t>(article.units_size())) {
    return;
  }
  if (space.owner.empty()) {
    space.encoder = article.encoder();
    space.dimensions = dimensions;
  }
  // Vectors of two encoders are never in one array: the index is built anew when the encoder changes.
  if (space.encoder != article.encoder() || space.dimensions != dimensions) return;
  const int8_t* vectors = Bytes(article.vectors());
  const size_t words = SignWords(dimensions);
  Entry& entry = space.entries[number];
  for (const auto& unit : article.units()) {
    const auto row = static_cast<uint32_t>(space.owner.size());
    space.rows.insert(space.rows.end(), vectors, vectors + dimensions);
    space.signs.resize(space.signs.size() + words);
    Signs(vectors, dimensions, space.signs.data() + row * words);
    space.inverse_lengths.push_back(InverseLength(vectors, dimensions));
    space.owner.push_back(number);
    entry.units.push_back(
        {static_cast<uint8_t>(unit.kind()), unit.ordinal(), row, unit.text_hash()});
    vectors += dimensions;
  }
}

void ArticleTable::Remove(const Change& change) {
  const auto tenant = tenants_.find(change.tenant);
  if (tenant == tenants_.end()) return;
  const auto found = tenant->second.articles.find(change.id);
  if (found == tenant->second.articles.end()) return;
  Space& space = *found->second.space;
  const uint32_t number = found->second.entry;
  tenant->second.articles.erase(found);
  while (!space.entries[number].units.empty()) {
    const uint32_t row = space.entries[number].units.back().row;
    space.entries[number].units.pop_back();
    RemoveRow(space, row);
  }
  space.entries[number] = Entry();
  space.free.push_back(number);
}

// The last row moves to its place.
void ArticleTable::RemoveRow(Space& space, uint32_t row) {
  const auto last = static_cast<uint32_t>(space.owner.size() - 1);
  const size_t words = SignWords(space.dimensions);
  if (row != last) {
    std::copy_n(space.rows.begin() + static_cast<ptrdiff_t>(last * space.dimensions),
                space.dimensions,
                space.rows.begin() + static_cast<ptrdiff_t>(row * space.dimensions));
    std::copy_n(space.signs.begin() + static_cast<ptrdiff_t>(last * words), words,
                space.signs.begin() + static_cast<ptrdiff_t>(row * words));
    space.inverse_lengths[row] = space.inverse_lengths[last];
    space.owner[row] = space.owner[last];
    for (Unit& unit : space.entries[space.owner[row]].units) {
      if (unit.row == last) unit.row = row;
    }
  }
  space.rows.resize(last * space.dimensions);
  space.signs.resize(last * words);
  space.inverse_lengths.pop_back();
  space.owner.pop_back();
}

ArticleTable::Wanted ArticleTable::Look(const SearchFilter& filter) const {
  Wanted wanted;
  const auto look = [&](const std::string& value, ValueId& id) {
    if (value.empty()) return;
    const auto found = value_ids_.find(value);
    if (found == value_ids_.end()) {
      wanted.none = true;
    } else {
      id = found->second;
    }
  };
  look(filter.tag, wanted.tag);
  look(filter.product, wanted.product);
  look(filter.product_module, wanted.product_module);
  look(filter.error_type, wanted.error_type);
  look(filter.solution_kind, wanted.solution_kind);
  wanted.audience = filter.audience;
  if (!filter.product_version.empty()) {
    wanted.version = ParseProductVersion(filter.product_version);
    wanted.none |= !wanted.version.has_value();
  }
  wanted.any = filter == SearchFilter();
  return wanted;
}

bool ArticleTable::Passes(const Entry& entry, const Wanted& wanted) {
  if (entry.id.empty() || wanted.none) return false;
  if (wanted.any) return true;
  const auto is = [](ValueId value, ValueId wished) { return wished == 0 || value == wished; };
  if (!is(entry.product, wanted.product) || !is(entry.product_module, wanted.product_module) ||
      !is(entry.error_type, wanted.error_type) || !is(entry.solution_kind, wanted.solution_kind) ||
      entry.audience > wanted.audience) {
    return false;
  }
  if (wanted.tag != 0 &&
      std::find(entry.tags.begin(), entry.tags.end(), wanted.tag) == entry.tags.end()) {
    return false;
  }
  if (!wanted.version.has_value() || entry.versions.empty()) return true;
  return std::any_of(entry.versions.begin(), entry.versions.end(),
                     [&](const VersionSpan& span) { return Contains(span, *wanted.version); });
}

const ArticleTable::Tenant* ArticleTable::FindTenant(std::string_view tenant) const {
  const auto found = tenants_.find(ToAbsl(tenant));
  return found == tenants_.end() ? nullptr : &found->second;
}

const ArticleTable::Place* ArticleTable::FindArticle(std::string_view tenant,
                                                     std::string_view article) const {
  const Tenant* of = FindTenant(tenant);
  if (of == nullptr) return nullptr;
  const auto found = of->articles.find(ToAbsl(article));
  return found == of->articles.end() ? nullptr : &found->second;
}

std::vector<uint32_t> ArticleTable::CoarseRows(const Space& space, const std::string& query,
                                               const std::vector<uint8_t>& allowed) const {
  const size_t words = SignWords(space.dimensions);
  std::vector<uint64_t> signs(words);
  Signs(Bytes(query), space.dimensions, signs.data());
  std::vector<uint16_t> differences(space.owner.size());
  CountDifferences(signs.data(), space.signs.data(), space.owner.size(), words, differences.data());
  // How many rows differ in so many bits; then as many bits as give enough rows.
  std::vector<size_t> having(words * 64 + 1, 0);
  for (size_t row = 0; row < differences.size(); ++row) {
    if (allowed[space.owner[row]] != 0) ++having[differences[row]];
  }
  size_t bits = 0, rows = having[0];
  while (rows < kCoarseRows && bits + 1 < having.size()) rows += having[++bits];
  std::vector<uint32_t> out;
  out.reserve(rows);
  for (size_t row = 0; row < differences.size(); ++row) {
    if (differences[row] <= bits && allowed[space.owner[row]] != 0) {
      out.push_back(static_cast<uint32_t>(row));
    }
  }
  return out;
}

std::vector<ArticleTable::Near> ArticleTable::Nearest(std::string_view tenant,
                                                      std::string_view locale,
                                                      const QueryVector& query,
                                                      const SearchFilter& filter,
                                                      size_t limit) const {
  std::shared_lock lock(mu_);
  const Tenant* of = FindTenant(tenant);
  if (of == nullptr) return {};
  const auto found = of->spaces.find(locale);
  if (found == of->spaces.end()) return {};
  const Space& space = *found->second;
  if (space.encoder != query.encoder || space.dimensions != query.values.size()) return {};
  const Wanted wanted = Look(filter);
  if (wanted.none) return {};
  std::vector<uint8_t> allowed(space.entries.size());
  for (size_t i = 0; i < allowed.size(); ++i) allowed[i] = Passes(space.entries[i], wanted) ? 1 : 0;
  const std::string bytes = Quantize(query.values);
  const float inverse_length = InverseLength(Bytes(bytes), bytes.size());
  constexpr float kNone = std::numeric_limits<float>::lowest();
  std::vector<float> best(space.entries.size(), kNone);  // cosines
  const auto look_at = [&](size_t row) {
    const int32_t dot =
        dot_(Bytes(bytes), space.rows.data() + row * space.dimensions, space.dimensions);
    float& known = best[space.owner[row]];
    known = std::max(known, static_cast<float>(dot) * space.inverse_lengths[row] * inverse_length);
  };
  if (space.owner.size() > exact_max_) {
    for (const uint32_t row : CoarseRows(space, bytes, allowed)) look_at(row);
  } else {
    for (size_t row = 0; row < space.owner.size(); ++row) {
      if (allowed[space.owner[row]] != 0) look_at(row);
    }
  }
  std::vector<uint32_t> order;
  for (size_t i = 0; i < best.size(); ++i) {
    if (best[i] != kNone) order.push_back(static_cast<uint32_t>(i));
  }
  const size_t count = std::min(limit, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                    [&](uint32_t a, uint32_t b) {
                      return best[a] != best[b] ? best[a] > best[b]
                                                : space.entries[a].id < space.entries[b].id;
                    });
  std::vector<Near> near;
  for (size_t i = 0; i < count; ++i) {
    near.push_back({space.entries[order[i]].id, best[order[i]]});
  }
  return near;
}

std::optional<ArticleTable::UnitCosines> ArticleTable::CosinesOf(std::string_view tenant,
                                                                 std::string_view article,
                                                                 const QueryVector& query) const {
  std::shared_lock lock(mu_);
  const Place* place = FindArticle(tenant, article);
  if (place == nullptr) return std::nullopt;
  const Space& space = *place->space;
  const Entry& entry = space.entries[place->entry];
  if (entry.units.empty() || space.encoder != query.encoder ||
      space.dimensions != query.values.size()) {
    return std::nullopt;
  }
  UnitCosines cosines;
  for (const Unit& unit : entry.units) {
    const float cosine = CosineOf(space.rows.data() + unit.row * space.dimensions,
                                  space.inverse_lengths[unit.row], query.values);
    if (unit.kind == kTitleUnit) {
      cosines.title = cosine;
    } else if (unit.kind != kQuestionUnit) {
      cosines.passages.push_back({unit.ordinal, cosine});
    } else if (cosines.best_question < 0 || cosine > cosines.question) {
      cosines.question = cosine;
      cosines.best_question = unit.ordinal;
    }
  }
  return cosines;
}

bool ArticleTable::Allows(std::string_view tenant, std::string_view article,
                          const SearchFilter& filter) const {
  std::shared_lock lock(mu_);
  const Place* place = FindArticle(tenant, article);
  return place != nullptr && Passes(place->space->entries[place->entry], Look(filter));
}

std::vector<v1::FacetCount> ArticleTable::CountFacets(std::string_view tenant,
                                                      std::span<const std::string> articles) const {
  std::map<std::pair<v1::FacetField, ValueId>, int> counts;
  std::shared_lock lock(mu_);
  for (const std::string& article : articles) {
    const Place* place = FindArticle(tenant, article);
    if (place == nullptr) continue;
    const Entry& entry = place->space->entries[place->entry];
    for (const ValueId tag : entry.tags) ++counts[{v1::FACET_FIELD_TAG, tag}];
    ++counts[{v1::FACET_FIELD_PRODUCT, entry.product}];
    ++counts[{v1::FACET_FIELD_PRODUCT_MODULE, entry.product_module}];
    ++counts[{v1::FACET_FIELD_ERROR_TYPE, entry.error_type}];
    ++counts[{v1::FACET_FIELD_SOLUTION_KIND, entry.solution_kind}];
  }
  std::vector<v1::FacetCount> facets;
  for (const auto& [key, count] : counts) {
    if (key.second == 0) continue;
    v1::FacetCount& facet = facets.emplace_back();
    facet.set_field(key.first);
    facet.set_value(values_[key.second]);
    facet.set_count(count);
  }
  std::sort(facets.begin(), facets.end(), [](const v1::FacetCount& a, const v1::FacetCount& b) {
    if (a.field() != b.field()) return a.field() < b.field();
    return a.count() != b.count() ? a.count() > b.count() : a.value() < b.value();
  });
  std::map<v1::FacetField, size_t> taken;
  std::erase_if(facets, [&](const v1::FacetCount& facet) {
    return ++taken[facet.field()] > kFacetValuesMax;
  });
  return facets;
}

IndexedArticle ArticleTable::Vectors(std::string_view tenant, std::string_view article) const {
  IndexedArticle out;
  std::shared_lock lock(mu_);
  const Place* place = FindArticle(tenant, article);
  if (place == nullptr) return out;
  const Space& space = *place->space;
  out.set_encoder(space.encoder);
  out.set_dimensions(static_cast<int32_t>(space.dimensions));
  for (const Unit& unit : space.entries[place->entry].units) {
    auto& added = *out.add_units();
    added.set_kind(unit.kind);
    added.set_ordinal(unit.ordinal);
    added.set_text_hash(unit.text_hash);
    out.mutable_vectors()->append(
        reinterpret_cast<const char*>(space.rows.data() + unit.row * space.dimensions),
        space.dimensions);
  }
  return out;
}

void ArticleTable::Count(std::string_view tenant, IndexCounts& counts) const {
  std::shared_lock lock(mu_);
  const Tenant* of = FindTenant(tenant);
  if (of == nullptr) return;
  for (const auto& [locale, space] : of->spaces) {
    counts.vectors += static_cast<int64_t>(space->owner.size());
    for (const Entry& entry : space->entries) {
      if (!entry.units.empty()) ++counts.with_vectors;
    }
  }
}

}  // namespace frontdesk::knowledge
