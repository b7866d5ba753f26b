#include "libs/text/encoder/encoders.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/encoder/lexical_encoder.h"
#include "libs/text/language.h"

namespace frontdesk::text {
namespace {

struct Default {
  std::string_view language;
  std::string_view directory;
};

// English first: it takes what is of no language.
constexpr std::array<Default, 2> kDefaults = {
    Default{"en", "bge-small-en-v1.5"},
    Default{"zh", "bge-small-zh-v1.5"},
};

bool Present(const std::string& directory) {
  std::error_code error;
  return std::filesystem::is_directory(directory, error);
}

}  // namespace

absl::StatusOr<std::shared_ptr<Encoders>> Encoders::Load(const EncodersOptions& options) {
  std::shared_ptr<Encoders> encoders(new Encoders(options));
  for (const OpenVinoOptions& model : options.models) {
    const bool known = std::ranges::any_of(
        kDefaults, [&](const Default& one) { return one.language == model.language; });
    if (!known) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
                   fmt::format("encoder model {}: language '{}' is neither en nor zh",
                               model.directory, model.language));
    }
  }
  for (const Default& one : kDefaults) {
    const auto mounted =
        std::ranges::find(options.models, one.language, &OpenVinoOptions::language);
    if (mounted != options.models.end()) {
      FD_RETURN_IF_ERROR(encoders->Mount(*mounted, options));
    } else if (options.models_dir.empty()) {
      encoders->MountLexical(one.language, "no models directory is configured", options);
    } else {
      OpenVinoOptions model;
      model.directory = (std::filesystem::path(options.models_dir) / one.directory).string();
      model.language = one.language;
      FD_RETURN_IF_ERROR(encoders->Mount(model, options));
    }
  }
  return encoders;
}

absl::Status Encoders::Mount(const OpenVinoOptions& model, const EncodersOptions& options) {
  if (!Present(model.directory)) {
    MountLexical(model.language, fmt::format("no model in {}", model.directory), options);
    return absl::OkStatus();
  }
  OpenVinoOptions complete = model;
  if (complete.threads == 0) complete.threads = options.threads;
  FD_ASSIGN_OR_RETURN(std::unique_ptr<Encoder> loaded, OpenVinoEncoder::Load(complete));
  health_.push_back({model.language, loaded->info().name, false});
  encoders_.push_back(std::make_unique<CachedEncoder>(std::move(loaded), cache_));
  return absl::OkStatus();
}

void Encoders::MountLexical(std::string_view language, std::string_view why,
                            const EncodersOptions& options) {
  health_.push_back({std::string(language), fmt::format("lexical: {}", why), true});
  if (options.notice) options.notice(language, health_.back().state);
  encoders_.push_back(std::make_unique<CachedEncoder>(
      std::make_unique<LexicalEncoder>(std::string(language)), cache_));
}

Encoder& Encoders::For(std::string_view language) {
  for (const auto& encoder : encoders_) {
    if (encoder->info().language == language) return *encoder;
  }
  return *encoders_.front();
}

Encoder& Encoders::ForText(std::string_view text) { return For(GuessLanguage(text)); }

}  // namespace frontdesk::text
