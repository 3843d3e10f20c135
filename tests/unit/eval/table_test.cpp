// Tables as people and programs read them.
#include "attune/eval/table.h"

#include "tests/support/test.h"

namespace attune::eval {
namespace {

Table two_models() {
  return {.title = "by hand", .columns = {{"model", false}, {"ndcg@10"}, {"users"}}, .rows = {{"slist", 0.0653, 22363}, {"人气", nullptr, 7}}, .notes = {"a note"}};
}

}  // namespace

TEST("text is aligned, numbers to the right, wide characters counted as two") {
  EXPECT_EQ(two_models().text(),
            "by hand\n"
            "model  ndcg@10  users\n"
            "slist   0.0653  22363\n"
            "人气                7\n"
            "a note\n");
}

TEST("a table wider than the terminal is broken, the first column repeated") {
  EXPECT_EQ(two_models().text(15),
            "by hand\n"
            "model  ndcg@10\n"
            "slist   0.0653\n"
            "人气\n"
            "\n"
            "model  users\n"
            "slist  22363\n"
            "人气       7\n"
            "a note\n");
}

TEST("markdown, csv and json hold the same cells") {
  EXPECT_EQ(two_models().markdown(), "**by hand**\n\n| model | ndcg@10 | users |\n|---|---:|---:|\n| slist | 0.0653 | 22363 |\n| 人气 |  | 7 |\n\na note\n");
  EXPECT_EQ(two_models().csv(), "model,ndcg@10,users\r\nslist,0.0653,22363\r\n人气,,7\r\n");
  EXPECT_EQ(two_models().to_json().dump(-1),
            Json::parse(R"({"title":"by hand","rows":[{"model":"slist","ndcg@10":0.0653,"users":22363},{"model":"人气","ndcg@10":null,"users":7}],"notes":["a note"]})").dump(-1));
}

TEST("cells with commas, quotes and bars do not break the file") {
  const Table table{.columns = {{"a", false}}, .rows = {{"x, \"y\" | z"}}};
  EXPECT_EQ(table.csv(), "a\r\n\"x, \"\"y\"\" | z\"\r\n");
  EXPECT_EQ(table.markdown(), "| a |\n|---|\n| x, \"y\" \\| z |\n");
}

TEST("an empty table and one of a single column can be drawn") {
  EXPECT_EQ(Table{}.text(), "\n");
  EXPECT_EQ((Table{.columns = {{"a", false}}, .rows = {{"x"}}}.text()), "a\nx\n");
}

TEST("numbers keep four figures that count") {
  EXPECT_EQ(number_text(0.06531), "0.0653");
  EXPECT_EQ(number_text(12.3456), "12.35");
  EXPECT_EQ(number_text(123456.7), "123457");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(3.2e-7), "3.2e-07");
  EXPECT_EQ(number_text(-0.5), "-0.5000");
}

}  // namespace attune::eval
