#include "libs/text/encoder/float_weights.h"

#include <optional>
#include <string_view>
#include <vector>

#include <openvino/core/graph_util.hpp>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/matmul.hpp>

namespace frontdesk::text {
namespace {

using NodePtr = std::shared_ptr<ov::Node>;
using ov::op::v0::Constant;

// The node behind an input, if it is of this type; null goes through.
NodePtr Behind(const NodePtr& node, size_t input, std::string_view type) {
  if (node == nullptr || node->get_input_size() <= input) return nullptr;
  NodePtr source = node->get_input_node_shared_ptr(input);
  return source->get_type_name() == type ? source : nullptr;
}

std::shared_ptr<Constant> ConstantBehind(const NodePtr& node, size_t input) {
  return std::dynamic_pointer_cast<Constant>(Behind(node, input, "Constant"));
}

// The only node that reads `node`, if it is of this type.
NodePtr Reader(const NodePtr& node, std::string_view type) {
  if (node == nullptr || node->get_output_size() != 1) return nullptr;
  const auto readers = node->output(0).get_target_inputs();
  if (readers.size() != 1) return nullptr;
  NodePtr reader = readers.begin()->get_node()->shared_from_this();
  return reader->get_type_name() == type ? reader : nullptr;
}

// What was quantised: Multiply(x, 255) / range, rounded, shifted, clamped, made bytes, less the zero
// point.
std::optional<ov::Output<ov::Node>> Unquantised(const NodePtr& product) {
  const NodePtr bytes = Behind(Behind(Behind(product, 0, "Subtract"), 0, "Convert"), 0, "Convert");
  const NodePtr rounded = Behind(Behind(Behind(bytes, 0, "Clamp"), 0, "Add"), 0, "Round");
  const NodePtr scaled = Behind(Behind(rounded, 0, "Divide"), 0, "Multiply");
  if (scaled == nullptr) return std::nullopt;
  return scaled->input_value(0);
}

// The constant factor of the scale that the product is multiplied with at the end.
std::shared_ptr<Constant> WeightScale(const NodePtr& scaled, const NodePtr& product) {
  for (size_t i = 0; i < 2; ++i) {
    const NodePtr scale = Behind(scaled, i, "Multiply");
    if (scale == nullptr || scale == product) continue;
    for (size_t k = 0; k < 2; ++k) {
      if (auto constant = ConstantBehind(scale, k)) return constant;
    }
  }
  return nullptr;
}

// (bytes - zero point) * scale, the latter two one for all or one a column.
std::shared_ptr<Constant> Weights(const std::shared_ptr<Constant>& bytes,
                                  const std::shared_ptr<Constant>& zero,
                                  const std::shared_ptr<Constant>& scale) {
  const ov::Shape& shape = bytes->get_shape();
  if (shape.size() != 2) return nullptr;
  const size_t columns = shape[1];
  std::vector<float> values = bytes->cast_vector<float>();
  const std::vector<float> zeros = zero->cast_vector<float>();
  const std::vector<float> scales = scale->cast_vector<float>();
  for (const size_t size : {zeros.size(), scales.size()}) {
    if (size != 1 && size != columns) return nullptr;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t column = i % columns;
    values[i] = (values[i] - zeros[zeros.size() == 1 ? 0 : column]) *
                scales[scales.size() == 1 ? 0 : column];
  }
  return std::make_shared<Constant>(ov::element::f32, shape, values);
}

bool Rewrite(const NodePtr& node) {
  const auto product = std::dynamic_pointer_cast<ov::op::v0::MatMul>(node);
  if (product == nullptr || product->get_output_element_type(0) != ov::element::i32 ||
      product->get_transpose_a() || product->get_transpose_b()) {
    return false;
  }
  const NodePtr shifted = Behind(product, 1, "Subtract");
  const auto bytes = ConstantBehind(Behind(shifted, 0, "Convert"), 0);
  const auto zero = ConstantBehind(Behind(shifted, 1, "Convert"), 0);
  const NodePtr scaled = Reader(Reader(product, "Convert"), "Multiply");
  const auto scale = WeightScale(scaled, product);
  const auto input = Unquantised(product);
  if (bytes == nullptr || zero == nullptr || scale == nullptr || !input.has_value()) return false;
  const auto weights = Weights(bytes, zero, scale);
  if (weights == nullptr || input->get_element_type() != ov::element::f32) return false;
  const auto plain = std::make_shared<ov::op::v0::MatMul>(*input, weights);
  plain->set_friendly_name(scaled->get_friendly_name());
  ov::replace_node(scaled, plain);
  return true;
}

}  // namespace

size_t UseFloatWeights(const std::shared_ptr<ov::Model>& model) {
  size_t rewritten = 0;
  for (const NodePtr& node : model->get_ordered_ops()) rewritten += Rewrite(node) ? 1 : 0;
  return rewritten;
}

}  // namespace frontdesk::text
