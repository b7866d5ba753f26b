#include "libs/text/sentiment/feeling_artefact.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/errors.h"
#include "libs/text/sentiment/feeling.h"

namespace frontdesk::text {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr std::string_view kModelFile = "model.fdtc";
constexpr size_t kNameBytesMax = 64;

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  std::string hex;
  for (const unsigned char byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

absl::Status CheckManifest(const FeelingManifest& manifest) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const std::string& name = manifest.name;
  if (name.empty() || name.size() > kNameBytesMax ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return InvalidField("name", "must be 1 to 64 of a-z, 0-9 and -");
  }
  const bool polarity = manifest.task == "polarity";
  if (!polarity && manifest.task != "emotion") {
    return InvalidField("task", "must be polarity or emotion");
  }
  if (manifest.language != "zh" && manifest.language != "en" && manifest.language != "any") {
    return InvalidField("language", "must be zh, en or any");
  }
  for (const auto& [label, meaning] : manifest.labels) {
    if (polarity ? !PolarityOf(meaning).has_value() : !EmotionOf(meaning).has_value()) {
      return InvalidField("labels", fmt::format("\"{}\" is no {}", meaning, manifest.task));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteError(const fs::path& path) {
  return WithMetadata(Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                            fmt::format("{} can't be written", path.string())),
                      "path", path.string());
}

// Whoever reads sees the old file or the new one.
absl::Status WriteWhole(const fs::path& path, std::string_view bytes) {
  const fs::path draft = path.string() + ".new";
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file) fs::rename(draft, path, error);
  if (!file || error) return WriteError(path);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const fs::path& path, size_t bytes_max) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  if (error) return NotFound("file", path.string());
  if (size > bytes_max) return ModelBrokenError(path.string());
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) return ModelBrokenError(path.string());
  return bytes;
}

struct Described {
  FeelingManifest manifest;
  std::string model;
  uint64_t bytes = 0;
  std::string sha256;
};

std::string TextOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

absl::StatusOr<Described> ParseManifest(const std::string& text, const std::string& path) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return ModelBrokenError(path);
  const auto format = json.find("format");
  if (format == json.end() || !format->is_number_integer()) return ModelBrokenError(path);
  if (*format != kFormat) return ModelVersionError(format->get<uint32_t>(), kFormat);
  Described described;
  described.manifest.name = TextOf(json, "name");
  described.manifest.task = TextOf(json, "task");
  described.manifest.language = TextOf(json, "language");
  described.model = TextOf(json, "model");
  described.sha256 = TextOf(json, "sha256");
  const auto bytes = json.find("bytes");
  if (bytes == json.end() || !bytes->is_number_unsigned()) return ModelBrokenError(path);
  described.bytes = bytes->get<uint64_t>();
  if (const auto labels = json.find("labels"); labels != json.end()) {
    if (!labels->is_object()) return ModelBrokenError(path);
    for (const auto& [label, meaning] : labels->items()) {
      if (!meaning.is_string()) return ModelBrokenError(path);
      described.manifest.labels[label] = meaning.get<std::string>();
    }
  }
  // Only a file beside the manifest: no way out of the directory.
  const fs::path model = described.model;
  if (model.empty() || model.filename() != model || model == ".." || model == ".") {
    return ModelBrokenError(path);
  }
  if (!CheckManifest(described.manifest).ok()) return ModelBrokenError(path);
  return described;
}

}  // namespace

absl::Status WriteFeelingArtefact(const std::string& directory, const FeelingManifest& manifest,
                                  std::string_view model_bytes) {
  FD_RETURN_IF_ERROR(CheckManifest(manifest));
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return WriteError(directory);
  const Json json = {{"format", kFormat},           {"name", manifest.name},
                     {"task", manifest.task},       {"language", manifest.language},
                     {"labels", manifest.labels},   {"model", kModelFile},
                     {"bytes", model_bytes.size()}, {"sha256", Sha256(model_bytes)}};
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  FD_RETURN_IF_ERROR(WriteWhole(fs::path(directory) / kModelFile, model_bytes));
  return WriteWhole(fs::path(directory) / kManifestFile, text);
}

absl::StatusOr<FeelingArtefact> ReadFeelingArtefact(const std::string& directory) {
  const fs::path path = fs::path(directory) / kManifestFile;
  FD_ASSIGN_OR_RETURN(const std::string text, ReadWhole(path, kManifestBytesMax));
  FD_ASSIGN_OR_RETURN(Described described, ParseManifest(text, path.string()));
  const fs::path model = fs::path(directory) / described.model;
  absl::StatusOr<std::string> bytes = ReadWhole(model, kModelBytesMax);
  if (!bytes.ok() || bytes->size() != described.bytes || Sha256(*bytes) != described.sha256) {
    return ModelBrokenError(model.string());
  }
  return FeelingArtefact{std::move(described.manifest), *std::move(bytes)};
}

}  // namespace frontdesk::text
