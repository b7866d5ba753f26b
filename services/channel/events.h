#pragma once

#include "frontdesk/channel/v1/channel.pb.h"
#include "libs/store/command.h"
#include "services/channel/keys.h"

// Domain facts as public events of topic frontdesk.channel.v1, key "{tenant}/{customer}". Each
// appends one event to the transaction.
namespace frontdesk::channel {

void EmitMessageReceived(const records::MessageRecord& record, const db::Context& ctx,
                         db::Txn& txn);
void EmitMessageDelivered(const v1::Message& message, const db::Context& ctx, db::Txn& txn);
void EmitMessageFailed(const v1::Message& message, const db::Context& ctx, db::Txn& txn);
void EmitIdentityLinked(const v1::Customer& customer, const v1::Identity& identity,
                        const db::Context& ctx, db::Txn& txn);
void EmitIdentityUnlinked(const v1::Customer& customer, const v1::Identity& identity,
                          const db::Context& ctx, db::Txn& txn);

}  // namespace frontdesk::channel
