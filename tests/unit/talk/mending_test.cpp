// Mending: a slip that makes another word is told by what can stand in its place.
#include "attune/talk/reading.h"
#include "tests/support/test.h"
#include "tests/unit/talk/catalogue.h"

namespace attune::talk {
namespace {

Reading hear(const char* message) { return read(small_lexicon(), shown({"mug-1", "mug-2", "lamp-1"}), message); }

TEST("a slip that makes another word is read by what stands around it") {
  for (const char* typed : {"sow me something i may like", "snow me something i may like", "show me something i may lie", "show me something i might live"}) {
    EXPECT_EQ(hear(typed).wish, "") << typed;
    EXPECT_EQ(hear(typed).intent, Intent::wish) << typed;
  }
  for (const char* typed : {"show me something ease", "show me something esle", "show me anything elsse"}) {
    EXPECT_EQ(hear(typed).intent, Intent::more) << typed;
    EXPECT_TRUE(hear(typed).wants_others) << typed;
  }
  for (const char* typed : {"none of theee", "nine of these", "none of thsee", "none of thosr"}) EXPECT_EQ(hear(typed).intent, Intent::reject) << typed;
  const Reading then = hear("cheaper then the first");
  ASSERT_EQ(then.comparatives.size(), 1u);
  EXPECT_EQ(then.comparatives[0].than, "mug-1");
}

TEST("a word that may stand there is no slip") {
  EXPECT_EQ(hear("something i could live with").corrected.size(), 0u);
  EXPECT_EQ(hear("a lake house lamp").corrected.size(), 0u);
  EXPECT_EQ(hear("something easy").corrected.size(), 0u);
  EXPECT_EQ(hear("a snow lamp").corrected.size(), 0u);
}

}  // namespace
}  // namespace attune::talk
