// Separated files: separators, quotes, encodings, guessed columns, types of attributes.
#include <zlib.h>
#include <zstd.h>

#include "attune/data/encoding.h"
#include "attune/data/rows.h"
#include "attune/data/table.h"
#include "tests/unit/data/import_files.h"

namespace attune::data {
namespace {

using testing::error_of;
using testing::Folder;
using testing::guessed;
using testing::import;
using testing::import_file;
using Texts = std::vector<std::string>;

// The rows of `text`, fields joined by "/", bad rows as "!line problem".
Texts rows_of(std::string_view text, const RowFormat& format = {}, std::size_t expected = 0) {
  std::size_t at = 0;
  std::uint64_t number = 0;
  Rows rows(
      [&](Rows::Line& line) {
        if (at >= text.size()) return false;
        const std::size_t end = std::min(text.find('\n', at), text.size());
        line = {text.substr(at, end - at), ++number, false};
        at = end + 1;
        return true;
      },
      format);
  Texts out;
  Row row;
  while (rows.next(row, expected)) {
    std::string all;
    for (const std::string_view f : row.fields) all += (all.empty() ? "" : "/") + std::string(f);
    out.push_back(row.problem ? "!" + std::to_string(row.line) + " " + row.problem : all);
  }
  return out;
}

std::string user_item(const Batch& b) {
  std::string out;
  for (const Event& e : b.events) out += (out.empty() ? "" : " ") + e.user + ":" + e.item;
  return out;
}

// A file of user and 简介 lost the 简介, and so did one of item and description: the column was taken twice and then not at all.
TEST("a description without a title is the text, of items and of users; a person's name is not") {
  const auto text_of = [](const std::string& content) {
    const Batch batch = import(content);
    return (batch.items.empty() ? batch.users : batch.items).at(0).text;
  };
  EXPECT_EQ(text_of("item,description\nmug,a red mug\n"), "a red mug");
  EXPECT_EQ(text_of("item,title,description\nmug,Mug,a red mug\n"), "Mug. a red mug");
  EXPECT_EQ(text_of("用户,简介\n新会员,喜欢喝茶\n"), "喜欢喝茶");
  EXPECT_EQ(text_of("user,name,bio\nu1,Ana Lima,collects stamps\n"), "collects stamps");
  EXPECT_EQ(text_of("user,name\nu1,Ana Lima\n"), "");
}

// A spreadsheet of orders became a catalogue whose texts were the customers' names.
TEST("rows with a product, a time and somebody's e-mail or name are events; a catalogue with a supplier's e-mail stays one") {
  EXPECT_EQ(user_item(import("Customer Name,Email,Product,Qty,Date\nAna,ana@x.org,Red Mug,2,03/02/2026\nBen,ben@x.org,Blue Bowl,1,14/02/2026\n")),
            "ana@x.org:Red Mug ben@x.org:Blue Bowl");
  EXPECT_EQ(user_item(import("客户姓名,商品,下单时间\n甲,壶,2026-01-02\n")), "甲:壶");
  EXPECT_EQ(guessed("Customer Name,Product,Date\nAna,Red Mug,2026-02-03\n").notes.at(0), "no column is called user: 'Customer Name' is taken for it");
  EXPECT_EQ(import("sku,title,email\nmug,Red mug,maker@x.org\n").items.size(), 1u);
}

TEST("quotes hold separators, doubled quotes and line ends") {
  EXPECT_EQ(rows_of("a,\"b,c\",d\n"), (Texts{"a/b,c/d"}));
  EXPECT_EQ(rows_of("a,\"say \"\"hi\"\"\",d\n"), (Texts{"a/say \"hi\"/d"}));
  EXPECT_EQ(rows_of("a,\"two\nlines\",d\ne,f,g\n"), (Texts{"a/two\nlines/d", "e/f/g"}));
  EXPECT_EQ(rows_of("a,\"\",d\n"), (Texts{"a//d"}));
  EXPECT_EQ(rows_of("\"a\",\"b\"\n"), (Texts{"a/b"}));
}

TEST("quotes in the middle of a field are text") {
  EXPECT_EQ(rows_of("a,5\" pipe,d\n"), (Texts{"a/5\" pipe/d"}));
  EXPECT_EQ(rows_of("a,\"Weird Al\" Yankovic,d\n"), (Texts{"a/\"Weird Al\" Yankovic/d"}));
}

TEST("a quote that is never closed costs its own line only") {
  EXPECT_EQ(rows_of("a,\"b,c\nd,e,f\ng,h,i\n", {}, 3), (Texts{"!1 quote is opened and never closed", "d/e/f", "g/h/i"}));
  EXPECT_EQ(rows_of("a,\"b,c\nd,\"e\",f\ng,h,i\n", {}, 3), (Texts{"!1 quote is opened and never closed", "d/e/f", "g/h/i"}));
  EXPECT_EQ(rows_of("a,\"b,c\nd,e,f\"\ng,h,i\n", {}, 3), (Texts{"!1 quote is opened and never closed", "d/e/f\"", "g/h/i"}));
}

TEST("where quotes are text they are text") {
  EXPECT_EQ(rows_of("a\t\"b\n", {.separator = "\t", .is_quoted = false}), (Texts{"a/\"b"}));
  EXPECT_EQ(rows_of("1::Kettle: The Return::x\n", {.separator = "::", .is_quoted = false}), (Texts{"1/Kettle: The Return/x"}));
}

TEST("blank lines are passed over and zero bytes are refused") {
  EXPECT_EQ(rows_of("a,b\n\n  \nc,d\n"), (Texts{"a/b", "c/d"}));
  EXPECT_EQ(rows_of(std::string_view("a,b\nc\0,d\n", 9)), (Texts{"a/b", "!2 line holds zero bytes, which no text has"}));
}

TEST("events import with no flags whatever the separator") {
  for (const std::string s : {",", "\t", ";", "|"}) {
    const Batch b = import("user" + s + "item" + s + "time\nu1" + s + "i1" + s + "1700000000\nu2" + s + "i2" + s + "1700000001\n");
    EXPECT_EQ(user_item(b), "u1:i1 u2:i2") << s;
    EXPECT_EQ(b.events[0].time_ms, 1700000000000) << s;
    EXPECT_EQ(b.events[0].type, "event") << s;
  }
}

TEST("all columns of events are taken: type, value, session") {
  const Batch b = import("user,item,time,type,value,session\nana,mug,2024-05-01 10:00:00,view,3.5,s1\nana,pan,2024-05-01T10:00:01Z,purchase,,\n");
  REQUIRE(b.events.size() == 2);
  EXPECT_EQ(b.events[0], (Event{.user = "ana", .item = "mug", .type = "view", .value = 3.5, .time_ms = 1714557600000, .session = "s1"}));
  EXPECT_EQ(b.events[1], (Event{.user = "ana", .item = "pan", .type = "purchase", .time_ms = 1714557601000}));
}

TEST("items import with no flags: numbers, lists, texts") {
  const Batch b = import("item,text,price,tags,zip\nmug,\"Blue mug, 300 ml\",4.50,kitchen|blue,01234\npan,Pan,12,kitchen,99999\ntoy,,,,\n");
  REQUIRE(b.items.size() == 3);
  EXPECT_EQ(b.items[0].text, "Blue mug, 300 ml");
  EXPECT_EQ(b.items[0].attributes.dump(), R"({"price": 4.5, "tags": ["kitchen", "blue"], "zip": "01234"})");
  EXPECT_EQ(b.items[1].attributes.dump(), R"({"price": 12, "tags": ["kitchen"], "zip": "99999"})");
  EXPECT_EQ(b.items[2].attributes.dump(), "{}");
}

TEST("a title is joined with its description, a text stands alone") {
  EXPECT_EQ(import("id,title,description\n1,Mug,Blue and round\n").items[0].text, "Mug. Blue and round");
  const Batch b = import("item,text,description\n1,Mug,Blue and round\n");
  EXPECT_EQ(b.items[0].text, "Mug");
  EXPECT_EQ(b.items[0].attributes.at("description").as_string(), "Blue and round");
}

TEST("users import with attributes") {
  const Batch b = import("user,text,country,age\nana,likes tea,Portugal,34\nbo,,Spain,\n");
  REQUIRE(b.users.size() == 2);
  EXPECT_EQ(b.users[0].text, "likes tea");
  EXPECT_EQ(b.users[0].attributes.dump(), R"({"country": "Portugal", "age": 34})");
}

TEST("line ends of Windows and a mark at the start change nothing") {
  const Batch b = import("\xEF\xBB\xBFuser,item,time\r\nu1,i1,1700000000\r\nu2,\"i2\",1700000001\r\n");
  EXPECT_EQ(user_item(b), "u1:i1 u2:i2");
  EXPECT_TRUE(b.rejections.empty());
}

TEST("Latin-1 is told from UTF-8 and said") {
  const Batch latin = import("item,text\n1,Caf\xE9 \x80 5\n");
  EXPECT_EQ(latin.items[0].text, "Café € 5");
  EXPECT_EQ(guessed("item,text\n1,Caf\xE9\n").encoding, "latin-1");
  EXPECT_FALSE(guessed("item,text\n1,Caf\xE9\n").notes.empty());
  EXPECT_EQ(guessed("item,text\n1,Café\n").encoding, "utf-8");
}

TEST("a stray Latin-1 line in a file of UTF-8 is read and counted") {
  std::string text = "item,text\n";
  for (int i = 0; i < 60000; ++i) text += std::to_string(i) + ",Kettle number " + std::to_string(i) + "\n";  // beyond the first MB
  text += "x,Caf\xE9\n";
  const Batch b = import(text);
  EXPECT_EQ(b.items.back().text, "Café");
  bool is_said = false;
  for (const Json& s : b.report.at("sentences").as_array()) is_said |= s.as_string() == "1 lines were not UTF-8 and were read as Latin-1";
  EXPECT_TRUE(is_said);
}

TEST("gzip and zstd are told by their content") {
  const std::string text = "user,item,time\nu1,i1,1700000000\n";
  const Folder folder;
  const gzFile gz = gzopen((folder.path() / "plain.csv").c_str(), "wb");
  gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
  gzclose(gz);
  EXPECT_EQ(user_item(import_file(folder.path() / "plain.csv")), "u1:i1");
  EXPECT_EQ(guess(folder.path() / "plain.csv", {}).compression, "gz");
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  EXPECT_EQ(user_item(import_file(folder.write("other.gz", packed))), "u1:i1");
}

TEST("decimal commas are seen where the comma separates nothing") {
  const Batch b = import("user;item;time;value\nu1;i1;1700000000;2,5\nu2;i2;1700000001;10\n");
  EXPECT_EQ(b.events[0].value, 2.5);
  EXPECT_EQ(b.events[1].value, 10.0);
}

TEST("identifiers that passed through a float lose their .0") {
  EXPECT_EQ(user_item(import("user,item,time\n17850.0,8.0,1700000000\n17851.0,9.0,1700000001\n")), "17850:8 17851:9");
  EXPECT_EQ(user_item(import("user,item,time\nv1.0,8,1700000000\n2.0,9,1700000001\n")), "v1.0:8 2.0:9");  // a version, not a float
}

TEST("columns are known by the names that systems give them") {
  const Mapping m = guessed("Customer ID,sku,createdAt,eventType,rating\n7,A1,2024-01-01,view,5\n");
  EXPECT_EQ(m.kind, "events");
  EXPECT_EQ(m.columns.at("user"), "Customer ID");
  EXPECT_EQ(m.columns.at("item"), "sku");
  EXPECT_EQ(m.columns.at("time"), "createdAt");
  EXPECT_EQ(m.columns.at("type"), "eventType");
  EXPECT_EQ(m.columns.at("value"), "rating");
}

TEST("without a header columns are known by their content and the guess is said") {
  const Mapping m = guessed("u1,i9,4.5,1700000000\nu2,i4,3.0,1700000100\n");
  EXPECT_FALSE(m.has_header);
  EXPECT_EQ(m.columns, (std::map<std::string, std::string>{{"user", "0"}, {"item", "1"}, {"value", "2"}, {"time", "3"}}));
  EXPECT_EQ(m.time_format, "epoch_s");
  EXPECT_FALSE(m.notes.empty());
  EXPECT_EQ(user_item(import("u1,i9,4.5,1700000000\nu2,i4,3.0,1700000100\n")), "u1:i9 u2:i4");
}

TEST("--map corrects the guess") {
  const std::string text = "who,what,item,time\nana,mug,x,1700000000\n";
  EXPECT_EQ(user_item(import(text, {.map = {{"user", "who"}, {"item", "what"}}})), "ana:mug");
  const Batch b = import("item,text,color,size\n1,Mug,red,L\n", {.map = {{"size", "-"}, {"colour", "color"}}});
  EXPECT_EQ(b.items[0].attributes.dump(), R"({"colour": "red"})");
  EXPECT_EQ(import("item;text\n1;a,b,c\n2;d,e,f\n", {.map = {{"separator", "semicolon"}}}).items[0].text, "a,b,c");
  EXPECT_EQ(import("user,item,time\nu,i,5/4/2024\n", {.map = {{"time_format", "m/d/y"}}}).events[0].time_ms, 1714780800000);
}

TEST("a column that is not there is named with the nearest one") {
  const std::string e = error_of("customer_id,item,time\nu,i,1700000000\n", {.map = {{"user", "custmer_id"}}});
  EXPECT_EQ(e.substr(0, 13), "bad_request: ");
  EXPECT_NE(e.find("no column 'custmer_id'; did you mean 'customer_id'?"), std::string::npos) << e;
  const std::string f = error_of("user,item,time\nu,i,1700000000\n", {.map = {{"usr", "user"}}});
  EXPECT_NE(f.find("no field 'usr'; did you mean 'user'?"), std::string::npos) << f;
}

TEST("days before months are decided over the whole column") {
  std::string text = "user,item,time\n";
  for (int i = 0; i < 3000; ++i) text += "u" + std::to_string(i) + ",i,05/04/2024\n";  // beyond the lines looked at first
  EXPECT_EQ(guessed(text + "u,i,13/04/2024\n").time_format, "d/m/y");
  EXPECT_EQ(guessed(text + "u,i,04/13/2024\n").time_format, "m/d/y");
  EXPECT_FALSE(guessed(text).notes.empty());
  EXPECT_EQ(import(text + "u,i,04/13/2024\n").events[0].time_ms, 1714780800000);  // May the fourth
}

TEST("the zone of the file is applied") {
  EXPECT_EQ(import("user,item,time\nu,i,2010-12-01 08:26:00\n", {.time_zone = "+02:00"}).events[0].time_ms, 1291191960000 - 7200000);
  EXPECT_TRUE(error_of("user,item,time\nu,i,2010-12-01\n", {.time_zone = "mars"}).starts_with("bad_request: time zone 'mars'"));
}

TEST("an exact repeat of an event goes, and says of which line") {
  const Batch b = import("user,item,time\nu,i,1700000000\nu,j,1700000000\nu,i,1700000000\n");
  EXPECT_EQ(user_item(b), "u:i u:j");
  REQUIRE(b.rejections.size() == 1);
  EXPECT_EQ(b.rejections[0].line, 4u);
  EXPECT_EQ(b.rejections[0].reason, "exact repeat of an earlier row: line 2");
  EXPECT_EQ(import("user,item,time\nu,i,1700000000\nu,i,1700000000\n", {.clean = false}).events.size(), 2u);
}

TEST("a time is known by the names that shops give it, in English and in Chinese") {
  for (const char* name : {"ordered_at", "created_at", "purchasedAt", "viewed_at", "order_date", "Bought On", "purchase date", "下单时间", "日期"}) {
    const Mapping m = guessed("customer_id;sku;" + std::string(name) + ";amount\nc1;i1;2026-01-02;3\nc2;i2;2026-01-03;4\n");
    EXPECT_EQ(m.kind, "events");
    EXPECT_EQ(m.columns.at("time"), name);
  }
  const Mapping strange = guessed("customer_id,sku,moment\nc1,i1,2026-01-02 10:00\nc2,i2,2026-01-03 11:00\n");
  EXPECT_EQ(strange.columns.at("time"), "moment");
  EXPECT_EQ(guessed("user,item,birth_date\nc1,i1,1980-01-02\nc2,i2,1981-01-03\n").columns.count("time"), 0u);
}

TEST("Chinese headers are known") {
  const Mapping events = guessed("用户,商品,事件,时间\nu1,i1,view,2026-01-02\nu2,i2,view,2026-01-03\n");
  EXPECT_EQ(events.kind, "events");
  EXPECT_EQ(events.columns.at("user"), "用户");
  EXPECT_EQ(events.columns.at("item"), "商品");
  EXPECT_EQ(events.columns.at("type"), "事件");
  EXPECT_EQ(events.columns.at("time"), "时间");
  const Mapping items = guessed("商品,名称,描述,价格,类别\ni1,保温杯,不锈钢,39,厨房\ni2,雨伞,折叠,25,户外\n");
  EXPECT_EQ(items.kind, "items");
  EXPECT_EQ(items.columns.at("text"), "名称+描述");
  EXPECT_EQ(items.types.at("价格"), "number");
}

TEST("columns that no field takes are named, and a missing time is said with the flag that gives it") {
  const Mapping m = guessed("customer_id,sku,amount,note\nc1,i1,3,x\nc2,i2,4,y\n");
  std::string notes;
  for (const std::string& note : m.notes) notes += note + "\n";
  EXPECT_NE(notes.find("not used: 'amount', 'note'"), std::string::npos) << notes;
  EXPECT_NE(notes.find("--map time=COLUMN"), std::string::npos) << notes;
}

TEST("without a time equal rows are events of their own, the same ones when read again") {
  const Batch batch = import("user,item\nu,a\nu,a\nu,b\nu,a\n");
  ASSERT_EQ(batch.events.size(), 4u);
  EXPECT_TRUE(batch.rejections.empty());
  EXPECT_FALSE(batch.events[0] == batch.events[1]);
  EXPECT_FALSE(batch.events[1] == batch.events[3]);
  EXPECT_TRUE(import("user,item\nu,a\nu,a\nu,b\nu,a\n").events == batch.events);
  EXPECT_EQ(import("{\"user\": \"u\", \"item\": \"a\"}\n{\"user\": \"u\", \"item\": \"a\"}\n").events.size(), 2u);
}

TEST("a reason keeps its times of day when it is counted") {
  EXPECT_EQ(without_values("time 'abc' is no time of the form 2011-12-09 12:50:00"), "time '...' is no time of the form 2011-12-09 12:50:00");
  EXPECT_EQ(without_values("exact repeat of an earlier row: line 4"), "exact repeat of an earlier row");
}

TEST("text entities and cut characters are handled") {
  EXPECT_EQ(without_entities("Tom &amp; Jerry&#39;s &lt;b&gt; &nope; &#x41;"), "Tom & Jerry's <b> &nope; A");
  EXPECT_EQ(shown("Café", 4), "Caf");
  EXPECT_EQ(shown(std::string("a\x01z", 3)), "a?z");
}

TEST("a file read as items that names them again says that these may be events") {
  const auto remarks = [](const std::string& text) {
    std::string all;
    for (const std::string& note : guessed(text).notes) all += note + "\n";
    return all;
  };
  EXPECT_NE(remarks("item,who,spent\nmug,ana,3\nmug,ben,4\npot,ana,9\n").find("1 name an item again"), std::string::npos);
  EXPECT_EQ(remarks("item,colour,price\nmug,red,3\npot,blue,4\n").find("again"), std::string::npos);
  EXPECT_EQ(remarks("item,title\nmug,a mug\nmug,a big mug\n").find("again"), std::string::npos);   // texts: the later row is the newer one
}

}  // namespace
}  // namespace attune::data
