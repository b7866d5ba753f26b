#pragma once

#include <vector>

#include "libs/text/entities/context.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// Finds amounts of money: a number (numbers.h) and a currency before or behind it.
//   signs    "¥", "$", "€", "£", "HK$", "US$", "NT$", "A$", "C$", "S$", "₩", "₹"; "¥" and "$" mean what
//            EntityContext says, "-" before a sign makes the amount negative
//   codes    "USD 5k", "5k USD", "RMB300", "300 rmb"; ISO codes of the currencies known here
//   words    元, 块(钱), 圆, 人民币, 美元, 美金, 刀, 欧元, 英镑, 日元, 港币, … ; dollars, bucks, euros,
//            pounds, quid, yuan, yen, …
//   parts    "三块五" (3.50), "3元5角", "五毛", "twenty dollars and fifty cents", "50 cents"
//   scales   "3万元", "5k", "1.2 million dollars", "五百块"
//   ranges   "100-200元", "$5 to $10", "between 20 and 30 dollars": least and most
// "多", "来", "左右", "about" make it a guess. A number without a currency is no amount; "几百块" has no
// number. Linear, pure.
void FindAmounts(const Tokens& tokens, const EntityContext& context, std::vector<Entity>& out);

}  // namespace frontdesk::text
