// The files of other systems, each recognised by its content. The rows are made up.
#include "tests/unit/data/import_files.h"

namespace attune::data {
namespace {

using testing::error_of;
using testing::guessed;
using testing::import;

std::string events(const Batch& b) {
  std::string out;
  for (const Event& e : b.events) {
    out += e.user + " " + e.item + " " + e.type;
    if (e.value) out += " " + Json(*e.value).dump();
    out += " " + std::to_string(e.time_ms) + "\n";
  }
  return out;
}
std::string records(const std::vector<Record>& list) {
  std::string out;
  for (const Record& r : list) out += r.name + " [" + r.text + "] " + r.attributes.dump() + (r.hidden ? " hidden" : "") + (r.created_ms ? " " + std::to_string(r.created_ms) : "") + "\n";
  return out;
}

TEST("JSON lines: events with the usual keys") {
  const std::string text = R"({"user": "ana", "item": 7, "time": 1700000000, "type": "view"}
{"user": "bo", "item": 8, "time": 1700000001.5, "type": "buy", "value": 2.5}
)";
  EXPECT_EQ(guessed(text).format, "jsonl");
  EXPECT_EQ(events(import(text)), "ana 7 view 1700000000000\nbo 8 buy 2.5 1700000001500\n");
}

TEST("JSON lines: items keep the shape of their attributes, also of keys that come late") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "{\"id\": " + std::to_string(i) + ", \"title\": \"T\", \"tags\": [\"a\"], \"meta\": {\"w\": 1.5}}\n";
  text += R"({"id": "x", "title": "Late", "color": "red", "sizes": [1, 2], "empty": null})" "\n";
  const Batch b = import(text);
  REQUIRE(b.items.size() == 301);
  EXPECT_EQ(b.items[0].attributes.dump(), R"({"tags": ["a"], "meta": {"w": 1.5}})");
  EXPECT_EQ(b.items[300].text, "Late");
  EXPECT_EQ(b.items[300].attributes.dump(), R"({"color": "red", "sizes": [1, 2]})");
}

TEST("one JSON array over several lines is read like JSON lines") {
  const Batch b = import("[\n  {\"user\": \"a\",\n   \"item\": \"x\"},\n  {\"user\": \"b\", \"item\": \"y } {\"}\n]\n");
  EXPECT_EQ(events(b), "a x event 0\nb y } { event 0\n");
}

TEST("a line that is no JSON is set aside and the rest is read") {
  const Batch b = import("{\"user\": \"a\", \"item\": \"x\"}\n{\"user\": \"b\", \n{\"user\": \"c\", \"item\": \"z\"}\n[1]\n");
  EXPECT_EQ(events(b), "a x event 0\nc z event 0\n");
  REQUIRE(b.rejections.size() == 2);
  EXPECT_TRUE(b.rejections[0].reason.starts_with("row is not JSON"));
  EXPECT_EQ(b.rejections[0].line, 2u);
  EXPECT_EQ(b.rejections[1].reason, "row is JSON but no object");
}

TEST("a path names a member of an object") {
  const Batch b = import(R"({"meta": {"who": "ana"}, "item": "x"})" "\n", {.map = {{"user", "meta.who"}}, .kind = "events"});
  EXPECT_EQ(events(b), "ana x event 0\n");
}

TEST("MovieLens 100K: ratings, films in Latin-1 with genre flags, users") {
  EXPECT_EQ(events(import("196\t242\t3\t881250949\n186\t302\t3\t891717742\n")), "196 242 rating 3 881250949000\n186 302 rating 3 891717742000\n");
  const std::string films = "7|Caf\xE9 Kettle (1995)|01-Jan-1995||http://x|0|1|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n";
  EXPECT_EQ(guessed(films).format, "movielens");
  EXPECT_EQ(records(import(films).items), R"(7 [Café Kettle (1995)] {"released": "01-Jan-1995", "genres": ["Action", "Comedy"], "year": 1995})" "\n");
  EXPECT_EQ(records(import("1|24|M|technician|85711\n2|53|F|other|94043\n").users),
            R"(1 [] {"age": 24, "gender": "M", "occupation": "technician", "zip": "85711"})" "\n"
            R"(2 [] {"age": 53, "gender": "F", "occupation": "other", "zip": "94043"})" "\n");
}

