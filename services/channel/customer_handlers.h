#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "libs/store/command.h"
#include "services/channel/keys.h"

// Commands on customers and their identities. They run on the committer: deterministic, no I/O.
namespace frontdesk::channel {

// What was sealed before, outside the committer, for one customer: with the customer's key, or with
// a fresh one when none was known then. A handler that finds another key in force refuses with
// ABORTED (STALE_RESULT), and the service prepares again.
struct PreparedCustomer {
  std::string customer;              // id: the known one, or the one a new customer shall get
  std::string key_id;                // of the key that sealed; empty when it was destroyed
  records::DataKeyRecord fresh_key;  // wrapped; for a customer who is not known
  v1::Identity identity;             // complete: id, kind, sealed value, hash
  std::string identity_scope;        // id of the channel account, or empty
};

absl::Status StalePreparation();

std::string IdentityKey(std::string_view tenant, v1::IdentityKind kind, std::string_view scope,
                        std::string_view value_hash);

// The customer of the prepared identity. An unknown one is made, with the key; an identity that
// belongs to someone else than was prepared for, or another key, is STALE_RESULT.
absl::StatusOr<records::CustomerRecord> FindOrMakeCustomer(const PreparedCustomer& prepared,
                                                           const db::Context& ctx, db::Txn& txn);

// Writes the record; the version and the times of the customer are the caller's.
void PutCustomer(records::CustomerRecord& record, bool changed, const db::Context& ctx,
                 db::Txn& txn);

absl::Status LinkIdentity(const v1::LinkIdentityRequest& request, const PreparedCustomer& prepared,
                          const db::Context& ctx, db::Txn& txn, db::Reply& reply,
                          v1::LinkIdentityResponse* response);
absl::Status UnlinkIdentity(const v1::UnlinkIdentityRequest& request, const db::Context& ctx,
                            db::Txn& txn, db::Reply& reply, v1::UnlinkIdentityResponse* response);

// For the tenants file: the customer exists and belongs to this business account.
absl::Status EnsureCustomer(const PreparedCustomer& prepared, const std::string& account,
                            const db::Context& ctx, db::Txn& txn);

}  // namespace frontdesk::channel
