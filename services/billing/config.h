#pragma once

#include "libs/process/committer_config.h"

namespace frontdesk::billing {

// What an operator may set.
using Config = process::CommitterConfig;

}  // namespace frontdesk::billing
