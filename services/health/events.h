#pragma once

#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/names.h"

// What others hear: topic frontdesk.health.v1, key "{tenant}/{account}".
namespace frontdesk::health {

::frontdesk::store::OutgoingEvent HealthChangedEvent(const ::frontdesk::store::Context& ctx,
                                                     const AccountRef& ref,
                                                     const v1::HealthScore& before,
                                                     const v1::HealthScore& after);
::frontdesk::store::OutgoingEvent HealthAlertedEvent(const ::frontdesk::store::Context& ctx,
                                                     const AccountRef& ref,
                                                     const v1::HealthScore& score,
                                                     const v1::HealthPolicy& policy);

}  // namespace frontdesk::health
