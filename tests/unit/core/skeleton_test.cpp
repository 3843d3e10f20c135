// The build itself: C++20 compiles, sentences become tests, the source tree is where tests look for it.
#include "tests/support/test.h"

#include <filesystem>

TEST("the source tree is where the tests look for it") {
  CHECK(std::filesystem::exists(std::filesystem::path(ATTUNE_SOURCE_DIR) / "attune" / "FLOORS"));
}

TEST(Skeleton, PlainGoogleTestNamesWorkToo) { EXPECT_EQ(__cplusplus, 202002L); }
