// What messages are read as, in English, Chinese and both.
#include "attune/talk/reading.h"

#include "attune/talk/listing.h"
#include "attune/talk/ordinary_words.h"
#include "attune/talk/segments.h"
#include "tests/support/test.h"
#include "tests/unit/talk/catalogue.h"

namespace attune::talk {
namespace {

Reading said(const std::string& message, const Dialogue& dialogue = {}) { return read(small_lexicon(), dialogue, message); }

// "price<20 brand!=Orla colour=red|blue": constraints in short, in the order read.
std::string short_of(const std::vector<Constraint>& constraints) {
  std::string text;
  for (const Constraint& c : constraints) {
    static const char* kOps[] = {"=", "!=", "<", "<=", ">", ">="};
    text += (text.empty() ? "" : " ") + (c.attribute.empty() ? "text" : c.attribute) + kOps[c.op];
    if (c.op > Constraint::is_not) text += std::to_string(static_cast<int>(c.number));
    for (std::size_t i = 0; i < c.values.size(); ++i) text += (i > 0 ? "|" : "") + c.values[i];
  }
  return text;
}
std::string constraints(const std::string& message, const Dialogue& dialogue = {}) { return short_of(said(message, dialogue).constraints); }
std::string mention(const std::string& message, const Dialogue& dialogue) {
  std::string text;
  for (const Mention& m : said(message, dialogue).mentions) text += (text.empty() ? "" : " ") + m.item;
  return text;
}
const Dialogue& three() {
  static const Dialogue dialogue = shown({"mug-1", "mug-2", "lamp-1"});
  return dialogue;
}

// A table of cases: a message, and what it is read as.
std::string constraints_of(const std::string& message) { return constraints(message); }
std::string intent_of(const std::string& message) { return std::string(name(said(message, three()).intent)); }
void reads(std::string (*how)(const std::string&), std::initializer_list<std::pair<const char*, const char*>> cases) {
  for (const auto& [message, expected] : cases) EXPECT_EQ(how(message), expected) << message;
}

TEST("bounds on the price are read in English") {
  reads(constraints_of, {
      {"a mug under 20", "price<20"},
      {"at most £10 please", "price<=10"},
      {"something between 10 and 20 pounds", "price>=10 price<=20"},
      {"10-20 euros", "price>=10 price<=20"},
      {"not more than 15", "price<=15"},
      {"over 15 dollars", "price>15"},
      {"my budget is 30", "price<=30"},
      {"30 or less", "price<=30"},
      {"under twenty pounds", "price<20"},
      {"cheaper than 9", "price<9"},
      {"under 1k", "price<1000"},
  });
}

TEST("bounds on the price are read in Chinese") {
  reads(constraints_of, {
      {"20块以下的杯子", "price<=20"},
      {"不超过50元", "price<=50"},
      {"10到20块", "price>=10 price<=20"},
      {"价格低于30", "price<30"},
      {"预算100", "price<=100"},
      {"两百块以内", "price<=200"},
      {"一百五十元以上", "price>=150"},
      {"至少20块", "price>=20"},
  });
}

TEST("years are told from prices by their unit, their word or their size") {
  reads(constraints_of, {
      {"from the 1990s", "year>=1990 year<=1999"},
      {"made before 2000", "year<2000"},
      {"after 2010", "year>2010"},
      {"since 2010", "year>=2010"},
      {"2000年以后的", "year>=2000"},
      {"year under 2005", "year<2005"},
  });
}

TEST("values of the catalogue are wanted, or unwanted after a no") {
  reads(constraints_of, {
      {"a red mug", "colour=red"},
      {"a mug, but not red", "colour!=red"},
      {"no Denby", "brand!=Denby"},
      {"anything but Orla", "brand!=Orla"},
      {"I don't like red", "colour!=red"},
      {"red or blue", "colour=red|blue|蓝色"},
      {"not red or blue", "colour!=red|blue|蓝色"},
      {"not red but blue", "colour!=red colour=blue|蓝色"},
      {"a Muji bag without red", "brand=Muji category=bags colour!=red"},
      {"不要蓝色", "colour!=blue|蓝色"},
      {"蓝色的不要", "colour!=blue|蓝色"},
      {"景德镇以外的", "brand!=景德镇"},
      {"我要紫色的", "colour=紫色"},
      {"不喜欢宜兴", "brand!=宜兴"},
  });
}

TEST("a no may stand behind what it is about") {
  reads(constraints_of, {
      {"red is a no", "colour!=red"},
      {"Denby is not for me", "brand!=Denby"},
      {"Orla and Denby are out", "brand=Orla brand!=Denby"},
      {"景德镇的就算了", "brand!=景德镇"},
      {"景德镇和宜兴都不要", "brand!=景德镇 brand!=宜兴"},
      {"红的不要", "colour!=red"},
      {"over 30 forget it", "price<=30"},
      {"超过30就算了", "price<=30"},
  });
  EXPECT_EQ(said("the second one is a no", three()).mentions.at(0).how, Mention::dislike);
  EXPECT_EQ(said("第三个不要", three()).mentions.at(0).how, Mention::dislike);
}

TEST("apostrophes, currencies and numbers are read as they are typed in a chat") {
  reads(constraints_of, {
      {"i dont want red", "colour!=red"},
      {"a tenner at most", "price<=10"},
      {"price < 30", "price<30"},
      {"别超过12块5", "price<=12"},
      {"40ish tops", "price<=40"},
      {"got about 20 to spend", "price<=20"},
      {"I don't want to pay over 17", "price<=17"},
      {"its for my 30 year old sister", ""},
      {"送给30岁的姐姐", ""},
  });
}

TEST("what holds already is permitted, dropped or said anew") {
  Dialogue barred, wanted, bounded;
  barred.wants.constraints = {{.op = Constraint::is_not, .attribute = "brand", .values = {"Denby"}}};
  wanted.wants.constraints = {{.op = Constraint::is, .attribute = "brand", .values = {"Denby"}}};
  bounded.wants.constraints = {{.op = Constraint::at_most, .attribute = "price", .values = {}, .number = 20}};
  for (const char* message : {"Denby is fine", "I don't mind Denby", "Denby也行", "you can show me Denby again"}) {
    EXPECT_EQ(said(message, barred).withdrawn, std::vector<std::string>{"brand=Denby"}) << message;
    EXPECT_TRUE(said(message, barred).constraints.empty()) << message;
  }
  for (const char* message : {"it doesn't have to be Denby", "forget Denby", "不一定要Denby"}) EXPECT_EQ(said(message, wanted).withdrawn, std::vector<std::string>{"brand=Denby"}) << message;
  EXPECT_EQ(constraints("skip Denby"), "brand!=Denby");            // not asked for: barred
  EXPECT_EQ(constraints("Orla is ok too", wanted), "brand=Orla");
  EXPECT_EQ(said("Orla is ok too", wanted).adds, std::vector<bool>{true});
  EXPECT_EQ(constraints("make that 40", bounded), "price<=40");
  EXPECT_EQ(constraints("那就40吧", bounded), "price<=40");
  EXPECT_EQ(constraints("make that 40", {}), "");
  EXPECT_EQ(said("I don't care what it costs", bounded).withdrawn, std::vector<std::string>{"price"});
}

TEST("prices are compared as dear as, not as dear as, and about the same") {
  EXPECT_EQ(said("not as expensive as the last one", three()).comparatives.at(0).direction, -1);
  EXPECT_EQ(said("not as expensive as the last one", three()).comparatives.at(0).than, "lamp-1");
  EXPECT_EQ(said("similar price to the first", three()).comparatives.at(0).direction, 0);
  EXPECT_EQ(said("similar price to the first", three()).comparatives.at(0).than, "mug-1");
  EXPECT_EQ(said("比第一个贵", three()).comparatives.at(0).direction, 1);
  EXPECT_EQ(said("没有第三个那么贵的", three()).comparatives.at(0).direction, -1);
  EXPECT_EQ(said("没有第三个那么贵的", three()).comparatives.at(0).than, "lamp-1");
  EXPECT_TRUE(said("not under 5, and not too cheap", three()).comparatives.empty());      // the number says it better
}

TEST("characters that sound alike or are written in the old way are read as what they stand for") {
  reads(constraints_of, {
      {"不药蓝色", "colour!=blue|蓝色"},
      {"景德真的", "brand=景德镇"},
      {"20块一下", "price<=20"},
      {"不要紫涩", "colour!=紫色"},
      {"藍色的碗", "colour=blue|蓝色"},
      {"最多二十塊錢", "price<=20"},
      {"看一下蓝色的", "colour=blue|蓝色"},       // 一下 is no 以下 where no number stands before it
  });
  EXPECT_EQ(said("偏宜点", three()).comparatives.at(0).direction, -1);
  ASSERT_EQ(said("偏宜点", three()).corrected.size(), 1u);
  EXPECT_EQ(said("偏宜点", three()).corrected[0].second, "便宜点");
  EXPECT_TRUE(said("太貴了", three()).corrected.empty());
}

TEST("words that are no value are unwanted as words of the text") {
  reads(constraints_of, {
      {"no polka dots", "text!=polka dots"},
      {"without silk", "text!=silk"},
      {"no unicorns", ""},    // no text has them: nothing to bar
      {"不要瓷器", "text!=瓷器"},
  });
}

TEST("an attribute that is yes or no is named by its name") {
  reads(constraints_of, {
      {"it must be dishwasher safe", "dishwasher_safe=true"},
      {"not dishwasher safe", "dishwasher_safe!=true"},
  });
}

TEST("languages may be mixed in one message") {
  reads(constraints_of, {
      {"我想要 red mug 20块以下", "colour=red price<=20"},
      {"不要Denby, under 10", "brand!=Denby price<10"},
  });
  EXPECT_EQ(said("推荐一个 mug").language, "zh");
}

TEST("a catalogue in one language is talked about in the other") {
  reads(constraints_of, {
      {"红色的", "colour=red"},
      {"不要黑色", "colour!=black"},
      {"nothing blue please", "colour!=blue|蓝色"},
      {"不要丝绸的", "text!=丝绸"},
  });
}

TEST("comparatives point at what was shown") {
  const Reading cheaper = said("cheaper", three());
  ASSERT_EQ(cheaper.comparatives.size(), 1u);
  EXPECT_EQ(cheaper.comparatives[0].attribute, "price");
  EXPECT_EQ(cheaper.comparatives[0].direction, -1);
  EXPECT_EQ(said("cheaper than the second one", three()).comparatives.at(0).than, "mug-2");
  EXPECT_EQ(said("newer than that", [] { Dialogue d = three(); d.focus = {"mug-1"}; return d; }()).comparatives.at(0).than, "mug-1");
  EXPECT_EQ(said("比第二个便宜", three()).comparatives.at(0).than, "mug-2");
  EXPECT_EQ(said("便宜点的", three()).comparatives.at(0).direction, -1);
  EXPECT_EQ(said("更贵一点", three()).comparatives.at(0).direction, 1);
  EXPECT_EQ(said("the second is too expensive", three()).comparatives.at(0).than, "mug-2");
  EXPECT_EQ(said("something more popular", three()).comparatives.at(0).attribute, kTakers);
}

TEST("a bound with a number is no comparison with what was shown") {
  EXPECT_TRUE(said("a mug newer than 2009", three()).comparatives.empty());
  EXPECT_EQ(constraints("a mug newer than 2009", three()), "year>2009");
}

TEST("items are meant by place, title, code and words") {
  EXPECT_EQ(mention("not the second one", three()), "mug-2");
  EXPECT_EQ(mention("第三个怎么样", three()), "lamp-1");
  EXPECT_EQ(mention("tell me about the cat mug", three()), "mug-2");
  EXPECT_EQ(mention("something like Garden Lantern", {}), "lamp-1");
  EXPECT_EQ(mention("what about bag-2?", {}), "bag-2");
  EXPECT_EQ(mention("2", three()), "mug-2");
  EXPECT_EQ(mention("the last one", three()), "lamp-1");
  EXPECT_EQ(mention("比较第一个和第三个", three()), "mug-1 lamp-1");
}

TEST("like X but Y is near an item and bound by the rest") {
  const Reading r = said("something like the Cat Mug but cheaper and not blue", three());
  ASSERT_EQ(r.mentions.size(), 1u);
  EXPECT_EQ(r.mentions[0].item, "mug-2");
  EXPECT_EQ(r.mentions[0].how, Mention::similar);
  ASSERT_EQ(r.comparatives.size(), 1u);
  EXPECT_EQ(r.comparatives[0].than, "mug-2");
  EXPECT_EQ(short_of(r.constraints), "colour!=blue|蓝色");
  const Reading white = said("more like the first one but not dinosaur", three());
  EXPECT_EQ(white.mentions.at(0).how, Mention::similar);
  EXPECT_EQ(white.mentions.size(), 1u);
  EXPECT_EQ(short_of(white.constraints), "text!=dinosaur");
  const Reading zh = said("类似第一个但是更便宜", three());
  EXPECT_EQ(zh.mentions.at(0).how, Mention::similar);
  EXPECT_EQ(zh.comparatives.at(0).than, "mug-1");
}

TEST("intents are told apart") {
  reads(intent_of, {
      {"hello", "greet"},
      {"你好", "greet"},
      {"thanks!", "thanks"},
      {"谢谢", "thanks"},
      {"bye", "bye"},
      {"help", "help"},
      {"undo", "undo"},
      {"撤销", "undo"},
      {"start over", "reset"},
      {"show me more", "more"},
      {"换一批", "more"},
      {"why the first?", "explain"},
      {"为什么推荐第一个", "explain"},
      {"why not the paper lamp?", "why_not"},
      {"compare the first and the second", "compare"},
      {"how much is the second one?", "ask"},
      {"第二个多少钱", "ask"},
      {"is the first one dishwasher safe?", "ask"},
      {"never mind the price", "withdraw"},
      {"价格无所谓", "withdraw"},
      {"any colour is fine", "withdraw"},
      {"I like the second one", "like"},
      {"not the second one", "reject"},
      {"不要第二个", "reject"},
      {"none of these", "reject"},
      {"I'll take the first", "take"},
      {"I want to speak to a person", "service"},
      {"转人工", "service"},
      {"a lamp for the garden", "wish"},
      {"", "nothing"},
  });
}

TEST("slips of the pen are mended by the catalogue's own words") {
  EXPECT_EQ(constraints("no Denbi"), "brand!=Denby");
  EXPECT_EQ(said("cheapr", three()).comparatives.size(), 1u);
  EXPECT_EQ(said("a lantren for the gardne").wish, "lantern");
  EXPECT_TRUE(said("a lamp for the garden").corrected.empty());
  for (const char* word : {"safe", "scary", "gardening"}) EXPECT_TRUE(said("something " + std::string(word)).corrected.empty()) << word;      // words that are words
  EXPECT_EQ(mention("lke the thrid one", three()), "lamp-1");
  EXPECT_EQ(said("moer liek the second one", three()).mentions.at(0).how, Mention::similar);
  EXPECT_EQ(said("cheapr than the second", three()).comparatives.at(0).is_absolute, false);
}

TEST("any bytes are read without harm") {
  for (const std::string& message : {std::string("\xff\xfe\x00\x01", 4), std::string(100000, 'a'), std::string("😀😀😀"), std::string("مرحبا بالعالم"), std::string("\u202eevil"), std::string(5000, '('), std::string("999999999999999999999999")}) {
    const Reading r = said(message, three());
    EXPECT_LE(r.text.size(), 4000u);
    to_json(r).dump();
  }
  EXPECT_TRUE(said(std::string(100000, 'a')).is_cut);
}

TEST("a message of a megabyte is read as its beginning is: the rest costs no step") {
  for (const std::string& piece : {std::string("a red lamp under 20 and a wonderful garden "), std::string("wunderbarx gardn "), std::string("我想要一个红色的杯子"), std::string("\u200b\u202e"), std::string("a")}) {
    std::string whole;
    while (whole.size() < 1000000) whole += piece;
    const Reading r = said(whole, three());
    const std::string beginning = whole.substr(0, 8 * kMostBytes);       // may end within a character: a broken one goes
    EXPECT_EQ(to_json(r).dump(), to_json(said(beginning, three())).dump()) << piece;
    EXPECT_LE(r.text.size(), kMostBytes);
    EXPECT_LE(tokens_of(r.text).size(), kMostBytes);
    EXPECT_LE(segmented(small_lexicon(), r.text)->segments.size(), kMostBytes);
    EXPECT_LE(segmented(small_lexicon(), r.text)->corrected.size(), 12u);
    EXPECT_LE(r.wish.size(), Dialogue::kText);
  }
}

// A shop whose kinds are lamps, mugs and others, with a book called 其他.
const Lexicon& shop_with_others() {
  static const Lexicon lexicon([] {
    std::vector<data::CatalogueItem> items;
    int n = 0;
    for (const auto& [kind, colour] : {std::pair("灯具", "红色"), std::pair("杯子", "其他"), std::pair("其他", "红色"), std::pair("Others", "blue"), std::pair("lamps", "blue")}) {
      data::CatalogueItem item{.name = "item-" + std::to_string(++n), .text = n == 3 ? "其他" : "东西 number " + std::to_string(n)};
      item.attributes["类别"] = kind;
      item.attributes["colour"] = colour;
      items.push_back(std::move(item));
    }
    auto world = std::make_shared<rank::World>();
    world->catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>());
    return world;
  }());
  return lexicon;
}

TEST("a value called 其他 or others is meant where its attribute is named, and others are wished for elsewhere") {
  const auto in = [&](const std::string& message, const Dialogue& dialogue = {}) { return read(shop_with_others(), dialogue, message); };
  EXPECT_EQ(short_of(in("类别：其他").constraints), "类别=其他");
  EXPECT_EQ(short_of(in("类别是其他的").constraints), "类别=其他");
  EXPECT_EQ(short_of(in("颜色要其他").constraints), "colour=其他");
  EXPECT_EQ(short_of(in("category: others").constraints), "类别=Others");
  EXPECT_FALSE(in("类别：其他").wants_others);
  Dialogue asked;
  asked.question = Question{.attribute = "类别", .options = {"灯具", "其他"}};
  EXPECT_EQ(short_of(in("其他", asked).constraints), "类别=其他");
  EXPECT_EQ(short_of(in("其他的", asked).constraints), "类别=其他");
  const Dialogue list = shown({"item-1", "item-2"});
  for (const char* message : {"其他", "还有其他的吗", "其他颜色", "others", "show me others"}) {
    EXPECT_TRUE(in(message, list).wants_others) << message;
    EXPECT_EQ(short_of(in(message, list).constraints), "") << message;
  }
  ASSERT_EQ(in("介绍一下《其他》", list).mentions.size(), 1u);
  EXPECT_EQ(in("介绍一下《其他》", list).mentions[0].item, "item-3");
}

TEST("an ordinary word is no slip of the pen: \"mother\" stays, though the catalogue has \"other\"; \"blu\" is blue") {
  for (const char* word : {"mother", "wife", "wish", "sale", "brighter"}) EXPECT_TRUE(is_ordinary_word(word)) << word;
  for (const char* slip : {"notebok", "lanturn", "pollka", "dinosuar"}) EXPECT_FALSE(is_ordinary_word(slip)) << slip;
  EXPECT_EQ(small_lexicon().spelled("blu"), "blue");
}

TEST("words of a wish are those that some item has, fillers and 最好的 left out; 包 stands for the kind 包袋") {
  std::string gloss;
  const auto texts = [&](const char* wish) {
    std::vector<std::string> all;
    for (const WishWord& word : wish_words(small_lexicon(), wish, gloss))
      if (!word.items.empty()) all.push_back(word.text);
    return all;
  };
  EXPECT_EQ(texts("most two many best lantern"), std::vector<std::string>{"lantern"});
  EXPECT_EQ(texts("foo lantern"), std::vector<std::string>{"lantern"});
  EXPECT_EQ(texts("最好的瓷器"), std::vector<std::string>{"瓷器"});
  EXPECT_EQ(texts("餐"), std::vector<std::string>{"餐"});
  EXPECT_EQ(texts("最"), std::vector<std::string>{});
}

}  // namespace
}  // namespace attune::talk
