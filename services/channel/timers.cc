#include "services/channel/timers.h"

#include <utility>

#include "services/channel/message_handlers.h"

// Kinds; never reused:
//   1 kExpiryTimer: undelivered messages of a customer are over their time. Subject: u8 kind,
//     tenant, customer
namespace frontdesk::channel {

db::TimerScanner::MakeCommand MakeTimerCommands() {
  return [](const db::Timer& timer, db::Command& command) {
    std::string tenant;
    std::string customer;
    db::KeyReader fields(timer.subject);
    const bool known = timer.kind == kExpiryTimer && fields.Read(&tenant) && fields.Read(&customer);
    command.method = "ExpireMessages";
    command.tenant = tenant;
    command.actor = "services/channel";
    command.cause = "timer";
    command.handle = [known, customer = std::move(customer)](const db::Context& ctx, db::Txn& txn,
                                                             db::Reply&) -> absl::Status {
      if (!known) return db::CorruptRow("channel timer");
      return ExpireMessages(customer, ctx, txn);
    };
  };
}

}  // namespace frontdesk::channel
