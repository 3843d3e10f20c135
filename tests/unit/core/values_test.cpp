// Values: JSON, settings, byte files, parallel loops, explanations.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "attune/core/bytes.h"
#include "attune/core/explanation.h"
#include "attune/core/json.h"
#include "attune/core/parallel.h"
#include "attune/core/params.h"
#include "attune/core/published.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

TEST(Json, reads_what_it_wrote_in_the_same_order) {
  const std::string text = R"({"z": 1, "a": [true, null, -2.5, "käse \"x\"\n"], "m": {}})";
  const Json json = Json::parse(text);
  EXPECT_EQ(json.dump(), R"({"z": 1, "a": [true, null, -2.5, "käse \"x\"\n"], "m": {}})");
  EXPECT_EQ(Json::parse(json.dump()), json);
  EXPECT_EQ(json.at("z").as_integer(), 1);
  EXPECT_EQ(json.find("nothing"), nullptr);
}

TEST(Json, says_where_it_cannot_be_read) {
  try {
    Json::parse("{\"a\": 1,\n \"b\": }", "events.jsonl");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    EXPECT_NE(std::string(e.what()).find("events.jsonl"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("line 2"), std::string::npos) << e.what();
  }
}

TEST(Json, refuses_a_tower_of_brackets) { EXPECT_THROW(Json::parse(std::string(100000, '[')), Error); }

TEST(Json, writes_what_is_no_number_as_null_and_replaces_bad_utf8) {
  EXPECT_EQ(Json(std::nan("")).dump(), "null");
  EXPECT_NO_THROW(Json::parse(Json("\xff\xfe").dump()));
}

TEST(Json, names_the_type_it_expected) {
  EXPECT_THROW(Json(1).as_string(), Error);
  EXPECT_THROW(Json("1").as_number(), Error);
  EXPECT_EQ(Json(3.0).as_integer(), 3);
  EXPECT_THROW(Json(3.5).as_integer(), Error);
}

struct Params {
  int factors = 64;
  float reg = 0.5f;
  bool fast = false;
  std::string name = "x";
  std::int64_t many = 1;
  template <class V>
  void visit(V& v) {
    v("factors", factors, "length");
    v("reg", reg, "pull to zero");
    v("fast", fast, "faster");
    v("name", name, "a name");
    v("many", many, "a large number");
  }
};

std::string complaint(const std::string& json) {
  try {
    params_from<Params>(Json::parse(json));
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_request);
    return e.what();
  }
  return "";
}

TEST(Params, puts_given_values_over_defaults_also_from_text) {
  const Params p = params_from<Params>(Json::parse(R"({"factors": "128", "reg": 2, "fast": "true", "many": 5000000000})"));
  EXPECT_EQ(p.factors, 128);
  EXPECT_FLOAT_EQ(p.reg, 2);
  EXPECT_TRUE(p.fast);
  EXPECT_EQ(p.name, "x");
  EXPECT_EQ(p.many, 5000000000);
  EXPECT_EQ(params_from<Params>(Json()).factors, 64);
}

TEST(Params, names_the_setting_that_was_probably_meant) {
  EXPECT_NE(complaint(R"({"factor": 1})").find("'factors'"), std::string::npos);
  EXPECT_NE(complaint(R"({"zzzzzz": 1})").find("known: factors, reg"), std::string::npos);
}

TEST(Params, refuses_values_of_the_wrong_kind) {
  for (const char* json : {R"({"factors": 1.5})", R"({"factors": "many"})", R"({"factors": 1e12})", R"({"fast": 1})", R"({"name": 3})", R"({"reg": "nan"})"})
    EXPECT_NE(complaint(json), "") << json;
}

TEST(Params, every_setting_comes_back_with_default_and_help) {
  const auto settings = settings_of<Params>();
  ASSERT_EQ(settings.size(), 5u);
  EXPECT_EQ(settings[0].name, "factors");
  EXPECT_EQ(settings[0].standard.as_integer(), 64);
  EXPECT_EQ(params_from<Params>(to_json(Params{.factors = 3})).factors, 3);
}

