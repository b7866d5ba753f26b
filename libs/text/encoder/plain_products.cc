#include "libs/text/encoder/plain_products.h"

#include <optional>
#include <string_view>

#include <openvino/core/graph_util.hpp>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/subtract.hpp>

namespace frontdesk::text {
namespace {

using NodePtr = std::shared_ptr<ov::Node>;
using ov::op::v0::Constant;
using ov::op::v0::Convert;
using ov::op::v1::Multiply;
using ov::op::v1::Subtract;

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

// (bytes - zero point) * scale, the latter two one for all or one a column; the plugin folds them
// into its kernel.
NodePtr Weights(const std::shared_ptr<Constant>& bytes, const std::shared_ptr<Constant>& zero,
                const std::shared_ptr<Constant>& scale) {
  const ov::Shape& shape = bytes->get_shape();
  if (shape.size() != 2 || scale->get_element_type() != ov::element::f32) return nullptr;
  for (const auto& one : {zero, scale}) {
    const size_t size = ov::shape_size(one->get_shape());
    if (one->get_shape().size() > 1 || (size != 1 && size != shape[1])) return nullptr;
  }
  const auto wide = std::make_shared<Convert>(bytes, ov::element::f32);
  const auto shifted =
      std::make_shared<Subtract>(wide, std::make_shared<Convert>(zero, ov::element::f32));
  return std::make_shared<Multiply>(shifted, scale);
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
  const NodePtr weights = Weights(bytes, zero, scale);
  if (weights == nullptr || input->get_element_type() != ov::element::f32) return false;
  const auto plain = std::make_shared<ov::op::v0::MatMul>(*input, weights);
  plain->set_friendly_name(scaled->get_friendly_name());
  ov::replace_node(scaled, plain);
  return true;
}

}  // namespace

size_t UsePlainProducts(const std::shared_ptr<ov::Model>& model) {
  size_t rewritten = 0;
  for (const NodePtr& node : model->get_ordered_ops()) rewritten += Rewrite(node) ? 1 : 0;
  return rewritten;
}

}  // namespace frontdesk::text
