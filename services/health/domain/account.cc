#include "services/health/domain/account.h"

#include "libs/base/error.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health {

store::v1::AccountRecord MakePlaceholder(std::string_view name, absl::Time now) {
  store::v1::AccountRecord record;
  record.set_placeholder(true);
  record.mutable_account()->set_name(std::string(name));
  ToProto(now, record.mutable_account()->mutable_create_time());
  return record;
}

absl::Status DescribeAccount(const v1::Account& wanted, store::v1::AccountRecord& record) {
  v1::Account& account = *record.mutable_account();
  if (!record.placeholder()) {
    return WithResource(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                              "account " + account.name() + " exists"),
                        "account", account.name());
  }
  record.set_placeholder(false);
  account.set_display_name(wanted.display_name());
  account.set_owner(wanted.owner());
  return absl::OkStatus();
}

void UpdateAccount(const v1::Account& wanted, const std::vector<std::string>& paths,
                   v1::Account& account) {
  for (const std::string& path : paths) {
    if (path == "display_name") account.set_display_name(wanted.display_name());
    if (path == "owner") account.set_owner(wanted.owner());
  }
}

absl::Status CheckEtag(std::string_view name, std::string_view current, std::string_view etag) {
  if (etag.empty() || etag == current) return absl::OkStatus();
  absl::Status status =
      Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "it was changed since; read it again");
  status = WithMetadata(std::move(status), "name", name);
  return WithMetadata(std::move(status), "etag", current);
}

}  // namespace frontdesk::health
