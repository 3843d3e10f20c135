// Translate: one line a meaning. Small on purpose: colours, materials, and what a shop, a bookshelf and a kitchen have most of.
#include "attune/talk/translate.h"

#include <unordered_map>

namespace attune::talk {
namespace {

struct Line {
  const char *english, *chinese;      // words between bars
};
constexpr Line kLines[] = {
    {"red", "红色|红"}, {"blue", "蓝色|蓝"}, {"green", "绿色|绿"}, {"black", "黑色|黑"}, {"white", "白色|白"}, {"yellow", "黄色|黄"}, {"purple", "紫色|紫"}, {"orange", "橙色|橘色"}, {"pink", "粉色|粉红色|粉红"},
    {"brown", "棕色|褐色"}, {"grey|gray", "灰色|灰"}, {"gold|golden", "金色"}, {"silver", "银色"}, {"ivory", "象牙色"}, {"cream", "米色|奶油色"}, {"turquoise", "青绿色"},
    {"wood|wooden", "木头|木制|木质|木"}, {"metal", "金属"}, {"glass", "玻璃"}, {"ceramic", "陶瓷"}, {"leather", "皮革|真皮|皮"}, {"cotton", "棉布|棉"}, {"paper", "纸"}, {"silk", "丝绸|真丝"}, {"plastic", "塑料"}, {"steel", "钢"}, {"bamboo", "竹子|竹"}, {"felt", "毛毡"},
    {"bag", "包|袋子|袋|手提袋|提包"}, {"mug", "马克杯|杯子"}, {"cup", "杯子|杯"}, {"lamp", "灯|台灯"}, {"light", "灯"}, {"lantern", "灯笼|提灯"}, {"candle", "蜡烛"}, {"clock", "钟|时钟|闹钟"}, {"box", "盒子|盒"}, {"bottle", "瓶子|瓶|水瓶"}, {"bowl", "碗"},
    {"plate", "盘子|盘"}, {"tray", "托盘"}, {"mirror", "镜子"}, {"vase", "花瓶"}, {"chair", "椅子"}, {"notebook", "笔记本"}, {"book", "书|书籍"}, {"card", "卡片|贺卡"}, {"umbrella", "雨伞|伞"}, {"toy", "玩具"}, {"doll", "娃娃"}, {"game", "游戏"}, {"frame", "相框|画框"},
    {"basket", "篮子"}, {"cushion", "靠垫|坐垫"}, {"blanket", "毯子"}, {"towel", "毛巾"}, {"apron", "围裙"}, {"teapot", "茶壶"}, {"tea", "茶"}, {"coffee", "咖啡"}, {"cake", "蛋糕"}, {"sign", "牌子|标牌"}, {"heart", "心形|爱心"}, {"star", "星星"}, {"flower|floral", "花|花朵|碎花"},
    {"bird", "鸟"}, {"cat", "猫"}, {"dog", "狗"}, {"rabbit", "兔子"}, {"butterfly", "蝴蝶"}, {"necklace", "项链"}, {"bracelet", "手链"}, {"earrings", "耳环"}, {"ring", "戒指"}, {"garden", "花园|园艺"}, {"kitchen", "厨房"}, {"office", "办公室|办公"}, {"christmas", "圣诞|圣诞节"},
    {"birthday", "生日"}, {"wedding", "婚礼"}, {"party", "派对|聚会"}, {"gift|present", "礼物|礼品"}, {"children|kids", "儿童|小孩|孩子"}, {"baby", "婴儿|宝宝"}, {"vintage", "复古"}, {"retro", "复古"},
    {"science fiction|sci fi", "科幻"}, {"romance", "爱情|言情"}, {"horror", "恐怖"}, {"fantasy", "奇幻"}, {"history", "历史"}, {"mystery", "悬疑"}, {"comedy", "喜剧"}, {"drama", "剧情"}, {"cooking", "烹饪"}, {"travel", "旅行|旅游"}, {"music", "音乐"}, {"art", "艺术"}, {"classic", "经典"},
};

using Table = std::unordered_map<std::string, std::vector<std::string>>;

template <class Take>
void each(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    take(std::string(text.substr(at, end - at)));
    at = end + 1;
  }
}

}  // namespace

std::vector<std::string> translations(std::string_view word) {
  static const Table table = [] {
    Table made;
    for (const Line& line : kLines)
      each(line.english, [&](const std::string& en) {
        each(line.chinese, [&](const std::string& zh) {
          made[en].push_back(zh);
          made[zh].push_back(en);
        });
      });
    return made;
  }();
  const auto found = table.find(std::string(word));
  return found == table.end() ? std::vector<std::string>() : found->second;
}

}  // namespace attune::talk
