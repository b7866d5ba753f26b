#include "tests/eval/ivf_baseline.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/impl/IDSelector.h>
#include <omp.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <numeric>
#include <random>

#include <fmt/format.h>

namespace frontdesk::eval {
namespace {

constexpr size_t kTrainedPerList = 40;
constexpr size_t kTileQueries = 2;
constexpr size_t kTileRows = 4;
constexpr size_t kBlockRows = 32;  // stay in the nearest cache while the queries pass
constexpr size_t kBlockQueries = 256;

using Queries = std::array<const float*, kTileQueries>;
using Rows = std::array<const float*, kTileRows>;
using Products = std::array<float, kTileQueries * kTileRows>;

void TilePlain(const Queries& queries, const Rows& rows, size_t from, size_t dimensions,
               Products& products) {
  for (size_t q = 0; q < kTileQueries; ++q) {
    for (size_t r = 0; r < kTileRows; ++r) {
      float& sum = products[q * kTileRows + r];
      for (size_t i = from; i < dimensions; ++i) sum += queries[q][i] * rows[r][i];
    }
  }
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) float SumOf(__m256 lanes) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

// Written out: eight sums that stay in registers whatever the optimisation.
__attribute__((target("avx2,fma"))) void TileAvx2(const Queries& queries, const Rows& rows,
                                                  size_t dimensions, Products& products) {
  const float* const q0 = queries[0];
  const float* const q1 = queries[1];
  const float *const r0 = rows[0], *const r1 = rows[1], *const r2 = rows[2], *const r3 = rows[3];
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  size_t i = 0;
  for (; i + 8 <= dimensions; i += 8) {
    const __m256 a = _mm256_loadu_ps(q0 + i), b = _mm256_loadu_ps(q1 + i);
    __m256 row = _mm256_loadu_ps(r0 + i);
    s0 = _mm256_fmadd_ps(a, row, s0);
    s4 = _mm256_fmadd_ps(b, row, s4);
    row = _mm256_loadu_ps(r1 + i);
    s1 = _mm256_fmadd_ps(a, row, s1);
    s5 = _mm256_fmadd_ps(b, row, s5);
    row = _mm256_loadu_ps(r2 + i);
    s2 = _mm256_fmadd_ps(a, row, s2);
    s6 = _mm256_fmadd_ps(b, row, s6);
    row = _mm256_loadu_ps(r3 + i);
    s3 = _mm256_fmadd_ps(a, row, s3);
    s7 = _mm256_fmadd_ps(b, row, s7);
  }
  products = {SumOf(s0), SumOf(s1), SumOf(s2), SumOf(s3),
              SumOf(s4), SumOf(s5), SumOf(s6), SumOf(s7)};
  TilePlain(queries, rows, i, dimensions, products);
}

#endif

void Tile(const Queries& queries, const Rows& rows, size_t dimensions, Products& products) {
#if defined(__x86_64__)
  static const bool kFast = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (kFast) return TileAvx2(queries, rows, dimensions, products);
#endif
  products = {};
  TilePlain(queries, rows, 0, dimensions, products);
}

// Exact, as IndexFlatIP, whose `search` it replaces.
class Centres final : public faiss::IndexFlatIP {
 public:
  using faiss::IndexFlatIP::IndexFlatIP;

  void search(idx_t n, const float* x, idx_t k, float* distances, idx_t* labels,
              const faiss::SearchParameters* = nullptr) const override {
    const auto rows = static_cast<size_t>(ntotal);
    const auto wanted = static_cast<size_t>(k), dimensions = static_cast<size_t>(d);
    std::vector<float> products;
    std::vector<idx_t> order(rows);
    for (size_t begin = 0; begin < static_cast<size_t>(n); begin += kBlockQueries) {
      const size_t count = std::min(kBlockQueries, static_cast<size_t>(n) - begin);
      products.resize(count * rows);
      InnerProducts({x + begin * dimensions, count * dimensions}, {get_xb(), rows * dimensions},
                    dimensions, products.data());
      for (size_t q = 0; q < count; ++q) {
        const float* of = products.data() + q * rows;
        const auto nearer = [of](idx_t a, idx_t b) { return of[a] > of[b]; };
        const size_t found = std::min(wanted, rows);
        if (found == 1) {
          order[0] = std::max_element(of, of + rows) - of;
        } else {
          std::iota(order.begin(), order.end(), 0);
          std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(found),
                            order.end(), nearer);
        }
        for (size_t i = 0; i < wanted; ++i) {
          const size_t at = (begin + q) * wanted + i;
          labels[at] = i < found ? order[i] : -1;
          distances[at] = i < found ? of[order[i]] : -1;
        }
      }
    }
  }
};

struct Every final : faiss::IDSelector {
  explicit Every(size_t step) : step(static_cast<idx_t>(step)) {}
  bool is_member(idx_t id) const override { return id % step == 0; }
  const idx_t step;
};

// What is learnt from: `count` of the rows, drawn without repetition.
std::vector<float> Drawn(std::span<const float> vectors, size_t dimensions, size_t count) {
  std::vector<size_t> rows(vectors.size() / dimensions);
  std::iota(rows.begin(), rows.end(), 0);
  std::mt19937_64 random(1);
  std::shuffle(rows.begin(), rows.end(), random);
  std::vector<float> drawn;
  drawn.reserve(count * dimensions);
  for (size_t i = 0; i < count; ++i) {
    const auto row = vectors.subspan(rows[i] * dimensions, dimensions);
    drawn.insert(drawn.end(), row.begin(), row.end());
  }
  return drawn;
}

}  // namespace