class Bytes : public ::testing::Test {
 protected:
  fs::path file = fs::path(::testing::TempDir()) / ("attune_bytes_" + std::to_string(::getpid()));
  void TearDown() override { fs::remove(file); }
};

TEST_F(Bytes, come_back_as_they_were_written_with_the_same_hash) {
  Matrix m(3, 2);
  m(2, 1) = 7;
  Sparse s{.rows = 2, .cols = 3, .offsets = {0, 1, 2}, .indices = {2, 0}, .values = {1.5f, -2}};
  ByteWriter out(file);
  out.number(42);
  out.text("héllo");
  out.array(std::span<const double>(std::vector<double>{1, 2, 3}));
  out.matrix(m);
  out.sparse(s);
  EXPECT_FALSE(fs::exists(file)) << "nothing under the final name before close()";
  const std::string hash = out.close();
  ByteReader in(file);
  EXPECT_EQ(in.hash(), hash);
  EXPECT_EQ(in.number<int>(), 42);
  EXPECT_EQ(in.text(), "héllo");
  EXPECT_EQ(in.array<double>(), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(in.matrix()(2, 1), 7);
  EXPECT_EQ(in.sparse().indices, s.indices);
  EXPECT_TRUE(in.at_end());
}

TEST_F(Bytes, an_unfinished_file_leaves_nothing) {
  { ByteWriter(file).number(1); }
  EXPECT_FALSE(fs::exists(file));
  for (const auto& entry : fs::directory_iterator(file.parent_path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with(file.filename().string())) << entry.path();
}

TEST_F(Bytes, no_length_in_a_damaged_file_is_trusted) {
  for (const std::uint64_t claimed : {std::uint64_t{5}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(&claimed), 8);
    EXPECT_THROW(ByteReader(file).text(), Error);
    EXPECT_THROW(ByteReader(file).array<float>(), Error);
    EXPECT_THROW(ByteReader(file).matrix(), Error);
    EXPECT_THROW(ByteReader(file).sparse(), Error);
  }
}

TEST_F(Bytes, a_missing_file_and_a_folder_are_told_apart) {
  try {
    ByteReader in(file);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
  }
  EXPECT_THROW(ByteReader(fs::path(::testing::TempDir())), Error);
}

TEST(Parallel, visits_every_index_once) {
  std::vector<std::atomic<int>> seen(1000);
  parallel_for(0, seen.size(), 7, attune::Run{.threads = 4}, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) ++seen[i];
  });
  for (const auto& n : seen) EXPECT_EQ(n, 1);
}

TEST(Parallel, hands_on_the_first_error_and_can_be_nested) {
  EXPECT_THROW(parallel_for(0, 100, 1, attune::Run{.threads = 3}, [](std::size_t first, std::size_t) {
                 if (first == 50) throw Error(Code::bad_data, "here");
               }),
               Error);
  std::atomic<int> n{0};
  parallel_for(0, 4, 1, attune::Run{.threads = 2}, [&](std::size_t, std::size_t) {
    parallel_for(0, 10, 1, attune::Run{.threads = 2}, [&](std::size_t, std::size_t) { ++n; });
  });
  EXPECT_EQ(n, 40);
}

TEST(Parallel, stops_when_asked) {
  std::atomic<bool> stop{true};
  attune::Run run;
  run.stop = &stop;
  EXPECT_THROW(parallel_for(0, 10, 1, run, [](std::size_t, std::size_t) {}), Error);
}

TEST(Explanation, tells_how_far_parts_are_from_their_sum) {
  const Explanation sound{"total", 3, {{"a", 1, {}}, {"b", 2, {{"c", 2, {}}}}}};
  EXPECT_EQ(gap(sound), 0);
  const Explanation wrong{"total", 3, {{"a", 1, {}}, {"b", 2, {{"c", 1.5, {}}}}}};
  EXPECT_DOUBLE_EQ(gap(wrong), 0.5);
}

TEST(Published, readers_keep_what_they_read) {
  Published<int> box(std::make_shared<const int>(1));
  const auto before = box.read();
  box.publish(std::make_shared<const int>(2));
  EXPECT_EQ(*before, 1);
  EXPECT_EQ(*box.read(), 2);
}

}  // namespace
}  // namespace attune
