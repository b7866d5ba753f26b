#pragma once

#include <cstddef>
#include <memory>

namespace ov {
class Model;
}

namespace frontdesk::text {

// Rewrites the products of an ONNX model with dynamic int8 quantisation (DynamicQuantizeLinear,
// MatMulInteger) into plain ones with the weights the bytes stand for. The CPU plugin has no integer kernel for
// the former: it multiplies in f32 and pays for quantising as well. Rewritten, a text takes less than
// half the time, and its vector no longer depends on what else is in its batch, as it does when
// activations are rounded by the largest of the batch. Products of any other shape are left alone.
// Returns how many were rewritten. May let the library's exceptions out.
size_t UseFloatWeights(const std::shared_ptr<ov::Model>& model);

}  // namespace frontdesk::text
