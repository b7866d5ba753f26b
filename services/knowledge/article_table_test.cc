#include "services/knowledge/article_table.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include <fmt/core.h>

using namespace frontdesk::knowledge;

namespace {

constexpr int kDimensions = 64;

std::vector<float> UnitVector(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDimensions);
  float length = 0;
  for (float& value : vector) {
    value = normal(random);
    length += value * value;
  }
  for (float& value : vector) value /= std::sqrt(length);
  return vector;
}

ArticleTable::Change MakeChange(const std::string& id, const std::vector<std::vector<float>>& units,
                                const std::string& tag = "") {
  auto article = std::make_unique<IndexedArticle>();
  article->set_article(id);
  article->set_locale("en");
  article->set_encoder("e");
  article->set_dimensions(kDimensions);
  if (!tag.empty()) article->add_tags(tag);
  for (size_t i = 0; i < units.size(); ++i) {
    auto& unit = *article->add_units();
    unit.set_kind(i == 0 ? 0 : 2);
    unit.set_ordinal(static_cast<int>(i) * 100);
    unit.set_text_hash(i + 1);
    article->mutable_vectors()->append(Quantize(units[i]));
  }
  return {"t", id, std::move(article)};
}

void Apply(ArticleTable& table, ArticleTable::Change change) { table.Apply(std::span(&change, 1)); }

double Dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("products are the same with and without the machine's own instructions") {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(-127, 127);
  for (const size_t bytes : {1, 15, 16, 17, 384, 512, 513}) {
    std::vector<int8_t> a(bytes), b(bytes);
    for (size_t i = 0; i < bytes; ++i) {
      a[i] = static_cast<int8_t>(byte(random));
      b[i] = static_cast<int8_t>(i % 7 == 0 ? -127 : byte(random));
    }
    CHECK(BestDot()(a.data(), b.data(), bytes) == PlainDot()(a.data(), b.data(), bytes));
  }
}

TEST_CASE("cosines of vectors in bytes are those of the vectors, large ones and small ones") {
  std::mt19937 random(5);
  std::normal_distribution<float> part;
  for (const size_t dimensions : {384, 512}) {
    for (int i = 0; i < 100; ++i) {
      std::vector<float> a(dimensions), b(dimensions);
      double product = 0, of_a = 0, of_b = 0;
      for (size_t d = 0; d < dimensions; ++d) {
        a[d] = part(random);
        b[d] = a[d] * static_cast<float>(i) / 50 + part(random);
        product += a[d] * b[d];
        of_a += a[d] * a[d];
        of_b += b[d] * b[d];
      }
      const std::string x = Quantize(a), y = Quantize(b);
      const auto* left = reinterpret_cast<const int8_t*>(x.data());
      const auto* right = reinterpret_cast<const int8_t*>(y.data());
      const float cosine = static_cast<float>(BestDot()(left, right, dimensions)) *
                           InverseLength(left, dimensions) * InverseLength(right, dimensions);
      CHECK(cosine == Approx(product / std::sqrt(of_a * of_b)).margin(0.004));
    }
  }
  const std::string nothing = Quantize(std::vector<float>(384));
  CHECK(InverseLength(reinterpret_cast<const int8_t*>(nothing.data()), 384) == 0);
}

