// Filters: what passes, what does not, and what a mistake says.
#include "attune/rank/filter.h"

#include "attune/core/error.h"
#include "tests/support/test.h"

using namespace attune;
using rank::Filter;

namespace {

data::CatalogueItem mug() {
  return {.name = "85123A", .text = "Red Retrospot Mug", .attributes = Json::parse(R"({"price": 4.5, "category": "Kitchen", "size": "12",
    "tags": ["red", "Gift"], "sale": true, "made": "2011-03-01", "empty": [], "nothing": null, "作者": "鲁迅"})")};
}
bool passes(std::string_view filter) { return Filter::parse(filter).passes(mug()); }
std::string mistake(std::string_view filter) {
  try {
    (void)Filter::parse(filter);
  } catch (const Error& e) {
    return e.code() == Code::bad_request ? e.what() : "wrong code";
  }
  return "none";
}

}  // namespace

TEST("numbers compare as numbers, also when they are kept as text") {
  CHECK(passes("price < 5") && passes("price <= 4.5") && passes("price >= 4.50") && passes("price = 4.5") && passes("price == 4.5"));
  CHECK(!passes("price > 4.5") && !passes("price < 4") && !passes("price != 4.5"));
  CHECK(passes("size > 5"));        // "12" is above 5, though '1' < '5'
  CHECK(passes("size = 12.0"));
}

TEST("texts compare without upper and lower case, dates in their order") {
  CHECK(passes("category = kitchen") && passes("category = \"KITCHEN\"") && passes("category = 'Kitchen'"));
  CHECK(passes("made >= 2011-01-01") && !passes("made < 2011-03-01"));
  CHECK(passes("text contains retrospot") && passes("name = 85123a") && !passes("text contains bowl"));
  CHECK(passes("作者 = 鲁迅") && !passes("作者 = 老舍"));
}

TEST("a list matches if any entry does, and is unlike only if none is") {
  CHECK(passes("tags = red") && passes("tags = gift") && passes("tags in (blue, red)") && passes("tags contains if"));
  CHECK(!passes("tags = blue") && !passes("tags != red") && passes("tags != blue") && !passes("tags not in (gift, blue)"));
}

TEST("true and false are values") { CHECK(passes("sale = true") && !passes("sale = false") && passes("not sale = false")); }

TEST("an attribute that is not there fails every comparison and passes not exists") {
  for (const char* filter : {"weight = 1", "weight != 1", "weight < 1", "weight in (1)", "weight not in (1)", "weight contains 1",
                             "weight not contains 1", "weight exists", "empty exists", "nothing exists"})
    EXPECT_FALSE(passes(filter)) << filter;
  CHECK(passes("weight not exists") && passes("not weight exists") && passes("not weight = 1") && passes("price exists"));
}

TEST("and binds tighter than or, not tightest, brackets decide") {
  CHECK(passes("price > 9 and sale = true or category = kitchen"));
  CHECK(!passes("price > 9 and (sale = true or category = kitchen)"));
  CHECK(passes("not price > 9 and sale = true"));
  CHECK(!passes("not (price < 9 and sale = true)"));
  CHECK(passes("NOT price > 9 AND sale = TRUE Or price = 0"));
}

TEST("names and values in quotes may hold anything") {
  data::CatalogueItem odd{.name = "x", .attributes = Json::parse(R"~({"unit price": 3, "note": "say \"hi\" and (go)"})~")};
  CHECK(Filter::parse("'unit price' <= 3").passes(odd));
  CHECK(Filter::parse(R"~(note = "say \"hi\" and (go)")~").passes(odd));
}

TEST("blank text passes everything") {
  CHECK(passes("") && passes("  \n") && Filter::parse(" ").empty() && !Filter::parse("a = 1").empty());
}

TEST("a mistake says where it is and what was expected") {
  EXPECT_EQ(mistake("price <="), "cannot read the filter at character 9: expected a value, got the end; in: price <= <here> ");
  EXPECT_EQ(mistake("price"), "cannot read the filter at character 6: expected =, !=, <, <=, >, >=, in, contains or exists after 'price', got the end; "
                              "in: price <here> ");
  EXPECT_EQ(mistake("价格 < 3 或 a = 1"), "cannot read the filter at character 8: expected `and`, `or` or the end (a value of several words stands in quotes), got '或'; in: 价格 < 3  <here> 或 a = 1");
  EXPECT_NE(mistake("(a = 1").find("expected `)`, `and` or `or`, got the end"), std::string::npos);
  EXPECT_NE(mistake("a in red").find("expected `(` after `in`"), std::string::npos);
  EXPECT_NE(mistake("a = \"red").find("expected a closing \""), std::string::npos);
  EXPECT_NE(mistake("a = 1 and").find("expected the name of an attribute"), std::string::npos);
  EXPECT_NE(mistake("a not = 1").find("after `not`"), std::string::npos);
  EXPECT_NE(mistake("a in ()").find("expected a value, got ')'"), std::string::npos);
}

TEST("brackets a thousand deep are refused, not followed") {
  EXPECT_NE(mistake(std::string(1000, '(') + "a = 1" + std::string(1000, ')')).find("inside one another"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "not ";
  EXPECT_NE(mistake(nots + "a = 1").find("inside one another"), std::string::npos);
  EXPECT_NE(mistake(std::string(70000, 'a')).find("64 KB"), std::string::npos);
}
