#include "libs/text/entities/regions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace frontdesk::text {
namespace {

struct ProvinceRow {
  std::string_view name;
  std::string_view suffix;
  std::string_view divisions;
};

constexpr ProvinceRow kProvinces[] = {
#include "libs/text/entities/regions.inc"
};

// What a division is called without its kind: "延边" of "延边朝鲜族自治州", "喀什" of "喀什地区".
std::string_view ShortOf(std::string_view division) {
  static constexpr std::string_view kSuffixes[] = {"地区", "林区", "盟"};
  for (std::string_view suffix : kSuffixes) {
    if (division.size() > suffix.size() + 3 && division.ends_with(suffix)) {
      return division.substr(0, division.size() - suffix.size());
    }
  }
  if (!division.ends_with("自治州")) return division;
  static constexpr std::string_view kPeoples[] = {"朝鲜族", "土家族", "藏族", "彝族",     "布依族",
                                                  "苗族",   "哈尼族", "壮族", "傣族",     "白族",
                                                  "傈僳族", "回族",   "蒙古", "柯尔克孜", "哈萨克"};
  size_t cut = division.size();
  for (std::string_view people : kPeoples) cut = std::min(cut, division.find(people, 3));
  return division.substr(0, cut);
}

bool HasKind(std::string_view division) {
  return division.ends_with("自治州") || ShortOf(division) != division;
}

// By the first character: what a text must go on with.
class Index {
 public:
  static const Index& Instance() {
    static const Index* const index = new Index();
    return *index;
  }

  Region Find(const Tokens& tokens, size_t i, bool city) const {
    Region best;
    auto it = entries_.find(std::string(tokens.Text(i)));
    if (it == entries_.end()) return best;
    for (const Entry& entry : it->second) {
      if (entry.region.city.empty() == city && !(city && entry.municipality)) continue;
      const size_t count = tokens.Match(i, entry.phrase);
      if (count <= best.count) continue;
      best = entry.region;
      best.count = count;
      if (city && entry.municipality) best.city = best.province;
    }
    return best;
  }

 private:
  struct Entry {
    std::string phrase;
    Region region;
    bool municipality = false;
  };

  Index() {
    for (const ProvinceRow& row : kProvinces) {
      const std::string full = std::string(row.name) + std::string(row.suffix);
      const bool municipality = row.suffix == "市";
      Add(full, {.province = full, .full = true}, municipality);
      Add(row.name, {.province = full}, municipality);
      if (row.suffix.ends_with("自治区") && row.suffix.size() > 9) {
        Add(std::string(row.name) + "自治区", {.province = full, .full = true}, false);
      }
      for (std::string_view rest = row.divisions; !rest.empty();) {
        const std::string_view division = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), division.size() + 1));
        const bool kind = HasKind(division);
        const std::string name = std::string(division) + (kind ? "" : "市");
        Add(name, {.province = full, .city = name, .full = true}, false);
        Add(ShortOf(division), {.province = full, .city = name}, false);
        if (division.ends_with("自治州")) {
          Add(std::string(ShortOf(division)) + "州", {.province = full, .city = name, .full = true},
              false);
        }
      }
    }
  }

  void Add(std::string_view phrase, Region region, bool municipality) {
    entries_[std::string(phrase.substr(0, 3))].push_back(
        {std::string(phrase), std::move(region), municipality});
  }

  absl::flat_hash_map<std::string, std::vector<Entry>> entries_;
};

}  // namespace

Region ProvinceAt(const Tokens& tokens, size_t i) {
  return tokens.IsKind(i, TokenKind::kHan) ? Index::Instance().Find(tokens, i, false) : Region{};
}

Region CityAt(const Tokens& tokens, size_t i) {
  return tokens.IsKind(i, TokenKind::kHan) ? Index::Instance().Find(tokens, i, true) : Region{};
}

}  // namespace frontdesk::text
