// What every model promises, whatever it is: run over each MODEL line of plugins.def.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "attune/core/bytes.h"
#include "attune/core/random.h"
#include "attune/engine/registry.h"
#include "tests/contracts/world.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

data::Dataset with_texts(const data::Dataset& plain) {
  data::Dataset data = plain;
  std::vector<std::string> texts;
  for (const auto& item : data.catalogue().items()) texts.push_back(item.text);
  const auto encoder = engine::encoder_named("tfidf").make(texts, Json(), attune::Run{});
  data.with_features("tfidf", std::make_shared<const data::ItemFeatures>(encoder->encode(texts, attune::Run{})));
  return data;
}

class Models : public ::testing::TestWithParam<std::string> {
 protected:
  const testing::Checkerboard world = testing::checkerboard(60);
  const data::Dataset data = with_texts(*world.train);
  std::unique_ptr<const model::Recommender> fitted(std::uint64_t seed = 7) const {
    attune::Run run;
    run.seed = seed;
    return engine::model_named(GetParam()).fit(data, Json(), run);
  }
  std::vector<float> scores(const model::Recommender& model, std::span<const Touch> history) const {
    std::vector<float> out(model.item_count());
    model.score_all({.history = history}, out);
    return out;
  }
};

TEST_P(Models, never_recommends_an_excluded_item) {
  const auto model = fitted();
  const std::vector<ItemId> exclude = {item_at(0), item_at(2), item_at(59)};
  for (std::size_t u = 0; u < 10; ++u)
    for (const Scored& hit : model->recommend({.history = data.history(user_at(u)), .exclude = exclude, .k = 100}))
      EXPECT_EQ(std::count(exclude.begin(), exclude.end(), hit.item), 0);
}

TEST_P(Models, gives_every_item_a_finite_score_even_for_nobody) {
  const auto model = fitted();
  ASSERT_EQ(model->item_count(), data.item_count());
  for (const float score : scores(*model, {})) EXPECT_TRUE(std::isfinite(score));
  for (const float score : scores(*model, data.history(user_at(3)))) EXPECT_TRUE(std::isfinite(score));
}

TEST_P(Models, scores_some_items_as_it_scores_all_of_them) {
  const auto model = fitted();
  const auto history = data.history(user_at(5));
  const std::vector<float> all = scores(*model, history);
  const std::vector<ItemId> some = {item_at(7), item_at(7), item_at(0), item_at(59)};
  std::vector<float> out(some.size());
  model->score({.history = history}, some, out);
  for (std::size_t i = 0; i < some.size(); ++i) EXPECT_NEAR(out[i], all[to_index(some[i])], 1e-4f * (1 + std::abs(out[i])));
}

TEST_P(Models, refuses_an_answer_of_the_wrong_length_and_unknown_items) {
  const auto model = fitted();
  const std::vector<ItemId> items = {item_at(1), item_at(2)}, unknown = {item_at(60)};
  std::vector<float> three(3), one(1);
  EXPECT_THROW(model->score({}, items, three), Error);
  EXPECT_THROW(model->score({}, unknown, one), Error);
}

TEST_P(Models, explains_a_score_by_parts_that_add_up_to_it) {
  const auto model = fitted();
  const auto history = data.history(user_at(8));
  const std::vector<float> all = scores(*model, history);
  for (const ItemId item : {item_at(2), item_at(8), item_at(33)}) {
    const Explanation why = model->explain({.history = history}, item);
    EXPECT_NEAR(why.value, all[to_index(item)], 1e-4 * (1 + std::abs(why.value)));
    EXPECT_LT(gap(why), 1e-4 * (1 + std::abs(why.value)));
  }
}

TEST_P(Models, shares_of_the_history_change_the_score_as_they_say) {
  const auto model = fitted();
  const auto history = data.history(user_at(12));
  const std::vector<ItemId> items = {item_at(16), item_at(17)};
  const auto shares = model->contributions({.history = history}, items);
  if (!shares) return;  // not a sum over the history: nothing is promised
  ASSERT_EQ(shares->rows(), items.size());
  ASSERT_EQ(shares->cols(), history.size());
}

TEST_P(Models, answers_the_same_after_saving_and_loading) {
  const auto model = fitted();
  const fs::path file = fs::path(::testing::TempDir()) / ("contract_" + GetParam() + ".bin");
  {
    ByteWriter out(file);
    model->save(out);
    out.close();
  }
  ByteReader in(file);
  const auto again = engine::model_named(GetParam()).load(in);
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(scores(*model, data.history(user_at(4))), scores(*again, data.history(user_at(4))));
  fs::remove(file);
}

TEST_P(Models, refuses_a_file_that_was_cut_short) {
  const auto model = fitted();
  const fs::path file = fs::path(::testing::TempDir()) / ("cut_" + GetParam() + ".bin");
  {
    ByteWriter out(file);
    model->save(out);
    out.close();
  }
  const std::uintmax_t whole = fs::file_size(file);
  for (const double share : {0.0, 0.3, 0.9}) {
    fs::resize_file(file, static_cast<std::uintmax_t>(static_cast<double>(whole) * share));
    ByteReader in(file);
    EXPECT_THROW(engine::model_named(GetParam()).load(in), Error) << "cut to " << share;
  }
  fs::remove(file);
}

TEST_P(Models, is_the_same_for_the_same_seed) {
  EXPECT_EQ(scores(*fitted(3), data.history(user_at(1))), scores(*fitted(3), data.history(user_at(1))));
}

TEST_P(Models, names_an_unknown_setting) {
  Json params = Json::object();
  params["no_such_thing"] = 1;
  EXPECT_THROW(engine::model_named(GetParam()).fit(data, params, attune::Run{}), Error);
}

TEST_P(Models, documents_every_setting) {
  for (const Setting& setting : engine::model_named(GetParam()).settings()) {
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_FALSE(setting.standard.is_null()) << setting.name;
  }
}

TEST_P(Models, stops_when_asked) {
  const std::atomic<bool> stop{true};
  attune::Run run;
  run.stop = &stop;
  EXPECT_THROW(engine::model_named(GetParam()).fit(data, Json(), run), Error);
}

TEST_P(Models, finds_what_was_withheld_if_it_is_personal) {
  if (GetParam() == "popularity") return;  // the one model that is not
  const bool foretells_the_next = GetParam() == "sasrec" || GetParam() == "bsarec";   // and nothing else: what lies behind is no answer
  const auto model = fitted();
  std::size_t found = 0;
  for (std::size_t u = 0; u < world.withheld.size(); ++u) {
    std::vector<ItemId> seen;
    std::span<const Touch> history = data.history(user_at(u));
    for (const Touch& touch : history) seen.push_back(touch.item);
    if (foretells_the_next) history = history.first(2 + u % 3);   // up to the hole: what was withheld comes next
    for (const Scored& hit : model->recommend({.history = history, .exclude = seen, .k = 10}))
      found += hit.item == world.withheld[u] ? 1 : 0;
  }
  EXPECT_GT(found, world.withheld.size() / 3);  // chance: 10 of 53, that is 11 users of 60
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& plugin : engine::models()) names.push_back(plugin.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(EveryModel, Models, ::testing::ValuesIn(model_names()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace attune
