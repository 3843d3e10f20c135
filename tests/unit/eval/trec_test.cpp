// TREC files: every reader must see the order that was meant.
#include "attune/eval/trec.h"

#include <cmath>
#include <limits>
#include <sstream>

#include "attune/core/error.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {

TEST("a run says user, item, rank, score and system") {
  std::ostringstream out;
  const std::vector<Scored> list = {{ItemId{2}, 1.5f}, {ItemId{0}, -0.25f}};
  write_run(out, "ana", list, *catalogue_of(3, 0), "slist");
  EXPECT_EQ(out.str(), "ana Q0 i2 1 1.5 slist\nana Q0 i0 2 -0.25 slist\n");
}

TEST("items that tie are written so that trec_eval keeps their order") {
  std::ostringstream out;
  const std::vector<Scored> list = {{ItemId{0}, 1.0f}, {ItemId{1}, 1.0f}, {ItemId{2}, 1.0f}, {ItemId{3}, 0.5f}, {ItemId{4}, 0.75f}};
  write_run(out, "u", list, *catalogue_of(5, 0), "x");
  std::istringstream in(out.str());
  std::string user, q0, item, tag;
  int rank = 0, lines = 0;
  float score = 0, before = std::numeric_limits<float>::infinity();
  while (in >> user >> q0 >> item >> rank >> score >> tag) {
    EXPECT_LT(score, before);  // as 32-bit floats, which is what trec_eval compares
    EXPECT_EQ(item, "i" + std::to_string(lines));
    EXPECT_EQ(rank, ++lines);
    before = score;
  }
  EXPECT_EQ(lines, 5);
  EXPECT_NEAR(before, 0.5f, 2e-6);
}

TEST("names with spaces stay one field and come back as they were") {
  EXPECT_EQ(trec_name("red mug\t50%"), "red%20mug%0950%25");
  EXPECT_EQ(trec_name("杯子"), "杯子");
  EXPECT_EQ(trec_name(""), "%");
}

TEST("judgements hold one line a target") {
  std::ostringstream out;
  write_qrels(out, split_of(4, {{{0}, {}, {1, 3}}, {{0}, {}, {2}}}));
  EXPECT_EQ(out.str(), "u0 0 i1 1\nu0 0 i3 1\nu1 0 i2 1\n");
}

TEST("a score that is not finite is not written") {
  std::ostringstream out;
  const std::vector<Scored> list = {{ItemId{0}, std::nanf("")}};
  EXPECT_THROW(write_run(out, "u", list, *catalogue_of(1, 0), "x"), Error);
}

}  // namespace attune::eval
