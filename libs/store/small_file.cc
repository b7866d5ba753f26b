#include "libs/store/small_file.h"

#include <rocksdb/env.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/rocks_reader.h"

namespace frontdesk::store {

absl::StatusOr<std::string> ReadSmallFile(Environment& environment, const std::string& path) {
  const rocksdb::Status exists = environment.env()->FileExists(path);
  if (exists.IsNotFound()) return NotFound("file", path);
  FD_RETURN_IF_ERROR(FromRocks(exists));
  std::string content;
  FD_RETURN_IF_ERROR(FromRocks(rocksdb::ReadFileToString(environment.env(), path, &content)));
  return content;
}

absl::Status WriteSmallFile(Environment& environment, const std::string& path,
                            const std::string& content) {
  rocksdb::Env* env = environment.env();
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    FD_RETURN_IF_ERROR(FromRocks(env->CreateDirIfMissing(path.substr(0, end))));
  }
  const std::string aside = path + ".new";
  FD_RETURN_IF_ERROR(
      FromRocks(rocksdb::WriteStringToFile(env, content, aside, /*should_sync=*/true)));
  FD_RETURN_IF_ERROR(FromRocks(env->RenameFile(aside, path)));
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash);
  std::unique_ptr<rocksdb::Directory> handle;
  FD_RETURN_IF_ERROR(FromRocks(env->NewDirectory(directory, &handle)));
  return FromRocks(handle->Fsync());
}

}  // namespace frontdesk::store
