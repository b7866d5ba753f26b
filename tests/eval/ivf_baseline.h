#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace frontdesk::eval {

// The inner products of each query with each row, `dimensions` floats each; a row of `products` a
// query. AVX2 where the machine has it.
void InnerProducts(std::span<const float> queries, std::span<const float> rows, size_t dimensions,
                   float* products);

// What knowledge::ArticleTable is compared with: FAISS's inverted lists of vectors in bytes
// (IndexIVFScalarQuantizer, QT_8bit, inner product), 4 * sqrt(n) lists, trained by FAISS with its own
// settings. Debian builds FAISS without AVX2 and links the reference BLAS, with which training takes
// half an hour, so the comparison with the lists' centres, most of the training, is InnerProducts.
// One thread; OpenMP is told so. Not thread safe.
class IvfBaseline {
 public:
  // Trains with 40 vectors a list, drawn, and adds all; row i is found as i. Blocks for up to a minute.
  static absl::StatusOr<std::unique_ptr<IvfBaseline>> Make(std::span<const float> vectors,
                                                           size_t dimensions);
  ~IvfBaseline();

  // The nearest rows in the `probes` nearest lists, best first; with `every`, only rows that it divides.
  absl::StatusOr<std::vector<int64_t>> Nearest(std::span<const float> query, size_t limit,
                                               size_t probes, size_t every = 1) const;
  double train_seconds() const;

 private:
  struct Index;
  explicit IvfBaseline(std::unique_ptr<Index> index);
  const std::unique_ptr<Index> index_;
};

}  // namespace frontdesk::eval
