#include "libs/text/classify/errors.h"

#include <fmt/format.h>

#include "libs/base/error.h"

namespace frontdesk::text {

using absl::StatusCode;

absl::Status TrainingLimitError(std::string_view what, size_t count, size_t limit) {
  return WithMetadata(Error(StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
                            fmt::format("{} {}; the limit is {}", count, what, limit)),
                      "limit", fmt::format("{}", limit));
}

absl::Status TooFewClassesError(size_t classes) {
  return InvalidField("examples", fmt::format("hold {} classes besides out-of-scope; there is "
                                              "nothing to tell apart below two",
                                              classes));
}

absl::Status TrainingCancelledError() {
  return Error(StatusCode::kCancelled, "CANCELLED", "the training was cancelled");
}

absl::Status BadVectorError(std::string_view what) { return InvalidField("vector", what); }

absl::Status VectorMissingError(std::string_view fingerprints) {
  return WithMetadata(
      Error(StatusCode::kFailedPrecondition, "NOT_READY",
            fmt::format("the model needs a vector of one of the encoders {}", fingerprints)),
      "fingerprints", fingerprints);
}

absl::Status ModelBrokenError(std::string_view what) {
  return WithMetadata(
      Error(StatusCode::kDataLoss, "DATA_LOSS", fmt::format("classifier model: {}", what)), "what",
      what);
}

absl::Status ModelVersionError(uint32_t got, uint32_t known) {
  return Error(StatusCode::kFailedPrecondition, "INVALID_CONFIG",
               fmt::format("classifier model of version {}; this program reads {}", got, known));
}

absl::Status LinearLibraryError(std::string_view what) {
  return Error(StatusCode::kInternal, "INTERNAL", fmt::format("LIBLINEAR: {}", what));
}

}  // namespace frontdesk::text
