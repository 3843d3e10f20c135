// Text of unknown origin on a terminal.
#include <gtest/gtest.h>

#include "attune/core/json.h"
#include "attune/core/printable.h"

namespace attune {
namespace {

TEST(Printable, ordinary_text_of_any_script_stays_as_it_is) {
  for (const char* text : {"", "Emma", "Größe \"L\"", "ひらがな", "한국어", "emoji 😀", "e\u0301", "a, b; c\\d"}) EXPECT_EQ(printable(text), text);
}

TEST(Printable, what_a_terminal_would_obey_is_written_out) {
  EXPECT_EQ(printable("\x1b[31mred\x1b]0;title\x07"), "\\x1b[31mred\\x1b]0;title\\x07");
  EXPECT_EQ(printable("\u009b2J"), "\\u009b2J");   // one character that begins a control sequence
  EXPECT_EQ(printable("a\rb\x7f\b"), "a\\x0db\\x7f\\x08");
  EXPECT_EQ(printable("gnp.\u202eexe"), "gnp.\\u202eexe");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, bytes_that_are_no_text_are_shown_by_number) {
  EXPECT_EQ(printable("\xff\xfe!"), "\\xff\\xfe!");
  EXPECT_EQ(printable("\xc3"), "\\xc3");
}

TEST(Printable, lines_are_kept_where_they_are_ours) {
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("a\nb\tc", Lines::keep), "a\nb\tc");
}

TEST(Printable, a_long_text_is_cut_in_a_whole_character) {
  EXPECT_EQ(printable("ééé", Lines::escape, 3), "éé…");
  EXPECT_EQ(printable("abc", Lines::escape, 3), "abc");
}

TEST(Printable, json_holds_no_character_that_a_terminal_obeys) {
  EXPECT_EQ(Json("\x1b[0m\x7f\u009b2J é").dump(), R"("\u001b[0m\u007f\u009b2J é")");
  EXPECT_EQ(Json::parse(R"("\u007f\u009b")").as_string(), "\x7f\u009b");
}

}  // namespace
}  // namespace attune
