// The transfer protocol on two shops that sell different things to the same kind of people: what counts of a text is the same in both.
#include "attune/eval/transfer.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "tests/support/test.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_alpharec(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_slist(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_text_similarity(const data::Dataset& data, const Json& params, const Run& run);
}  // namespace attune::model

namespace attune::eval {
namespace {

constexpr std::size_t kTastes = 4, kSounds = 12, kItems = 80, kUsers = 160;
const Run kRun{.seed = 3, .threads = 1};

// Users take items of one taste. A text's vector names the taste softly and, louder, one of many sounds that nobody cares for.
data::Dataset shop(std::uint64_t seed, const std::string& name) {
  Random random(seed);
  std::vector<data::CatalogueItem> items;
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = Matrix(kItems, kTastes + kSounds);
  for (std::size_t i = 0; i < kItems; ++i) {
    items.push_back({.name = name + std::to_string(i), .text = name + " thing " + std::to_string(i)});
    features->dense(i, i % kTastes) = 1;
    features->dense(i, kTastes + random.below(kSounds)) = 3;
    for (float& x : features->dense.row(i)) x += 0.05f * static_cast<float>(random.normal());
  }
  std::vector<std::string> users;
  std::vector<std::vector<data::HistoryRow>> rows;
  for (std::size_t u = 0; u < kUsers; ++u) {
    users.push_back(name + " user " + std::to_string(u));
    rows.emplace_back();
    std::vector<std::size_t> places(kItems / kTastes);
    for (std::size_t k = 0; k < places.size(); ++k) places[k] = k;
    random.shuffle(std::span(places));
    for (std::size_t k = 0; k < 6; ++k) rows.back().push_back({.touch = {item_at(places[k] * kTastes + u % kTastes), 1, static_cast<std::int64_t>(1000 * (k + 1))}});
  }
  data::Dataset data(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  data.with_features("vectors", features);
  return data;
}

data::Split last_event(const data::Dataset& data, const data::SplitOptions& options, const attune::Run& run) {
  return data::split_leave_one_out(data, Json(), options, run);
}

TransferContender alpharec() {
  return {.name = "alpharec", .fit = [](const data::Dataset& source, const attune::Run& run) -> std::shared_ptr<const model::Recommender> {
            Json settings = Json::object();
            settings["map"] = "linear";
            settings["factors"] = 8;
            settings["layers"] = 1;
            settings["lr"] = 0.02;
            settings["epochs"] = 30;
            return model::fit_alpharec(source, settings, run);
          }};
}

TransferContender text_similarity() {
  return {.name = "text_similarity", .fit = [](const data::Dataset& source, const attune::Run& run) -> std::shared_ptr<const model::Recommender> {
            Json settings = Json::object();
            settings["whiten_eps"] = 1000;   // as the encoder speaks: loud sounds and all
            return model::fit_text_similarity(source, settings, run);
          }};
}

ProtocolOptions options() {
  ProtocolOptions options;
  options.eval.ks = {10};
  options.eval.bootstrap = 0;
  options.eval.segments = false;
  return options;
}

double figure(const Report& report, const std::string& model) {
  for (const Row& row : report.rows)
    if (row.model == model) return row.evaluation.at("ndcg@10");
  ADD_FAILURE() << "no row '" << model << "'";
  return 0;
}

}  // namespace

TEST("a map learned in one shop ranks another shop's things above chance and above their plain texts") {
  const Report report = judge_transfer(shop(1, "a"), shop(2, "b"), last_event, {alpharec(), text_similarity()}, options(), kRun);
  EXPECT_GT(figure(report, "alpharec"), 1.5 * figure(report, "text_similarity"));
  EXPECT_GT(figure(report, "alpharec"), 2 * figure(report, "chance"));
  EXPECT_EQ(report.rows[0].model, "chance");
  EXPECT_EQ(report.rows[1].model, "popularity, learned there");
  EXPECT_NE(report.split.find("0.0 % of the texts"), std::string::npos);
  // Others' events there, passed along, are a row of their own; a model that reads none has no such row.
  EXPECT_GT(figure(report, "alpharec + events there"), 0);
  EXPECT_TRUE(std::ranges::none_of(report.rows, [](const Row& row) { return row.model == "text_similarity + events there"; }));
}

TEST("what others take in the target changes nothing for a model that is only asked there") {
  const data::Dataset source = shop(1, "a"), whole = shop(2, "b");
  std::vector<std::vector<data::HistoryRow>> rows(kUsers);   // three of four people gone
  for (std::size_t u = 0; u < kUsers; u += 4)
    for (const Touch& touch : whole.history(user_at(u))) rows[u].push_back({.touch = touch});
  data::Dataset few(whole.shared_catalogue(), std::move(rows));
  few.with_features("vectors", whole.all_features().find("vectors")->second);
  const SplitFn same_people = [](const data::Dataset& data, const data::SplitOptions& o, const attune::Run& run) {
    data::Split split = last_event(data, o, run);
    std::erase_if(split.cases, [](const data::Case& one) { return to_index(one.user) % 4 != 0; });
    return split;
  };
  const Report among_few = judge_transfer(source, few, last_event, {alpharec()}, options(), kRun);
  const Report among_all = judge_transfer(source, whole, same_people, {alpharec()}, options(), kRun);
  EXPECT_DOUBLE_EQ(figure(among_few, "alpharec"), figure(among_all, "alpharec"));
  EXPECT_NE(figure(among_few, "alpharec + events there"), figure(among_all, "alpharec + events there"));
}

TEST("what cannot be transferred is refused with what can be done") {
  const auto message = [](const data::Dataset& source, const TransferContender& one) -> std::string {
    try {
      judge_transfer(source, shop(2, "b"), last_event, {one}, options(), kRun);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::bad_request);
      return e.what();
    }
    return "no error";
  };
  const TransferContender slist{.name = "slist", .fit = [](const data::Dataset& source, const attune::Run& run) -> std::shared_ptr<const model::Recommender> {
                                  return model::fit_slist(source, Json::object(), run);
                                }};
  EXPECT_NE(message(shop(1, "a"), slist).find("slist learned belongs to its own items"), std::string::npos);
  data::Dataset unread(shop(1, "a").shared_catalogue(), data::Histories{});
  EXPECT_NE(message(unread, alpharec()).find("no sentence encoder has read both sides"), std::string::npos);
}

}  // namespace attune::eval
