#include "libs/text/entities/order_numbers.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "libs/text/folded_view.h"

namespace frontdesk::text {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void Emit(std::string_view part, size_t begin, size_t end, double confidence,
          std::vector<Entity>& out) {
  Entity entity;
  entity.type = EntityType::kOrderNumber;
  entity.begin = begin;
  entity.end = end;
  entity.confidence = confidence;
  for (char c : part) {
    if (c != ' ' && c != '#') entity.value += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  out.push_back(std::move(entity));
}

// What follows an announcing word, on the original's bytes.
void FindAnnounced(std::string_view text, std::vector<Entity>& out) {
  static const RE2 kAnnounced(
      "(?i)(?:订单|訂單|单号|單號|运单|運單|快递|快遞|物流|工单|工單|流水号|交易号|编号|"
      "\\border|\\btracking|\\bticket|\\bparcel|\\bshipment|\\binvoice|\\bpo)"
      "\\s*(?:number|num|no\\.?|id|code|ref|号码|號碼|号|號|编号|#|№)?\\s*(?:is|was|是|为|為)?\\s*"
      "(?::|：|#|=)?\\s*([A-Za-z0-9][A-Za-z0-9-]{2,39}[A-Za-z0-9])");
  re2::StringPiece rest(text.data(), text.size());
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, kAnnounced, &found)) {
    const auto begin = static_cast<size_t>(found.data() - text.data());
    const size_t end = begin + found.size();
    const auto digits = std::count_if(found.begin(), found.end(), IsDigit);
    const bool goes_on =
        end < text.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) ||
                              text[end] == '@' || text[end] == '/' || text[end] == ':');
    static const RE2 kOther("[0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?|1[3-9][0-9]{9}");
    if (digits < 3 || goes_on || RE2::FullMatch(found, kOther)) {
      // The word found may be the next announcement ("order number is order 1234").
      rest = re2::StringPiece(text.data() + begin, text.size() - begin);
      continue;
    }
    const double confidence = digits >= 6 ? 1.0 : 0.8;
    Emit({found.data(), found.size()}, begin, end, confidence, out);
  }
}

void FindInView(const FoldedView& view, const RE2& expression, double confidence,
                std::vector<Entity>& out) {
  const std::string_view bytes = view.bytes();
  re2::StringPiece rest(bytes.data(), bytes.size());
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, expression, &found)) {
    const auto begin = static_cast<size_t>(found.data() - bytes.data());
    const size_t end = begin + found.size();
    rest = re2::StringPiece(bytes.data() + end, bytes.size() - end);
    Emit({found.data(), found.size()}, view.OriginalBegin(begin), view.OriginalEnd(end - 1),
         confidence, out);
  }
}

}  // namespace

void FindOrderNumbers(std::string_view text, std::vector<Entity>& out) {
  static const RE2 kCode(
      "(?:^|[^A-Za-z0-9@_./-])([A-Z]{2,6}-?[0-9]{6,24}(?:-[0-9A-Z]{1,12}){0,4}|"
      "[A-Z]{2,6}(?:-[0-9]{2,12}){2,5})(?:[^A-Za-z0-9@_-]|$)",
      RE2::Latin1);
  static const RE2 kLong("(?:^|[^A-Za-z0-9@_.+$\\x03-])([0-9]{12,24})(?:[^A-Za-z0-9@_\\x03-]|$)",
                         RE2::Latin1);
  static const RE2 kHash("(?:^|[^A-Za-z0-9&#/])(#[0-9]{4,12})(?:[^A-Za-z0-9-]|$)", RE2::Latin1);
  FindAnnounced(text, out);
  const FoldedView view(text);
  FindInView(view, kCode, 0.9, out);
  FindInView(view, kLong, 0.6, out);
  FindInView(view, kHash, 0.7, out);
}

}  // namespace frontdesk::text
