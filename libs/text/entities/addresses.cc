#include "libs/text/entities/addresses.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/text/entities/numbers.h"
#include "libs/text/entities/regions.h"

namespace frontdesk::text {
namespace {

constexpr size_t kNameMax = 6;  // characters of a district's, town's or road's name
constexpr size_t kBackMax = 5;  // of a name taken back from its suffix

// What a place's name never holds: an address ends or begins there.
bool IsWall(const Tokens& tokens, size_t i) {
  if (!tokens.IsKind(i, TokenKind::kHan)) return true;
  static constexpr std::string_view kWalls[] = {
      "在", "到", "是", "住", "寄", "送", "我", "你", "您", "他", "她", "它", "们",
      "这", "那", "去", "从", "往", "给", "把", "被", "和", "与", "或", "了", "吗",
      "呢", "吧", "的", "请", "为", "于", "至", "址", "说", "就", "都", "也", "还",
      "想", "要", "能", "会", "有", "没", "不", "改", "换", "发", "来", "过", "个",
      "哪", "什", "么", "怎", "让", "叫", "走", "经", "离", "很", "太"};
  const std::string_view text = tokens.Text(i);
  return std::find(std::begin(kWalls), std::end(kWalls), text) != std::end(kWalls);
}

std::string Join(const Tokens& tokens, size_t begin, size_t end) {
  std::string out;
  for (size_t i = begin; i < end; ++i) out += tokens.Text(i);
  for (char& c : out) c = absl::ascii_toupper(static_cast<unsigned char>(c));
  return out;
}

struct Part {
  size_t begin = 0;
  size_t next = 0;
};

// A name and one of `suffixes`, starting at `i`; the first suffix counts.
std::optional<Part> Named(const Tokens& tokens, size_t i, size_t name_min,
                          std::initializer_list<std::string_view> suffixes) {
  for (size_t k = i; k < i + kNameMax + 1; ++k) {
    if (k >= i + name_min) {
      const Tokens::Found found = tokens.MatchAny(k, suffixes);
      if (found.count > 0) return Part{i, k + found.count};
    }
    if (IsWall(tokens, k)) {
      // Numbers may be in names: "第5大街", "318国道".
      const bool number = tokens.IsKind(k, TokenKind::kDigits) && tokens.Text(k).size() <= 4;
      if (!number) return std::nullopt;
    }
  }
  return std::nullopt;
}

// "88号", "88-2号", "甲3号", "八十八号": also "88弄12号".
std::optional<Part> NumberAt(const Tokens& tokens, size_t i) {
  size_t at = i;
  if (tokens.Is(at, "甲") || tokens.Is(at, "乙") || tokens.Is(at, "第")) ++at;
  size_t next = at;
  if (tokens.IsKind(at, TokenKind::kDigits) && tokens.Text(at).size() <= 5) {
    next = at + 1;
    while ((tokens.Is(next, "-") || tokens.Is(next, "之")) &&
           tokens.IsKind(next + 1, TokenKind::kDigits) && next - i < 6) {
      next += 2;
    }
  } else if (HanDigit(tokens.Text(at)) > 0 || tokens.Is(at, "十")) {
    const std::optional<Number> number = ParseNumber(tokens, at);
    next = number.has_value() ? number->next : at + 1;
  }
  if (next == at) return std::nullopt;
  const size_t suffix = tokens.MatchAny(next, {"号院", "号"}).count;
  if (suffix == 0 || tokens.Is(next + 1, "楼") || tokens.Is(next + 1, "线")) return std::nullopt;
  return Part{i, next + suffix};
}

// "3栋", "2单元", "502室", "15楼", "A座", "阳光小区".
std::optional<Part> DetailAt(const Tokens& tokens, size_t i) {
  const std::initializer_list<std::string_view> kUnits = {"号楼", "栋", "幢", "座", "单元", "楼",
                                                          "层",   "室", "号", "房", "门",   "户",
                                                          "期",   "弄", "组", "队"};
  size_t next = i;
  if (tokens.IsKind(i, TokenKind::kDigits) && tokens.Text(i).size() <= 5) {
    next = i + 1;
    if (tokens.Is(next, "-") && tokens.IsKind(next + 1, TokenKind::kDigits)) next += 2;
    if (tokens.Is(next, "-") && tokens.IsKind(next + 1, TokenKind::kDigits)) next += 2;
  } else if (tokens.IsKind(i, TokenKind::kWord) && tokens.Text(i).size() <= 2) {
    next = i + 1;
    if (tokens.IsKind(next, TokenKind::kDigits) && tokens.Glued(next)) ++next;
  } else if (HanDigit(tokens.Text(i)) > 0 || tokens.Is(i, "十")) {
    const std::optional<Number> number = ParseNumber(tokens, i);
    next = number.has_value() ? number->next : i + 1;
  }
  if (next > i) {
    const size_t unit = tokens.MatchAny(next, kUnits).count;
    if (unit == 0) return std::nullopt;
    return Part{i, next + unit};
  }
  return Named(tokens, i, 1, {"小区", "花园", "大厦",   "公寓",   "广场",   "家园", "新村",
                              "大楼", "中心", "工业园", "科技园", "产业园", "花苑", "新城",
                              "商场", "酒店", "大学",   "学院",   "医院",   "苑",   "城"});
}

class Parser {
 public:
  Parser(const Tokens& tokens, size_t begin) : tokens_(tokens), next_(begin) {}

