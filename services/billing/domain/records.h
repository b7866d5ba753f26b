#pragma once

#include "frontdesk/billing/store/v1/billing_store.pb.h"
#include "frontdesk/billing/v1/billing.pb.h"

// The names by which the service calls its records.
namespace frontdesk::billing {

namespace records = ::frontdesk::billing::store::v1;

}  // namespace frontdesk::billing