TEST("MovieLens 1M and 10M: two colons separate, single ones do not") {
  EXPECT_EQ(events(import("1::1193::5::978300760\n1::661::3.5::978302109\n")), "1 1193 rating 5 978300760000\n1 661 rating 3.5 978302109000\n");
  EXPECT_EQ(records(import("1::Kettle: The Return (1995)::Animation|Comedy\n2::Pan (1996)::Drama\n").items),
            R"(1 [Kettle: The Return (1995)] {"genres": ["Animation", "Comedy"], "year": 1995})" "\n"
            R"(2 [Pan (1996)] {"genres": ["Drama"], "year": 1996})" "\n");
  EXPECT_EQ(records(import("1::F::1::10::48067\n2::M::56::16::70072\n").users),
            R"(1 [] {"gender": "F", "age": "under 18", "occupation": "10", "zip": "48067"})" "\n"
            R"(2 [] {"gender": "M", "age": "56+", "occupation": "16", "zip": "70072"})" "\n");
}

TEST("MovieLens of later years: quoted titles, films without genres, identifiers with leading zeros") {
  EXPECT_EQ(events(import("userId,movieId,rating,timestamp\n1,7,4.0,964982703\n")), "1 7 rating 4 964982703000\n");
  EXPECT_EQ(records(import("movieId,title,genres\n7,\"Kettle, The (1999)\",Comedy|Drama\n8,Pan,(no genres listed)\n").items),
            R"(7 [Kettle, The (1999)] {"genres": ["Comedy", "Drama"], "year": 1999})" "\n8 [Pan] {}\n");
  EXPECT_EQ(records(import("movieId,imdbId,tmdbId\n7,0114709,862\n").items), R"(7 [] {"imdbId": "0114709", "tmdbId": "862"})" "\n");
}

TEST("RecBole: typed heads, sequences by spaces, quote marks as text") {
  const std::string inter = "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti9\t4.0\t1700000000\n";
  EXPECT_EQ(guessed(inter).format, "recbole");
  EXPECT_EQ(events(import(inter)), "u1 i9 rating 4 1700000000000\n");
  EXPECT_EQ(records(import("item_id:token\ttitle:token_seq\tgenre:token_seq\tprice:float\ni9\tThe \"Red Kettle\tHome Steel\t3.5\n").items),
            R"(i9 [The "Red Kettle] {"genre": ["Home", "Steel"], "price": 3.5})" "\n");
  EXPECT_EQ(records(import("user_id:token\tage:token\n7\t25\n").users), R"(7 [] {"age": "25"})" "\n");
  EXPECT_TRUE(error_of("head_id:token\trelation_id:token\ttail_id:token\na\tb\tc\n").starts_with("unsupported: "));
  EXPECT_TRUE(error_of("user_id:token\titem_id_list:token_seq\titem_id:token\na\tb c\td\n").starts_with("unsupported: "));
}

TEST("Gorse: feedback, items with labels, users") {
  const std::string feedback = R"({"FeedbackType":"like","UserId":"u1","ItemId":"i9","Value":1,"Timestamp":"2026-01-05T10:00:00Z","Comment":""})" "\n";
  EXPECT_EQ(guessed(feedback).format, "gorse");
  EXPECT_EQ(events(import(feedback)), "u1 i9 like 1 1767607200000\n");
  EXPECT_EQ(records(import(R"({"ItemId":"mug-7","IsHidden":true,"Categories":["kitchen"],"Timestamp":"2026-03-01T00:00:00Z","Labels":{"color":"blue","embedding":[0.1,-0.4]},"Comment":"Blue mug, 300 ml"})" "\n").items),
            R"(mug-7 [Blue mug, 300 ml] {"categories": ["kitchen"], "color": "blue", "embedding": [0.1, -0.4]} hidden 1772323200000)" "\n");
  EXPECT_EQ(records(import(R"({"UserId":"ana","Labels":{"city":"Porto"},"Comment":"likes tea"})" "\n").users), R"(ana [likes tea] {"city": "Porto"})" "\n");
}

