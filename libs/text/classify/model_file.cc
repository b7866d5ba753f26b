#include "libs/text/classify/model_file.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/waves.h"

namespace frontdesk::text {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kMagic("FDTC");
constexpr size_t kHeaderBytes = 4 + 4 + 8 + 8;
constexpr size_t kNameBytesMax = 1024;
constexpr size_t kCurvePointsMax = 1024;

class Writer {
 public:
  template <typename T>
  void Number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void Text(std::string_view text) {
    Number(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }
  template <typename T>
  void Numbers(const std::vector<T>& values) {
    Number(static_cast<uint64_t>(values.size()));
    out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// After the first thing that is not there everything reads as zero and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  T Number() {
    T value{};
    if (Has(sizeof(T))) {
      std::memcpy(&value, left_.data(), sizeof(T));
      left_.remove_prefix(sizeof(T));
    }
    return value;
  }
  std::string Text(size_t longest) {
    const auto length = Number<uint32_t>();
    if (length > longest) ok_ = false;
    if (!Has(length)) return {};
    std::string text(left_.substr(0, length));
    left_.remove_prefix(length);
    if (!IsValidUtf8(text)) ok_ = false;
    return text;
  }
  // `count` numbers, or the model is broken.
  template <typename T>
  std::vector<T> Numbers(uint64_t count) {
    if (Number<uint64_t>() != count) ok_ = false;
    if (!ok_ || count > left_.size() / sizeof(T)) {
      ok_ = false;
      return {};
    }
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), left_.data(), count * sizeof(T));
    left_.remove_prefix(count * sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      for (T value : values) ok_ = ok_ && std::isfinite(value);
    }
    return values;
  }
  void Require(bool condition) { ok_ = ok_ && condition; }
  bool ok() const { return ok_; }
  size_t left() const { return left_.size(); }

 private:
  bool Has(size_t bytes) {
    if (left_.size() < bytes) ok_ = false;
    return ok_;
  }

  std::string_view left_;
  bool ok_ = true;
};

void WriteVocabulary(const Vocabulary& vocabulary, Writer& out) {
  out.Number(static_cast<uint64_t>(vocabulary.size()));
  for (const Vocabulary::Feature& feature : vocabulary.features()) {
    out.Number(feature.key);
    out.Number(feature.idf);
    out.Number(static_cast<uint8_t>(feature.kind));
    out.Number(feature.texts);
  }
}

Vocabulary ReadVocabulary(Reader& in) {
  constexpr size_t kFeatureBytes = 8 + 4 + 1 + 4;
  const auto count = in.Number<uint64_t>();
  in.Require(count <= in.left() / kFeatureBytes);
  std::vector<Vocabulary::Feature> features;
  if (in.ok()) features.reserve(count);
  for (uint64_t i = 0; in.ok() && i < count; ++i) {
    Vocabulary::Feature feature;
    feature.key = in.Number<uint64_t>();
    feature.idf = in.Number<float>();
    const auto kind = in.Number<uint8_t>();
    feature.kind = static_cast<GramKind>(kind);
    feature.texts = in.Number<uint32_t>();
    in.Require(kind <= 1 && std::isfinite(feature.idf));
    features.push_back(feature);
  }
  return in.ok() ? Vocabulary(std::move(features)) : Vocabulary();
}

void WriteBlock(const Model::Block& block, Writer& out) {
  out.Text(block.of.fingerprint);
  out.Text(block.of.name);
  out.Number(block.of.dimensions);
  out.Numbers(block.mean);
  out.Numbers(block.scales);
  out.Numbers(block.weights);
  out.Numbers(block.centres);
  out.Numbers(block.samples);
  out.Numbers(block.sample_values);
}

Model::Block ReadBlock(size_t labels, uint64_t stride, Reader& in) {
  Model::Block block;
  block.of.fingerprint = in.Text(kNameBytesMax);
  block.of.name = in.Text(kNameBytesMax);
  block.of.dimensions = in.Number<uint32_t>();
  const uint64_t dimensions = block.of.dimensions;
  in.Require(dimensions > 0 && dimensions <= kDimensionsMax);
  if (!in.ok()) return block;
  block.mean = in.Numbers<float>(dimensions);
  block.scales = in.Numbers<float>(ShapeOf(dimensions));
  block.weights = in.Numbers<int8_t>(ShapeOf(dimensions) * stride);
  block.centres = in.Numbers<float>(dimensions * labels);
  block.samples = in.Numbers<uint32_t>(labels);
  for (size_t i = 1; i < block.samples.size(); ++i) {
    in.Require(block.samples[i - 1] <= block.samples[i]);
  }
  const uint64_t samples = block.samples.empty() ? 0 : block.samples.back();
  block.sample_values = in.Numbers<int8_t>(samples * dimensions);
  return block;
}

void WriteDecision(const Model& model, Writer& out) {
  out.Number(model.temperature);
  out.Number(model.shift);
  out.Number(static_cast<uint8_t>(model.outside_source));
  for (float weight : model.signal_weights) out.Number(weight);
  out.Number(model.signal_constant);
  out.Number(model.threshold);
  out.Number(static_cast<uint32_t>(model.curve.size()));
  for (const CurvePoint& p : model.curve) {
    for (double value : {p.threshold, p.coverage, p.precision, p.still_right, p.outside_recall}) {
      out.Number(value);
    }
  }
}

