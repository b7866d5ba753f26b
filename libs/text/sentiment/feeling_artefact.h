#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::text {

// A trained model of feeling on disk, for setup or an operator to mount: a directory that holds
// manifest.json and the classifier's bytes (classify/model_file.h) beside it.
//
//   {"format": 1, "name": "hotel-reviews", "task": "polarity", "language": "zh",
//    "labels": {"1": "positive", "0": "negative"},
//    "model": "model.fdtc", "bytes": 123456, "sha256": "…"}
struct FeelingManifest {
  std::string name;      // for health and results
  std::string task;      // "polarity" or "emotion"
  std::string language;  // "zh", "en", or "any"
  // From the model's labels to NameOf(Polarity) or NameOf(Emotion); several may go to one. A label
  // that is not here must be such a name itself.
  std::map<std::string, std::string> labels;

  bool operator==(const FeelingManifest&) const = default;
};

struct FeelingArtefact {
  FeelingManifest manifest;
  std::string model_bytes;  // length and SHA-256 are as the manifest says
};

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr size_t kManifestBytesMax = size_t{64} << 10;

// Makes `directory` if it is not there; an artefact that is, is replaced, the manifest last. Blocks.
// INVALID_ARGUMENT: an unknown task, language or label name, a name that is no [a-z0-9-]{1,64};
// UNAVAILABLE: the file system said no.
absl::Status WriteFeelingArtefact(const std::string& directory, const FeelingManifest& manifest,
                                  std::string_view model_bytes);

// Blocks. NOT_FOUND: no manifest. DATA_LOSS: a manifest that can't be understood, or a model that
// is missing or not the one it was written with.
absl::StatusOr<FeelingArtefact> ReadFeelingArtefact(const std::string& directory);

}  // namespace frontdesk::text
