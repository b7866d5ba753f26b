#pragma once

#include <vector>

#include "tools/frontdesk/commands.h"

namespace frontdesk::command {

// `frontdesk text …`: libs/text at hand, for data of one's own. Local: no server, no tenant.
std::vector<OperatorCommand> TextCommands();

// Their parts, one a file.
std::vector<OperatorCommand> ClassifyCommands();  // train, predict, evaluate
std::vector<OperatorCommand> FindCommands();      // embed, entities, similar
std::vector<OperatorCommand> PairCommands();      // pairs train, pairs score
std::vector<OperatorCommand> FeelingCommands();   // sentiment, pack
std::vector<OperatorCommand> SpamCommands();      // spam train, spam judge, quality, floods

}  // namespace frontdesk::command
