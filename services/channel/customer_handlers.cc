#include "services/channel/customer_handlers.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/channel/domain/customer.h"
#include "services/channel/domain/names.h"
#include "services/channel/domain/version.h"
#include "services/channel/events.h"

namespace frontdesk::channel {
namespace {

absl::StatusOr<records::CustomerRecord> LoadCustomer(std::string_view name, const db::Context& ctx,
                                                     const db::Reader& reader) {
  FD_ASSIGN_OR_RETURN(const std::string customer, ParseCustomerName(ctx.tenant, name, "name"));
  return kCustomers.Load(reader, kCustomers.Key(ctx.tenant, customer), name);
}

absl::Status IdentityTaken(const db::Context& ctx, std::string_view customer) {
  const std::string name = CustomerName(ctx.tenant, customer);
  return WithMetadata(Error(absl::StatusCode::kAlreadyExists, "IDENTITY_TAKEN",
                            "the identity is linked to another customer"),
                      "customer", name);
}

std::string ScopeOf(const v1::Identity& identity) {
  const std::string& account = identity.channel_account();
  return account.substr(account.rfind('/') + 1);
}

void PutIdentity(const v1::Identity& identity, std::string_view scope, std::string_view customer,
                 const db::Context& ctx, db::Txn& txn) {
  records::IdentityIndexRecord index;
  index.set_customer(std::string(customer));
  index.set_identity_id(identity.identity_id());
  kIdentities.Put(txn, IdentityKey(ctx.tenant, identity.kind(), scope, identity.value_hash()),
                  index);
}

}  // namespace

absl::Status StalePreparation() {
  return Error(absl::StatusCode::kAborted, "STALE_RESULT",
               "the customer has changed since the text was sealed: repeat");
}

std::string IdentityKey(std::string_view tenant, v1::IdentityKind kind, std::string_view scope,
                        std::string_view value_hash) {
  return kIdentities.Key(tenant, static_cast<uint8_t>(kind), scope, value_hash);
}

void PutCustomer(records::CustomerRecord& record, bool changed, const db::Context& ctx,
                 db::Txn& txn) {
  v1::Customer& customer = *record.mutable_customer();
  if (changed) {
    record.set_version(record.version() + 1);
    customer.set_etag(EtagOf(record.version()));
    *customer.mutable_update_time() = ToTimestamp(ctx.now);
  }
  const std::string& name = customer.name();
  kCustomers.Put(txn, kCustomers.Key(ctx.tenant, name.substr(name.rfind('/') + 1)), record);
}

absl::StatusOr<records::CustomerRecord> FindOrMakeCustomer(const PreparedCustomer& prepared,
                                                           const db::Context& ctx, db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(
      auto index,
      kIdentities.Find(txn, IdentityKey(ctx.tenant, prepared.identity.kind(),
                                        prepared.identity_scope, prepared.identity.value_hash())));
  if (index.has_value()) {
    if (index->customer() != prepared.customer) return StalePreparation();
    FD_ASSIGN_OR_RETURN(records::CustomerRecord record,
                        kCustomers.Load(txn, kCustomers.Key(ctx.tenant, prepared.customer),
                                        CustomerName(ctx.tenant, prepared.customer)));
    if (record.data_key_id() != prepared.key_id) return StalePreparation();
    return record;
  }
  // The identity was unlinked since: prepare anew, for a customer of its own.
  if (prepared.fresh_key.key_id().empty()) return StalePreparation();
  records::CustomerRecord record;
  v1::Customer& customer = *record.mutable_customer();
  customer.set_name(CustomerName(ctx.tenant, prepared.customer));
  *customer.mutable_create_time() = ToTimestamp(ctx.now);
  v1::Identity identity = prepared.identity;
  *identity.mutable_create_time() = ToTimestamp(ctx.now);
  PutIdentity(identity, prepared.identity_scope, prepared.customer, ctx, txn);
  FD_RETURN_IF_ERROR(AddIdentity(std::move(identity), customer));
  records::DataKeyRecord key = prepared.fresh_key;
  key.set_create_time_us(absl::ToUnixMicros(ctx.now));
  kDataKeys.Put(txn, kDataKeys.Key(ctx.tenant, prepared.customer), key);
  record.set_data_key_id(prepared.key_id);
  PutCustomer(record, /*changed=*/true, ctx, txn);
  return record;
}

absl::Status LinkIdentity(const v1::LinkIdentityRequest& request, const PreparedCustomer& prepared,
                          const db::Context& ctx, db::Txn& txn, db::Reply& reply,
                          v1::LinkIdentityResponse* response) {
  FD_ASSIGN_OR_RETURN(records::CustomerRecord record, LoadCustomer(request.name(), ctx, txn));
  v1::Customer& customer = *record.mutable_customer();
  reply.resource = customer.name();
  FD_RETURN_IF_ERROR(CheckEtag(request.etag(), record.version(), customer.name()));
  if (!prepared.identity_scope.empty()) {
    FD_RETURN_IF_ERROR(kChannelAccounts
                           .Load(txn, kChannelAccounts.Key(ctx.tenant, prepared.identity_scope),
                                 request.channel_account())
                           .status());
  }
  FD_ASSIGN_OR_RETURN(
      auto index,
      kIdentities.Find(txn, IdentityKey(ctx.tenant, prepared.identity.kind(),
                                        prepared.identity_scope, prepared.identity.value_hash())));
  if (index.has_value() && index->customer() != prepared.customer) {
    return IdentityTaken(ctx, index->customer());
  }
  if (!index.has_value()) {
    if (record.data_key_id() != prepared.key_id) return StalePreparation();
    v1::Identity identity = prepared.identity;
    *identity.mutable_create_time() = ToTimestamp(ctx.now);
    FD_RETURN_IF_ERROR(AddIdentity(identity, customer));
    PutIdentity(identity, prepared.identity_scope, prepared.customer, ctx, txn);
    PutCustomer(record, /*changed=*/true, ctx, txn);
    EmitIdentityLinked(customer, identity, ctx, txn);
  }
  *response->mutable_customer() = customer;
  return absl::OkStatus();
}

absl::Status UnlinkIdentity(const v1::UnlinkIdentityRequest& request, const db::Context& ctx,
                            db::Txn& txn, db::Reply& reply, v1::UnlinkIdentityResponse* response) {
  FD_ASSIGN_OR_RETURN(records::CustomerRecord record, LoadCustomer(request.name(), ctx, txn));
  v1::Customer& customer = *record.mutable_customer();
  reply.resource = customer.name();
  FD_RETURN_IF_ERROR(CheckEtag(request.etag(), record.version(), customer.name()));
  FD_ASSIGN_OR_RETURN(const v1::Identity removed, RemoveIdentity(request.identity_id(), customer));
  txn.Delete(IdentityKey(ctx.tenant, removed.kind(), ScopeOf(removed), removed.value_hash()));
  PutCustomer(record, /*changed=*/true, ctx, txn);
  EmitIdentityUnlinked(customer, removed, ctx, txn);
  *response->mutable_customer() = customer;
  return absl::OkStatus();
}

absl::Status EnsureCustomer(const PreparedCustomer& prepared, const std::string& account,
                            const db::Context& ctx, db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(records::CustomerRecord record, FindOrMakeCustomer(prepared, ctx, txn));
  if (record.customer().account() == account) return absl::OkStatus();
  record.mutable_customer()->set_account(account);
  PutCustomer(record, /*changed=*/true, ctx, txn);
  return absl::OkStatus();
}

}  // namespace frontdesk::channel