struct IvfBaseline::Index {
  Index(size_t dimensions, size_t lists)
      : centres(static_cast<faiss::Index::idx_t>(dimensions)),
        ivf(&centres, dimensions, lists, faiss::ScalarQuantizer::QT_8bit,
            faiss::METRIC_INNER_PRODUCT) {}
  Centres centres;
  faiss::IndexIVFScalarQuantizer ivf;
  double train_seconds = 0;
};

void InnerProducts(std::span<const float> queries, std::span<const float> rows, size_t dimensions,
                   float* products) {
  const size_t query_count = queries.size() / dimensions, row_count = rows.size() / dimensions;
  Products tile;
  for (size_t block = 0; block < row_count; block += kBlockRows) {
    const size_t end = std::min(row_count, block + kBlockRows);
    for (size_t q = 0; q < query_count; q += kTileQueries) {
      // At an edge the last one stands in for those that are not there.
      const size_t last_query = std::min(q + 1, query_count - 1);
      const Queries some = {&queries[q * dimensions], &queries[last_query * dimensions]};
      for (size_t r = block; r < end; r += kTileRows) {
        Rows four;
        for (size_t i = 0; i < kTileRows; ++i) {
          four[i] = &rows[std::min(r + i, end - 1) * dimensions];
        }
        Tile(some, four, dimensions, tile);
        const size_t width = std::min(kTileRows, end - r);
        std::copy_n(tile.begin(), width, products + q * row_count + r);
        std::copy_n(tile.begin() + kTileRows, width, products + last_query * row_count + r);
      }
    }
  }
}

IvfBaseline::IvfBaseline(std::unique_ptr<Index> index) : index_(std::move(index)) {}
IvfBaseline::~IvfBaseline() = default;

absl::StatusOr<std::unique_ptr<IvfBaseline>> IvfBaseline::Make(std::span<const float> vectors,
                                                               size_t dimensions) {
  const size_t count = vectors.size() / dimensions;
  const size_t usual = static_cast<size_t>(4 * std::sqrt(static_cast<double>(count)));
  const size_t lists = std::clamp<size_t>(usual, 1, std::max<size_t>(1, count / kTrainedPerList));
  ::omp_set_num_threads(1);
  try {
    auto index = std::make_unique<Index>(dimensions, lists);
    const std::vector<float> drawn =
        Drawn(vectors, dimensions, std::min(count, lists * kTrainedPerList));
    const auto begin = std::chrono::steady_clock::now();
    index->ivf.train(static_cast<faiss::Index::idx_t>(drawn.size() / dimensions), drawn.data());
    index->train_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    index->ivf.add(static_cast<faiss::Index::idx_t>(count), vectors.data());
    return std::unique_ptr<IvfBaseline>(new IvfBaseline(std::move(index)));
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("FAISS: {}", error.what()));
  }
}

absl::StatusOr<std::vector<int64_t>> IvfBaseline::Nearest(std::span<const float> query,
                                                          size_t limit, size_t probes,
                                                          size_t every) const {
  std::vector<float> distances(limit);
  std::vector<int64_t> rows(limit, -1);
  Every selector(every);
  faiss::SearchParametersIVF parameters;
  parameters.nprobe = std::min(probes, index_->ivf.nlist);
  if (every > 1) parameters.sel = &selector;
  try {
    index_->ivf.search(1, query.data(), static_cast<faiss::Index::idx_t>(limit), distances.data(),
                       rows.data(), &parameters);
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("FAISS: {}", error.what()));
  }
  std::erase(rows, -1);
  return rows;
}

double IvfBaseline::train_seconds() const { return index_->train_seconds; }

}  // namespace frontdesk::eval
