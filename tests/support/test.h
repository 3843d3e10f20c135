// Tests as sentences on GoogleTest: TEST("an empty list has no best item") { CHECK(best({}).empty()); }
// The suite is the file's name, so --gtest_filter='*empty list*' finds it. TEST(Suite, Name) still works.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace attune::testing {

inline std::string suite_of(std::string_view path) {
  path.remove_prefix(path.find_last_of('/') + 1);
  return std::string(path.substr(0, path.find('.')));
}

template <class Case>
bool add_test(const char* file, int line, const char* sentence) {
  ::testing::RegisterTest(suite_of(file).c_str(), sentence, nullptr, nullptr, file, line,
                          []() -> ::testing::Test* { return new Case; });
  return true;
}

}  // namespace attune::testing

#define ATTUNE_JOIN_(a, b) a##b
#define ATTUNE_JOIN(a, b) ATTUNE_JOIN_(a, b)
#define ATTUNE_SENTENCE(sentence, id)                                                                            \
  namespace {                                                                                                    \
  struct ATTUNE_JOIN(Case, id) : ::testing::Test {                                                               \
    void TestBody() override;                                                                                    \
    static inline const bool added = attune::testing::add_test<ATTUNE_JOIN(Case, id)>(__FILE__, __LINE__, sentence); \
  };                                                                                                             \
  [[maybe_unused]] const bool* const ATTUNE_JOIN(kept, id) = &ATTUNE_JOIN(Case, id)::added;                      \
  }                                                                                                              \
  void ATTUNE_JOIN(Case, id)::TestBody()
#define ATTUNE_TEST_1(sentence) ATTUNE_SENTENCE(sentence, __LINE__)
#define ATTUNE_TEST_2(suite, name) GTEST_TEST(suite, name)
#define ATTUNE_PICK(one, two, picked, ...) picked

#undef TEST
#define TEST(...) ATTUNE_PICK(__VA_ARGS__, ATTUNE_TEST_2, ATTUNE_TEST_1, )(__VA_ARGS__)
#define CHECK(condition) EXPECT_TRUE(condition)
#define REQUIRE(condition) ASSERT_TRUE(condition)
#define CHECK_THROWS(statement, type) EXPECT_THROW(statement, type)