TEST_CASE("the nearest articles are those that comparing with all finds, in changing tables, too") {
  std::mt19937 random(2);
  ArticleTable table;
  std::map<std::string, std::vector<std::vector<float>>> model;
  for (int round = 0; round < 400; ++round) {
    const std::string id = fmt::format("a{}", random() % 60);
    if (random() % 4 == 0) {
      model.erase(id);
      Apply(table, {"t", id, nullptr});
    } else {
      std::vector<std::vector<float>> units;
      for (size_t i = 0; i < 1 + random() % 4; ++i) units.push_back(UnitVector(random));
      model[id] = units;
      Apply(table, MakeChange(id, units));
    }
    if (round % 20 != 0) continue;
    const QueryVector query{"e", UnitVector(random)};
    std::vector<std::pair<double, std::string>> expected;
    for (const auto& [name, units] : model) {
      double best = -1;
      for (const auto& unit : units) best = std::max(best, Dot(unit, query.values));
      expected.emplace_back(-best, name);
    }
    std::sort(expected.begin(), expected.end());
    const auto near = table.Nearest("t", "en", query, {}, 5);
    REQUIRE(near.size() == std::min<size_t>(5, expected.size()));
    for (size_t i = 0; i < near.size(); ++i) {
      CHECK(near[i].cosine == Approx(-expected[i].first).margin(0.02));
    }
    IndexCounts counts;
    table.Count("t", counts);
    CHECK(counts.with_vectors == static_cast<int64_t>(model.size()));
  }
  CHECK(table.Nearest("t", "zh", {"e", UnitVector(random)}, {}, 5).empty());
  CHECK(table.Nearest("other", "en", {"e", UnitVector(random)}, {}, 5).empty());
  CHECK(table.Nearest("t", "en", {"another", UnitVector(random)}, {}, 5).empty());
}

TEST_CASE(
    "looking at signs first finds nearly all of what comparing with all finds, and no other tag") {
  std::mt19937 random(3);
  ArticleTable exact, coarse(100);
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<std::vector<float>> units{UnitVector(random)};
    const std::string tag = i % 3 == 0 ? "third" : "";
    Apply(exact, MakeChange(fmt::format("a{}", i), units, tag));
    Apply(coarse, MakeChange(fmt::format("a{}", i), units, tag));
  }
  int found = 0, wanted = 0;
  SearchFilter filter;
  filter.tag = "third";
  for (int i = 0; i < 20; ++i) {
    const QueryVector query{"e", UnitVector(random)};
    const auto all = exact.Nearest("t", "en", query, filter, 10);
    const auto near = coarse.Nearest("t", "en", query, filter, 10);
    REQUIRE(all.size() == 10);
    REQUIRE(near.size() == 10);
    for (const auto& one : all) {
      ++wanted;
      for (const auto& other : near) found += other.article == one.article ? 1 : 0;
    }
    for (const auto& one : near) CHECK(std::stoi(one.article.substr(1)) % 3 == 0);
  }
  CHECK(found >= wanted * 95 / 100);
}

TEST_CASE("a filter lets through what has its values, is valid for the version and for the asker") {
  ArticleTable table;
  auto change = MakeChange("a", {});
  change.article->set_product("router");
  change.article->set_audience(v1::AUDIENCE_CUSTOMERS);
  auto& range = *change.article->add_product_versions();
  range.set_min_version("2.9");
  range.set_max_version("3");
  Apply(table, std::move(change));
  const auto allows = [&](std::string SearchFilter::*field, const std::string& value) {
    SearchFilter filter;
    filter.*field = value;
    return table.Allows("t", "a", filter);
  };
  CHECK(table.Allows("t", "a", {}));
  CHECK(allows(&SearchFilter::product, "router"));
  CHECK_FALSE(allows(&SearchFilter::product, "phone"));
  CHECK_FALSE(allows(&SearchFilter::tag, "router"));
  CHECK(allows(&SearchFilter::product_version, "2.10"));
  CHECK(allows(&SearchFilter::product_version, "3.0"));
  CHECK_FALSE(allows(&SearchFilter::product_version, "2.8.9"));
  CHECK_FALSE(allows(&SearchFilter::product_version, "3.0.1"));
  SearchFilter asker;
  asker.audience = v1::AUDIENCE_CUSTOMERS;
  CHECK(table.Allows("t", "a", asker));
  asker.audience = v1::AUDIENCE_PUBLIC;
  CHECK_FALSE(table.Allows("t", "a", asker));
  CHECK_FALSE(table.Allows("t", "b", {}));
  const std::vector<std::string> ids{"a"};
  const auto facets = table.CountFacets("t", ids);
  REQUIRE(facets.size() == 1);
  CHECK(facets[0].field() == v1::FACET_FIELD_PRODUCT);
  CHECK(facets[0].value() == "router");
  CHECK(facets[0].count() == 1);
}
