#pragma once

#include <string_view>
#include <vector>

#include "libs/text/entities/context.h"
#include "libs/text/entities/entity.h"

namespace frontdesk::text {

// Finds phone numbers, e-mail addresses, Chinese resident identity numbers and payment card numbers:
// exactly what masking takes (mask.h says what that is), and Chinese hotlines (400 and 800), which masking
// leaves because they are nobody's. Phones that libphonenumber can't read keep their digits
// as the value, as a guess. REQUIRES: well-formed UTF-8 of at most kMaxTextBytes. Linear, pure.
void FindContacts(std::string_view text, const EntityContext& context, std::vector<Entity>& out);

}  // namespace frontdesk::text