  // From a province or city on.
  bool ParseRegion() {
    const Region province = Placed(ProvinceAt(tokens_, next_));
    const Region city_first = Placed(CityAt(tokens_, next_));
    if (province.count > 0 && (province.count >= city_first.count || !city_first.city.empty())) {
      // "吉林省吉林市", "北京市北京市朝阳区"; "海南" alone is the province.
      if (province.count >= city_first.count) {
        address_.province = province.province;
        full_ = province.full;
        next_ += province.count;
        ++levels_;
        SkipGap();
        const Region city = Placed(CityAt(tokens_, next_));
        if (city.count > 0 && city.province == province.province) TakeCity(city);
        if (address_.city.empty() && province.province.ends_with("市")) {
          address_.city = province.province;
        }
        return true;
      }
    }
    if (city_first.count == 0) return false;
    TakeCity(city_first);
    return true;
  }

  // Everything below.
  void ParseBelow() {
    ParseDistrict();
    Take(address_.town, Named(tokens_, next_, 1, {"街道", "镇", "乡", "村", "苏木", "街道办"}));
    ParseRoad();
    for (int part = 0; part < 6; ++part) {
      SkipGap();
      const std::optional<Part> detail = DetailAt(tokens_, next_);
      if (!detail.has_value() || (levels_ == 0)) break;
      // A long name behind nothing but a city is no detail.
      address_.detail += Join(tokens_, detail->begin, detail->next);
      next_ = detail->next;
      has_detail_ = true;
    }
  }

  void ParseDistrict() {
    SkipGap();
    Take(address_.district,
         Named(tokens_, next_, 1, {"自治县", "自治旗", "新区", "开发区", "区", "县", "旗", "市"}));
  }

  void ParseRoad() {
    SkipGap();
    const bool road =
        Take(address_.road,
             Named(tokens_, next_, 1,
                   {"大道", "大街", "胡同", "国道", "省道", "路", "街", "巷", "弄", "道", "环"}));
    if (road) {
      // "人民路南段", "解放路东巷", "建国路12弄".
      const size_t more = tokens_
                              .MatchAny(next_, {"东段", "西段", "南段", "北段", "中段", "东路",
                                                "西路", "南路", "北路"})
                              .count;
      if (more > 0) {
        address_.road += Join(tokens_, next_, next_ + more);
        next_ += more;
      }
      if (tokens_.IsKind(next_, TokenKind::kDigits) && tokens_.Is(next_ + 1, "弄")) {
        address_.road += Join(tokens_, next_, next_ + 2);
        next_ += 2;
      }
    }
    if (levels_ == 0) return;
    SkipGap();
    const std::optional<Part> number = NumberAt(tokens_, next_);
    if (number.has_value() && (road || !address_.town.empty() || !address_.district.empty())) {
      Take(address_.number, number);
    }
  }

  size_t next() const { return next_; }
  int levels() const { return levels_; }
  bool full() const { return full_; }
  bool has_detail() const { return has_detail_; }
  AddressValue& address() { return address_; }

 private:
  // "朝阳区" and "南京路" begin with the short name of a city but are none.
  Region Placed(Region region) const {
    const bool other = tokens_
                           .MatchAny(next_ + region.count,
                                     {"区", "县", "镇", "旗", "路", "街", "东路", "西路", "南路",
                                      "北路", "中路", "大道", "大街", "东街", "西街"})
                           .count > 0;
    return region.count > 0 && !region.full && other ? Region{} : region;
  }

