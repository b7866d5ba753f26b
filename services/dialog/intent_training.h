#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "frontdesk/dialog/store/v1/dialog_store.pb.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/encoder/encoders.h"
#include "services/dialog/intent_store.h"

// From examples to a model.
namespace frontdesk::dialog {

// A customer's message is read so far: a long one costs no more than a sentence or two.
inline constexpr size_t kIntentCharacters = 300;

// The labels are ids of intents; examples that are about none have the out-of-scope label.
text::Dataset MakeDataset(const std::vector<IntentExamples>& intents);

// Of all that a model depends on: examples, encoders, and how models are made and written.
std::string ModelFingerprint(const text::Dataset& data, text::Encoders& encoders);

// Blocks for seconds and uses one thread, and the encoders in small helpings, so that messages get
// theirs between. `model.train_time`, `train_duration` and `state` are left to the caller.
// INVALID_ARGUMENT for fewer than two intents, CANCELLED when `keep_going` says no.
absl::StatusOr<store::v1::IntentModelFile> TrainIntentModel(
    const text::Dataset& data, text::Encoders& encoders, const std::function<bool()>& keep_going);

}  // namespace frontdesk::dialog
