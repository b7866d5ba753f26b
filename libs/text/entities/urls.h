#pragma once

#include <string_view>
#include <vector>

#include "libs/text/entities/entity.h"

namespace frontdesk::text {

// Finds links: with a scheme (http, https, ftp), beginning with "www.", or a host under one of the
// common top-level domains ("taobao.com/item?id=1", a guess without a path). They end at white space,
// at any character that is not ASCII, and before closing punctuation and brackets that were opened
// outside. REQUIRES: well-formed UTF-8. Linear, pure.
void FindUrls(std::string_view text, std::vector<Entity>& out);

}  // namespace frontdesk::text
