#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace frontdesk::text {

// Every error of training and models that is not a plain InvalidField. None carries text.

// RESOURCE_EXHAUSTED, TOO_MANY_ROWS {limit}: `what` names what there is too much of.
absl::Status TrainingLimitError(std::string_view what, size_t count, size_t limit);
// INVALID_ARGUMENT, INVALID_FIELD: nothing to tell apart.
absl::Status TooFewClassesError(size_t classes);
// CANCELLED, CANCELLED: the progress callback said stop.
absl::Status TrainingCancelledError();
// INVALID_ARGUMENT, INVALID_FIELD: a vector of the wrong encoder, length, or with no numbers in it.
absl::Status BadVectorError(std::string_view what);
// FAILED_PRECONDITION, NOT_READY {fingerprints}: the model was trained with vectors of
// encoders that the caller has no vector of.
absl::Status VectorMissingError(std::string_view fingerprints);
// DATA_LOSS, DATA_LOSS {what}: bytes that are no model, or no longer one.
absl::Status ModelBrokenError(std::string_view what);
// FAILED_PRECONDITION, INVALID_CONFIG: a model of another kind or a newer version.
absl::Status ModelVersionError(uint32_t got, uint32_t known);

// INTERNAL, INTERNAL: LIBLINEAR refused its parameters.
absl::Status LinearLibraryError(std::string_view what);

}  // namespace frontdesk::text
