// Roles: what an attribute is about, told by its name, in both languages.
#include <array>

#include "attune/talk/cue_phrases.h"

namespace attune::talk {
namespace {

// Names an attribute of this role may have; a name that holds one of them as a part has the role.
struct RoleNames {
  Role role;
  std::string_view names;
};
constexpr RoleNames kRoleNames[] = {
    {Role::price, "price|unitprice|cost|amount|fee|价格|价钱|人均消费|人均|票价|门票|售价|单价|房价|费用"},
    {Role::rating, "rating|score|stars|average_rating|评分|得分|星级|评价分"},
    {Role::popularity, "popularity|views|sales|ratings_count|销量|热度|人气"},
    {Role::year, "year|date|release|published|年份|年代|日期|出版年"},
    {Role::length, "length|duration|runtime|minutes|pages|page_count|num_pages|时长|页数|游玩时间|片长"},
    {Role::weight, "weight|kg|grams|重量"},
    {Role::size, "size|width|height|depth|capacity|volume|尺寸|大小|容量"},
    {Role::maker, "brand|author|authors|maker|manufacturer|director|artist|publisher|品牌|牌子|作者|导演|厂家|歌手"},
    {Role::colour, "colour|color|颜色"},
    {Role::kind, "genre|genres|category|categories|type|kind|类型|种类|类别|分类|题材|推荐菜|菜系"},
    {Role::place, "address|location|city|area|country|地址|城市|位置|地区|国家"},
};

}  // namespace

std::string_view name(Role role) noexcept {
  constexpr std::array<std::string_view, 12> kNames = {"", "price", "year", "length", "rating", "size", "weight", "popularity", "maker", "kind", "colour", "place"};
  return kNames[static_cast<std::size_t>(role)];
}

Role role_of_attribute(std::string_view attribute_name) {
  const std::string key = key_of(cleaned(attribute_name));
  for (const bool whole : {true, false})
    for (const RoleNames& line : kRoleNames) {
      Role found = Role::none;
      split_bars(line.names, [&](std::string_view candidate) {
        const std::string want = key_of(candidate);
        if (whole ? key == want : (" " + key + " ").find(" " + want + " ") != std::string::npos) found = line.role;
      });
      if (found != Role::none) return found;
    }
  // "UnitPrice", "pricePerNight": the words stuck together
  for (const RoleNames& line : kRoleNames) {
    Role found = Role::none;
    split_bars(line.names, [&](std::string_view candidate) {
      if (candidate.size() >= 4 && key.find(key_of(candidate)) != std::string::npos && line.role != Role::size) found = line.role;
    });
    if (found != Role::none) return found;
  }
  return Role::none;
}

}  // namespace attune::talk