TEST("Gorse feedback without a time has the time nobody knows") {
  EXPECT_EQ(events(import(R"({"FeedbackType":"like","UserId":"u1","ItemId":"i9","Timestamp":"0001-01-01T00:00:00Z"})" "\n"
                          R"({"FeedbackType":"like","UserId":"u1","ItemId":"i8","Timestamp":"2026-01-05T10:00:00Z"})" "\n")),
            "u1 i9 like 0\nu1 i8 like 1767607200000\n");
}

TEST("Amazon reviews of 2014, 2018 and 2023") {
  EXPECT_EQ(events(import(R"({"reviewerID":"A1","asin":"B00X","overall":5.0,"reviewText":"Boils fast.","unixReviewTime":1514764800})" "\n")), "A1 B00X rating 5 1514764800000\n");
  EXPECT_EQ(events(import(R"({"user_id":"AE1","parent_asin":"B00X","asin":"B00Y","rating":4.0,"title":"Good","text":"Fast.","timestamp":1700000000000})" "\n")), "AE1 B00X rating 4 1700000000000\n");
}

TEST("Amazon metadata: texts from lists, prices from texts, Python literals") {
  EXPECT_EQ(records(import(R"({"asin":"B00X","title":"Tom &amp; Jerry mug","description":["Blue.","Round"],"price":"$1.99","brand":"Mugs","category":["Home","Kitchen"],"also_buy":["B1"]})" "\n").items),
            R"(B00X [Tom & Jerry mug. Blue. Round] {"price": 1.99, "brand": "Mugs", "category": ["Home", "Kitchen"]})" "\n");
  EXPECT_EQ(records(import("{'asin': 'B00Z', 'title': u\"Bob's mug\", 'price': 3.5, 'categories': [['Home', 'Mugs']], 'salesRank': None}\n").items),
            R"(B00Z [Bob's mug] {"price": 3.5, "categories": ["Home", "Mugs"]})" "\n");
}

TEST("Amazon ratings without a header: whichever column holds the reviewers") {
  EXPECT_EQ(events(import("A3EBHHCZO6V2A4,0151004714,5.0,1353612262\nA30TK6U7DNS82R,B000000001,4.0,1370000000\n")),
            "A3EBHHCZO6V2A4 0151004714 rating 5 1353612262000\nA30TK6U7DNS82R B000000001 rating 4 1370000000000\n");
  EXPECT_EQ(events(import("0151004714,A3EBHHCZO6V2A4,5.0,1353612262\nB000000001,A30TK6U7DNS82R,4.0,1370000000\n")),
            "A3EBHHCZO6V2A4 0151004714 rating 5 1353612262000\nA30TK6U7DNS82R B000000001 rating 4 1370000000000\n");
}

TEST("AWS Personalize: columns in capitals") {
  const std::string text = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i9,1700000000,Purchase,19.9\n";
  EXPECT_EQ(guessed(text).format, "personalize");
  EXPECT_EQ(events(import(text)), "u1 i9 Purchase 19.9 1700000000000\n");
  EXPECT_EQ(records(import("ITEM_ID,GENRES,PRICE\ni9,tea|pots,4.5\n").items), R"(i9 [] {"GENRES": ["tea", "pots"], "PRICE": 4.5})" "\n");
}

}  // namespace
}  // namespace attune::data
