#pragma once

#include <string_view>

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"

namespace frontdesk::dialog {

// Appends `event`, of which only the payload is set, to the outbox: metadata, headers and the key
// "{tenant}/{customer id}", under which the customer's conversations keep their order. `customer`
// and `conversation` are resource names.
void AppendEvent(const ::frontdesk::store::Context& context, std::string_view customer,
                 std::string_view conversation, v1::DialogEvent event,
                 ::frontdesk::store::Txn& txn);

}  // namespace frontdesk::dialog
