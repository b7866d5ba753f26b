#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/text/classify/model.h"

namespace frontdesk::text {

// A model as bytes: "FDTC", version, length, checksum, then the model's fields in order, numbers
// little-endian. Equal models give equal bytes.
std::string WriteModel(const Model& model);

// DATA_LOSS: no model, cut, changed, or with sizes that contradict one another; nothing is
// allocated for a size before the bytes for it are known to be there. FAILED_PRECONDITION: of
// another version. RESOURCE_EXHAUSTED: above kModelBytesMax.
absl::StatusOr<Model> ReadModel(std::string_view bytes);

inline constexpr uint32_t kModelVersion = 2;
inline constexpr size_t kModelBytesMax = size_t{512} << 20;

}  // namespace frontdesk::text
