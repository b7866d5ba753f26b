#include "libs/process/tenants_load.h"

#include <utility>

namespace frontdesk::process {

void TenantsLoad::Submit(const std::string& tenant, std::string_view method,
                         store::Handler handler) {
  store::Command command;
  command.method = method;
  command.tenant = tenant;
  command.actor = "services/" + shards_.service();
  command.cause = "tenants-file";
  command.handle = std::move(handler);
  command.done = [load = shared_from_this()](const absl::Status& status) { load->Add(status); };
  shards_.For(tenant).Submit(std::move(command));
}

void TenantsLoad::Add(const absl::Status& status) {
  const std::lock_guard lock(mu_);
  status_.Update(status);
}

}  // namespace frontdesk::process
