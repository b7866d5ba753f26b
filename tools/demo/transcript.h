#pragma once

#include <string>
#include <string_view>

#include "tools/demo/web_client.h"

// What the demo prints, for somebody who sees Frontdesk for the first time.
namespace frontdesk::demo {

void PrintTitle(std::string_view title);
// What happens besides the talk.
void PrintNote(std::string_view text);
// A line of the talk; further lines of the text are indented below the first.
void PrintSaid(std::string_view who, std::string_view text);
// With its sources.
void PrintMessage(const WebMessage& message);
// "  name      value"
void PrintRow(std::string_view name, std::string_view value);

}  // namespace frontdesk::demo
