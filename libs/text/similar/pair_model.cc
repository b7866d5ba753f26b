#include "libs/text/similar/pair_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/limits.h"
#include "libs/text/similar/pair_trainer.h"

namespace frontdesk::text {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr size_t kModelDimensionsMax = 8192;
constexpr uint32_t kNameBytesMax = 256;

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

absl::Status CheckVectors(const PairVectors& vectors, std::string_view encoder, size_t dimensions) {
  if (dimensions == 0) return absl::OkStatus();
  if (vectors.encoder != encoder || vectors.a.empty() || vectors.b.empty()) {
    return VectorMissingError(encoder);
  }
  if (vectors.a.size() != dimensions || vectors.b.size() != dimensions) {
    return BadVectorError(fmt::format("has {} and {} numbers instead of {}", vectors.a.size(),
                                      vectors.b.size(), dimensions));
  }
  for (const auto vector : {vectors.a, vectors.b}) {
    if (!std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) {
      return BadVectorError("holds a number that is not finite");
    }
  }
  return absl::OkStatus();
}

}  // namespace

// "FDPM", version, length and checksum of the rest; then the fields of Body, the two names, the
// part weights, the constant and the summaries' weights, and if `hashed` and `dimensions` say so
// those of the other parts. Numbers are little-endian.
struct PairModel::Body {
  double slope = 1;
  double offset = 0;
  uint32_t dimensions = 0;
  uint32_t hashed = 0;
  uint32_t encoder_bytes = 0;
  uint32_t fingerprint_bytes = 0;
};

struct PairModel::Header {
  std::array<char, 4> magic = {'F', 'D', 'P', 'M'};
  uint32_t version = 1;
  uint64_t length = 0;
  uint64_t checksum = 0;
};

std::string PairModel::Write(bool hashed) const {
  std::string body;
  const auto append = [&body](const void* data, size_t bytes) {
    body.append(static_cast<const char*>(data), bytes);
  };
  const Body fields{slope_,
                    offset_,
                    static_cast<uint32_t>(dimensions_),
                    hashed ? 1U : 0U,
                    static_cast<uint32_t>(encoder_.size()),
                    static_cast<uint32_t>(data_fingerprint_.size())};
  append(&fields, sizeof(fields));
  body += encoder_;
  body += data_fingerprint_;
  append(part_weights_.steps().data(), PartWeights::kBuckets);
  append(weights_.data(), kHashedBegin * sizeof(float));
  if (hashed) append(weights_.data() + kHashedBegin, kPairHashes * sizeof(float));
  append(weights_.data() + kDenseBegin, 2 * dimensions_ * sizeof(float));
  Header header;
  header.length = body.size();
  header.checksum = Fingerprint64(body);
  std::string out(reinterpret_cast<const char*>(&header), sizeof(header));
  return out + body;
}

absl::StatusOr<std::shared_ptr<const PairModel>> PairModel::Load(std::string_view bytes) {
  const Header known;
  Header header;
  if (bytes.size() < sizeof(header)) return ModelBrokenError("pair model");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != known.magic) return ModelBrokenError("pair model");
  if (header.version != known.version) return ModelVersionError(header.version, known.version);
  bytes.remove_prefix(sizeof(header));
  Body fields;
  if (header.length != bytes.size() || header.checksum != Fingerprint64(bytes) ||
      bytes.size() < sizeof(fields)) {
    return ModelBrokenError("pair model");
  }
  std::memcpy(&fields, bytes.data(), sizeof(fields));
  bytes.remove_prefix(sizeof(fields));
  if (fields.dimensions > kModelDimensionsMax || fields.hashed > 1 ||
      fields.encoder_bytes > kNameBytesMax || fields.fingerprint_bytes > kNameBytesMax) {
    return ModelBrokenError("pair model");
  }
  const size_t floats =
      kHashedBegin + fields.hashed * size_t{kPairHashes} + 2 * size_t{fields.dimensions};
  if (bytes.size() != fields.encoder_bytes + fields.fingerprint_bytes + PartWeights::kBuckets +
                          floats * sizeof(float)) {
    return ModelBrokenError("pair model");
  }
  std::shared_ptr<PairModel> model(new PairModel);
  model->slope_ = fields.slope;
  model->offset_ = fields.offset;
  model->dimensions_ = fields.dimensions;
  const auto take = [&bytes](void* to, size_t count) {
    std::memcpy(to, bytes.data(), count);
    bytes.remove_prefix(count);
  };
  model->encoder_.resize(fields.encoder_bytes);
  take(model->encoder_.data(), fields.encoder_bytes);
  model->data_fingerprint_.resize(fields.fingerprint_bytes);
  take(model->data_fingerprint_.data(), fields.fingerprint_bytes);
  std::vector<uint8_t> steps(PartWeights::kBuckets);
  take(steps.data(), steps.size());
  model->part_weights_ = PartWeights(std::move(steps));
  model->weights_.resize(kDenseBegin + 2 * model->dimensions_);
  take(model->weights_.data(), kHashedBegin * sizeof(float));
  if (fields.hashed == 1) {
    take(model->weights_.data() + kHashedBegin, kPairHashes * sizeof(float));
  }
  take(model->weights_.data() + kDenseBegin, 2 * model->dimensions_ * sizeof(float));
  const auto finite = [](float x) { return std::isfinite(x); };
  if (!std::isfinite(model->slope_) || !std::isfinite(model->offset_) ||
      !std::all_of(model->weights_.begin(), model->weights_.end(), finite)) {
    return ModelBrokenError("pair model");
  }
  return model;
}

absl::StatusOr<PairScore> PairModel::Score(const PairText& a, const PairText& b,
                                           const PairVectors& vectors) const {
  FD_RETURN_IF_ERROR(CheckVectors(vectors, encoder_, dimensions_));
  const bool dense = dimensions_ > 0;
  const absl::Span<const float> none;
  const PairFeatures features =
      FeaturesOf(a, b, part_weights_, dense ? vectors.a : none, dense ? vectors.b : none);
  std::vector<float> numbers(2 * dimensions_);
  if (dense) DenseFeatures(vectors.a, vectors.b, absl::MakeSpan(numbers));
  PairScore score;
  score.logit = slope_ * PairLogit(weights_, features, numbers) + offset_;
  score.probability = Sigmoid(score.logit);
  score.cosine = features.summary[0];
  return score;
}

absl::StatusOr<PairScore> PairModel::Score(std::string_view a, std::string_view b,
                                           const PairVectors& vectors) const {
  return Score(PairText(a), PairText(b), vectors);
}

}  // namespace frontdesk::text
