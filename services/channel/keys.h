#pragma once

#include "frontdesk/channel/store/v1/channel_store.pb.h"
#include "libs/store/table.h"

// Every row of the channel service. Numbers are never reused. "tenant" and "customer" are ids.
namespace frontdesk::channel {

namespace db = ::frontdesk::store;
namespace records = ::frontdesk::channel::store::v1;

// 0x20 channel account: tenant, channel account id -> ChannelAccountRecord. channel_handlers.cc
inline constexpr db::Table<records::ChannelAccountRecord> kChannelAccounts{0x20, "channel account"};
// 0x21 customer: tenant, customer -> CustomerRecord. channel_handlers.cc, message_handlers.cc
inline constexpr db::Table<records::CustomerRecord> kCustomers{0x21, "customer"};
// 0x22 identity: tenant, u8 kind, channel account id or "", keyed hash -> IdentityIndexRecord.
// customer_handlers.cc, message_handlers.cc
inline constexpr db::Table<records::IdentityIndexRecord> kIdentities{0x22, "identity"};
// 0x23 message: tenant, customer, u64 sequence -> MessageRecord. message_handlers.cc
inline constexpr db::Table<records::MessageRecord> kMessages{0x23, "message"};
// 0x24 channel message id: tenant, channel account id, channel message id -> MessageIndexRecord.
// message_handlers.cc, never deleted: what was taken in once is never taken in again
inline constexpr db::Table<records::MessageIndexRecord> kChannelMessages{0x24,
                                                                         "channel message id"};
// 0x25 reply: tenant, reply id -> MessageIndexRecord. message_handlers.cc
inline constexpr db::Table<records::MessageIndexRecord> kReplies{0x25, "reply"};
// 0x26 speaker token: tenant, conversation name -> SpeakerTokenRecord. message_handlers.cc
inline constexpr db::Table<records::SpeakerTokenRecord> kSpeakerTokens{0x26, "speaker token"};
// 0x27 undelivered: tenant, customer, u64 sequence -> UndeliveredRecord, while the message is
// SENDING. message_handlers.cc
inline constexpr db::Table<records::UndeliveredRecord> kUndelivered{0x27, "undelivered message"};
// 0xf0 data key: tenant, customer -> DataKeyRecord. The column family of sealed keys.
// customer_handlers.cc
inline constexpr db::Table<records::DataKeyRecord> kDataKeys{0xf0, "data key"};

}  // namespace frontdesk::channel
