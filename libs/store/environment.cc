#include "libs/store/environment.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_buffer_manager.h>

namespace frontdesk::store {

std::unique_ptr<Environment> Environment::OnDisk(const Options& options) {
  std::unique_ptr<Environment> environment(new Environment());
  environment->env_ = rocksdb::Env::Default();
  if (options.on_write_failed) {
    environment->owned_env_ = rocksdb::NewCompositeEnv(
        WatchWrites(rocksdb::FileSystem::Default(), options.on_write_failed));
    environment->env_ = environment->owned_env_.get();
  }
  environment->block_cache_ = rocksdb::NewLRUCache(options.block_cache_bytes);
  environment->write_buffers_ =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  return environment;
}

Environment::~Environment() = default;

}  // namespace frontdesk::store