void ReadDecision(Model& model, Reader& in) {
  const auto finite = [&in](auto value) {
    in.Require(std::isfinite(value));
    return value;
  };
  model.temperature = finite(in.Number<float>());
  model.shift = finite(in.Number<float>());
  const auto source = in.Number<uint8_t>();
  in.Require(source <= static_cast<uint8_t>(OutsideSource::kExamples));
  model.outside_source = static_cast<OutsideSource>(source);
  for (float& weight : model.signal_weights) weight = finite(in.Number<float>());
  model.signal_constant = finite(in.Number<float>());
  model.threshold = finite(in.Number<double>());
  const auto points = in.Number<uint32_t>();
  in.Require(points <= kCurvePointsMax);
  for (uint32_t i = 0; in.ok() && i < points; ++i) {
    CurvePoint p;
    for (double* value :
         {&p.threshold, &p.coverage, &p.precision, &p.still_right, &p.outside_recall}) {
      *value = finite(in.Number<double>());
    }
    model.curve.push_back(p);
  }
}

Model ReadBody(Reader& in) {
  Model model;
  const auto labels = in.Number<uint32_t>();
  in.Require(labels >= 2 && labels <= kClassesMax);
  for (uint32_t i = 0; in.ok() && i < labels; ++i) {
    model.labels.push_back(in.Text(kLabelBytesMax));
    in.Require(i == 0 || model.labels[i - 1] < model.labels[i]);
  }
  model.out_of_scope_label = in.Text(kLabelBytesMax);
  model.data_fingerprint = in.Text(kNameBytesMax);
  model.examples = in.Number<uint64_t>();
  model.scale.sparse = in.Number<float>();
  model.scale.dense = in.Number<float>();
  model.c = in.Number<double>();
  model.columns = in.Number<uint32_t>();
  model.stride = in.Number<uint32_t>();
  in.Require(model.columns == labels || model.columns == labels + 1);
  in.Require(model.stride ==
             (model.columns + kColumnsAtOnce - 1) / kColumnsAtOnce * kColumnsAtOnce);
  if (!in.ok()) return model;
  model.vocabulary = ReadVocabulary(in);
  const uint64_t features = model.vocabulary.size();
  model.feature_scales = in.Numbers<float>(features);
  model.feature_weights = in.Numbers<int8_t>(features * model.stride);
  model.constants = in.Numbers<float>(model.stride);
  const auto blocks = in.Number<uint32_t>();
  in.Require(blocks <= kBlocksMax);
  for (uint32_t i = 0; in.ok() && i < blocks; ++i) {
    model.blocks.push_back(ReadBlock(labels, model.stride, in));
  }
  ReadDecision(model, in);
  in.Require(in.left() == 0);
  return model;
}

}  // namespace

std::string WriteModel(const Model& model) {
  Writer body;
  body.Number(static_cast<uint32_t>(model.labels.size()));
  for (const std::string& label : model.labels) body.Text(label);
  body.Text(model.out_of_scope_label);
  body.Text(model.data_fingerprint);
  body.Number(model.examples);
  body.Number(model.scale.sparse);
  body.Number(model.scale.dense);
  body.Number(model.c);
  body.Number(model.columns);
  body.Number(model.stride);
  WriteVocabulary(model.vocabulary, body);
  body.Numbers(model.feature_scales);
  body.Numbers(model.feature_weights);
  body.Numbers(model.constants);
  body.Number(static_cast<uint32_t>(model.blocks.size()));
  for (const Model::Block& block : model.blocks) WriteBlock(block, body);
  WriteDecision(model, body);
  const std::string bytes = body.Take();
  Writer head;
  head.Number(kModelVersion);
  head.Number(static_cast<uint64_t>(bytes.size()));
  head.Number(Fingerprint64(bytes));
  return std::string(kMagic) + head.Take() + bytes;
}

absl::StatusOr<Model> ReadModel(std::string_view bytes) {
  if (bytes.size() > kModelBytesMax) {
    return TrainingLimitError("bytes of a model", bytes.size(), kModelBytesMax);
  }
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return ModelBrokenError("these bytes are none");
  }
  Reader head(bytes.substr(kMagic.size()));
  const auto version = head.Number<uint32_t>();
  if (version != kModelVersion) return ModelVersionError(version, kModelVersion);
  const auto length = head.Number<uint64_t>();
  const auto checksum = head.Number<uint64_t>();
  bytes.remove_prefix(kHeaderBytes);
  if (bytes.size() != length) return ModelBrokenError("cut short or with something behind it");
  if (Fingerprint64(bytes) != checksum) return ModelBrokenError("the checksum does not fit");
  Reader in(bytes);
  Model model = ReadBody(in);
  if (!in.ok()) return ModelBrokenError("its parts contradict one another");
  return model;
}

}  // namespace frontdesk::text