  void TakeCity(const Region& city) {
    if (address_.province.empty()) address_.province = city.province;
    full_ = full_ || city.full;
    address_.city = city.city;
    next_ += city.count;
    ++levels_;
  }

  bool Take(std::string& field, const std::optional<Part>& part) {
    if (!part.has_value()) return false;
    field = Join(tokens_, part->begin, part->next);
    next_ = part->next;
    ++levels_;
    return true;
  }

  // "广东省，深圳市", "北京 朝阳区".
  void SkipGap() {
    const bool mark = tokens_.Is(next_, ",") || tokens_.Is(next_, "、") || tokens_.Is(next_, "-");
    if (levels_ > 0 && mark && tokens_.IsKind(next_ + 1, TokenKind::kHan)) gap_ = true;
    if (gap_) ++next_;
    gap_ = false;
  }

  const Tokens& tokens_;
  size_t next_;
  int levels_ = 0;
  bool full_ = false;
  bool has_detail_ = false;
  bool gap_ = false;
  AddressValue address_;
};

// A gap that led nowhere is not part of it.
size_t TrimGap(const Tokens& tokens, size_t begin, size_t next) {
  while (next > begin && (tokens.IsKind(next - 1, TokenKind::kMark))) --next;
  return next;
}

void Emit(const Tokens& tokens, size_t begin, size_t next, AddressValue address, double confidence,
          std::vector<Entity>& out) {
  Entity entity;
  entity.type = EntityType::kAddress;
  entity.begin = tokens[begin].begin;
  entity.end = tokens[next - 1].end;
  entity.confidence = confidence;
  entity.value = address.province;
  if (address.city != address.province) entity.value += address.city;
  entity.value += address.district + address.town + address.road + address.number + address.detail;
  entity.detail = std::move(address);
  out.push_back(std::move(entity));
}

// A district or road with its number and no region before: `suffix_at` is the suffix's token.
std::optional<size_t> BackToName(const Tokens& tokens, size_t suffix_at, size_t floor) {
  size_t begin = suffix_at;
  while (begin > floor && suffix_at - begin < kBackMax && !IsWall(tokens, begin - 1) &&
         tokens.Glued(begin)) {
    --begin;
  }
  if (suffix_at - begin < 2) return std::nullopt;
  return begin;
}

bool IsRoadSuffix(const Tokens& tokens, size_t i) {
  return tokens.MatchAny(i, {"路", "街", "大道", "巷", "胡同", "弄"}).count > 0;
}

// Without region: "朝阳区建国路88号", "人民路12号3栋".
size_t FindUnplaced(const Tokens& tokens, size_t i, size_t floor, std::vector<Entity>& out) {
  const bool district = tokens.MatchAny(i, {"区", "县", "镇"}).count > 0;
  if (!district && !IsRoadSuffix(tokens, i)) return 0;
  const std::optional<size_t> begin = BackToName(tokens, i, floor);
  if (!begin.has_value()) return 0;
  Parser parser(tokens, *begin);
  parser.ParseBelow();
  const AddressValue& address = parser.address();
  const bool enough = !address.road.empty() && (!address.number.empty() ||
                                                !address.district.empty() || !address.town.empty());
  if (!enough) return 0;
  const size_t next = TrimGap(tokens, *begin, parser.next());
  Emit(tokens, *begin, next, std::move(parser.address()), 0.7, out);
  return next;
}

}  // namespace

void FindAddresses(const Tokens& tokens, std::vector<Entity>& out) {
  size_t i = 0;
  size_t floor = 0;  // nothing is taken back over what was found
  while (i < tokens.size()) {
    if (!tokens.IsKind(i, TokenKind::kHan)) {
      ++i;
      continue;
    }
    Parser parser(tokens, i);
    if (parser.ParseRegion()) {
      parser.ParseBelow();
      const size_t next = TrimGap(tokens, i, parser.next());
      const bool deep = parser.levels() >= 2 || parser.has_detail();
      const double confidence = deep ? 0.9 : parser.full() ? 0.7 : 0.6;
      Emit(tokens, i, next, std::move(parser.address()), confidence, out);
      i = floor = next;
      continue;
    }
    const size_t next = FindUnplaced(tokens, i, floor, out);
    if (next > i) {
      i = floor = next;
    } else {
      ++i;
    }
  }
}

}  // namespace frontdesk::text
