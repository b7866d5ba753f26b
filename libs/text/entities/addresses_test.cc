#include <catch2/catch.hpp>

#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

const EntityFinder& Finder() {
  static const EntityFinder* const finder =
      new EntityFinder(FinderForTest(Only({EntityType::kAddress})));
  return *finder;
}

AddressValue Parse(std::string_view text) {
  const auto found = Finder().Find(text, ContextForTest());
  REQUIRE(found.ok());
  REQUIRE(found->size() == 1);
  return std::get<AddressValue>(found->front().detail);
}

TEST_CASE("an address is cut into its levels") {
  struct Row {
    std::string_view text;
    AddressValue want;
  };
  const Row rows[] = {
      {"广东省深圳市南山区科技园路88号3栋502室",
       {"广东省", "深圳市", "南山区", "", "科技园路", "88号", "3栋502室"}},
      {"深圳南山区科技园路88号", {"广东省", "深圳市", "南山区", "", "科技园路", "88号", ""}},
      {"北京市朝阳区建国路88号", {"北京市", "北京市", "朝阳区", "", "建国路", "88号", ""}},
      {"北京朝阳区建国门外大街1号国贸大厦A座15层",
       {"北京市", "北京市", "朝阳区", "", "建国门外大街", "1号", "国贸大厦A座15层"}},
      {"上海市浦东新区世纪大道100号",
       {"上海市", "上海市", "浦东新区", "", "世纪大道", "100号", ""}},
      {"上海市徐汇区漕溪北路1200弄5号楼302室",
       {"上海市", "上海市", "徐汇区", "", "漕溪北路1200弄", "", "5号楼302室"}},
      {"江苏省苏州市昆山市玉山镇人民南路12号",
       {"江苏省", "苏州市", "昆山市", "玉山镇", "人民南路", "12号", ""}},
      {"浙江杭州余杭区", {"浙江省", "杭州市", "余杭区", "", "", "", ""}},
      {"重庆市渝中区解放碑街道民权路28号",
       {"重庆市", "重庆市", "渝中区", "解放碑街道", "民权路", "28号", ""}},
      {"吉林省吉林市船营区", {"吉林省", "吉林市", "船营区", "", "", "", ""}},
      {"内蒙古自治区呼和浩特市新城区", {"内蒙古自治区", "呼和浩特市", "新城区", "", "", "", ""}},
      {"延边州延吉市", {"吉林省", "延边朝鲜族自治州", "延吉市", "", "", "", ""}},
      {"新疆乌鲁木齐", {"新疆维吾尔自治区", "乌鲁木齐市", "", "", "", "", ""}},
      {"广西南宁市青秀区", {"广西壮族自治区", "南宁市", "青秀区", "", "", "", ""}},
      {"辽宁省朝阳市双塔区", {"辽宁省", "朝阳市", "双塔区", "", "", "", ""}},
      {"深圳市", {"广东省", "深圳市", "", "", "", "", ""}},
      {"香港", {"香港特别行政区", "", "", "", "", "", ""}},
      {"人民路12号3栋", {"", "", "", "", "人民路", "12号", "3栋"}},
      {"朝阳区建国路88号", {"", "", "朝阳区", "", "建国路", "88号", ""}},
      {"南京路100号", {"", "", "", "", "南京路", "100号", ""}},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Parse(row.text) == row.want);
  }
}

TEST_CASE("addresses in sentences end where the sentence goes on") {
  static constexpr FoundRow kRows[] = {
      {"请寄到杭州市西湖区文三路478号，谢谢",
       "[杭州市西湖区文三路478号] 浙江省杭州市西湖区文三路478号"},
      {"我住在朝阳区建国路88号", "[朝阳区建国路88号] 朝阳区建国路88号"},
      {"从北京到上海要几天", "[北京] 北京市 | [上海] 上海市"},
      {"改成广东省 广州市 天河区 体育西路 1号",
       "[广东省 广州市 天河区 体育西路 1号] 广东省广州市天河区体育西路1号"},
      {"我想退货", ""},
      {"一路顺风", ""},
      {"在路上", ""},
      {"这个地区没有货", ""},
      {"5号到", ""},
  };
  for (const FoundRow& row : kRows) {
    INFO(row.text);
    CHECK(FoundIn(Finder(), row.text, ContextForTest()) == row.found);
  }
}

TEST_CASE("every level more makes an address surer") {
  const auto confidence = [](std::string_view text) {
    return Finder().Find(text, ContextForTest())->front().confidence;
  };
  CHECK(confidence("深圳") < confidence("深圳市"));
  CHECK(confidence("深圳市") < confidence("深圳市南山区"));
}

}  // namespace
}  // namespace frontdesk::text
