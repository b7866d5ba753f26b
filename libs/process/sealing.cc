#include "libs/process/sealing.h"

#include <fmt/core.h>

#include "libs/base/status_macros.h"

namespace frontdesk::process {

absl::StatusOr<common::v1::SealedText> SealText(const text::DataKey* key, const SealFor& where,
                                                std::string_view plaintext) {
  if (key == nullptr) return text::MaskOnly(plaintext);
  const text::SealContext context{.tenant = std::string(where.tenant),
                                  .customer = std::string(where.customer),
                                  .resource = std::string(where.resource),
                                  .field = std::string(where.field),
                                  .version = where.version};
  FD_ASSIGN_OR_RETURN(common::v1::SealedText sealed, text::Seal(*key, context, plaintext));
  sealed.set_sealed_for(fmt::format("{}#{}", where.resource, where.field));
  return sealed;
}

absl::StatusOr<std::string> OpenText(const text::DataKey& key, std::string_view tenant,
                                     std::string_view customer,
                                     const common::v1::SealedText& sealed) {
  const std::string_view sealed_for = sealed.sealed_for();
  const size_t hash = sealed_for.rfind('#');
  text::SealContext context;
  context.tenant = tenant;
  context.customer = customer;
  context.resource = sealed_for.substr(0, hash);
  if (hash != std::string_view::npos) context.field = sealed_for.substr(hash + 1);
  return text::Open(key, context, sealed);
}

}  // namespace frontdesk::process
