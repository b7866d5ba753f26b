#include "libs/bus/installation.h"

#include <fmt/core.h>
#include <google/protobuf/text_format.h>

#include "frontdesk/store/v1/log.pb.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"
#include "libs/store/small_file.h"
#include "libs/store/table.h"

namespace frontdesk::bus {
namespace {

absl::Status Mismatch(std::string_view field, std::string_view found, std::string_view wanted) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "MANIFEST_MISMATCH",
                            fmt::format("the data directory says {} {}, the configuration {}",
                                        field, found, wanted)),
                      "field", field);
}

std::string StoreName(std::string_view service, uint32_t shard) {
  return fmt::format("{}/{}", service, shard);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Installation>> Installation::Open(const Options& options,
                                                                 store::Environment& environment,
                                                                 absl::Time now,
                                                                 RandomSource& random) {
  std::unique_ptr<Installation> made(
      new Installation(environment, options.data_dir + "/installation"));
  made->data_dir_ = options.data_dir;
  const auto text = store::ReadSmallFile(environment, made->path_);
  if (text.ok()) {
    store::v1::InstallationFile file;
    if (!google::protobuf::TextFormat::ParseFromString(*text, &file)) {
      return store::CorruptRow("installation file");
    }
    if (!options.id.empty() && options.id != file.installation_id()) {
      return Mismatch("installation", file.installation_id(), options.id);
    }
    if (options.shard_count != file.shard_count()) {
      return Mismatch("shard_count", std::to_string(file.shard_count()),
                      std::to_string(options.shard_count));
    }
    made->id_ = file.installation_id();
    made->shard_count_ = file.shard_count();
    made->create_time_us_ = file.create_time_us();
    made->stores_.insert(file.stores().begin(), file.stores().end());
    return made;
  }
  if (text.status().code() != absl::StatusCode::kNotFound) return text.status();
  if (!options.first_start) {
    return WithMetadata(
        Error(absl::StatusCode::kFailedPrecondition, "STORE_MISSING",
              fmt::format("{} is missing and this is not the first start: a lost volume?",
                          made->path_)),
        "path", made->path_);
  }
  made->id_ = options.id.empty() ? NewUlid(now, random) : options.id;
  made->shard_count_ = options.shard_count;
  made->create_time_us_ = absl::ToUnixMicros(now);
  FD_RETURN_IF_ERROR(made->Write());
  return made;
}

std::string Installation::StoreDirectory(std::string_view service, uint32_t shard) const {
  return fmt::format("{}/{}", data_dir_, StoreName(service, shard));
}

bool Installation::Made(std::string_view service, uint32_t shard) const {
  const std::lock_guard lock(mu_);
  return stores_.contains(StoreName(service, shard));
}

absl::Status Installation::RecordMade(std::string_view service, uint32_t shard) {
  const std::lock_guard lock(mu_);
  if (!stores_.insert(StoreName(service, shard)).second) return absl::OkStatus();
  return Write();
}

absl::Status Installation::Write() const {
  store::v1::InstallationFile file;
  file.set_installation_id(id_);
  file.set_shard_count(shard_count_);
  file.set_create_time_us(create_time_us_);
  for (const std::string& name : stores_) file.add_stores(name);
  std::string text;
  google::protobuf::TextFormat::PrintToString(file, &text);
  return store::WriteSmallFile(environment_, path_, text);
}

}  // namespace frontdesk::bus
