#pragma once

#include <cstddef>
#include <memory>

namespace ov {
class Model;
}

namespace frontdesk::text {

// Rewrites the products of an ONNX model with dynamic int8 quantisation (DynamicQuantizeLinear,
// MatMulInteger) into plain ones whose weights are still the file's bytes, with zero point and scale
// beside them. The CPU plugin has fast kernels for the latter, and none for the former: it multiplies in f32
// and pays for quantising as well. Rewritten, a text takes a third of the time and a model half of the
// memory, and a vector no longer depends on what else is in its batch, as it does where activations
// are rounded by the largest one of the batch. Products of any other shape are left alone. Returns how
// many were rewritten. May let the library's exceptions out.
size_t UsePlainProducts(const std::shared_ptr<ov::Model>& model);

}  // namespace frontdesk::text
