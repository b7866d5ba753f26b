#include "services/dialog/intent_handlers.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/dialog/domain/intent.h"
#include "services/dialog/domain/proto_time.h"
#include "services/dialog/intent_store.h"

namespace frontdesk::dialog {
namespace {

using store::v1::IntentExamplesRecord;
using store::v1::IntentRecord;

// Puts both rows; `record` has the intent with its examples.
void Put(std::string_view id, IntentRecord record, const engine::Context& ctx, engine::Txn& txn,
         v1::Intent* result) {
  record.set_version(record.version() + 1);
  v1::Intent& intent = *record.mutable_intent();
  intent.set_etag(std::to_string(record.version()));
  ToProto(ctx.now, intent.mutable_update_time());
  if (result != nullptr) *result = intent;
  IntentExamplesRecord examples;
  examples.mutable_examples()->Swap(intent.mutable_examples());
  kIntents.Put(txn, kIntents.Key(ctx.tenant, id), record);
  if (examples.examples().empty()) {
    txn.Delete(kIntentExamples.Key(ctx.tenant, id));
  } else {
    kIntentExamples.Put(txn, kIntentExamples.Key(ctx.tenant, id), examples);
  }
}

absl::Status CheckRoom(std::string_view tenant, const engine::Txn& txn) {
  int count = 0;
  FD_RETURN_IF_ERROR(
      txn.Scan(kIntents.Key(tenant), "", [&](auto, auto) { return ++count < kMaxIntents; }));
  if (count < kMaxIntents) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
               "a tenant has at most 200 intents");
}

absl::Status PutNew(std::string_view id, const v1::Intent& draft, const engine::Context& ctx,
                    engine::Txn& txn, v1::Intent* result) {
  FD_RETURN_IF_ERROR(CheckRoom(ctx.tenant, txn));
  IntentRecord record;
  v1::Intent& intent = *record.mutable_intent();
  ChangeIntent(draft, AllIntentPaths(), intent);
  intent.set_name(IntentName(ctx.tenant, id));
  ToProto(ctx.now, intent.mutable_create_time());
  Put(id, std::move(record), ctx, txn, result);
  return absl::OkStatus();
}

absl::Status CheckEtag(std::string_view etag, const v1::Intent& intent) {
  if (etag.empty() || etag == intent.etag()) return absl::OkStatus();
  absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                              "the intent was changed since: read it again");
  status = WithMetadata(std::move(status), "name", intent.name());
  return WithMetadata(std::move(status), "etag", intent.etag());
}

}  // namespace

absl::Status CreateIntent(std::string_view id, const v1::Intent& draft, const engine::Context& ctx,
                          engine::Txn& txn, v1::Intent* result) {
  const std::string made = id.empty() ? ctx.NewId() : std::string(id);
  FD_ASSIGN_OR_RETURN(const auto existing, txn.Get(kIntents.Key(ctx.tenant, made)));
  if (!existing.has_value()) return PutNew(made, draft, ctx, txn, result);
  const std::string name = IntentName(ctx.tenant, made);
  return WithMetadata(WithResource(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                         "the intent exists already"),
                                   "intent", name),
                      "name", name);
}

absl::Status UpdateIntent(std::string_view id, const v1::Intent& wanted,
                          const std::vector<std::string>& paths, const engine::Context& ctx,
                          engine::Txn& txn, v1::Intent* result) {
  FD_ASSIGN_OR_RETURN(IntentRecord record, LoadIntentRecord(txn, ctx.tenant, id));
  FD_RETURN_IF_ERROR(CheckEtag(wanted.etag(), record.intent()));
  if (!ChangeIntent(wanted, paths, *record.mutable_intent())) {
    *result = std::move(*record.mutable_intent());
    return absl::OkStatus();
  }
  Put(id, std::move(record), ctx, txn, result);
  return absl::OkStatus();
}

absl::Status DeleteIntent(std::string_view id, std::string_view etag, const engine::Context& ctx,
                          engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const IntentRecord record, LoadIntentRecord(txn, ctx.tenant, id));
  FD_RETURN_IF_ERROR(CheckEtag(etag, record.intent()));
  txn.Delete(kIntents.Key(ctx.tenant, id));
  txn.Delete(kIntentExamples.Key(ctx.tenant, id));
  return absl::OkStatus();
}

absl::StatusOr<bool> LoadIntent(std::string_view id, const v1::Intent& wanted,
                                const engine::Context& ctx, engine::Txn& txn) {
  auto record = LoadIntentRecord(txn, ctx.tenant, id);
  if (absl::IsNotFound(record.status())) {
    FD_RETURN_IF_ERROR(PutNew(id, wanted, ctx, txn, nullptr));
    return true;
  }
  if (!record.ok()) return record.status();
  if (!ChangeIntent(wanted, AllIntentPaths(), *record->mutable_intent())) return false;
  Put(id, *std::move(record), ctx, txn, nullptr);
  return true;
}

}  // namespace frontdesk::dialog
