// Cold users: people left out of training, asked about with the text of one of their items or with that item; `attune evaluate
// --protocol cold-users` on a folder of sequences with vectors made beforehand.
//   bench_cold_users DATA --vectors minilm=FILE.npy ... [--set lambda=100 ...] [--users 800] [--seed 42] [--part test|validation] [--own-item]
#include <unordered_map>

#include "attune/core/kernels.h"
#include "attune/data/sequences.h"
#include "attune/eval/cold_users.h"
#include "bench/offline/bench.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_slist(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_ease(const data::Dataset& data, const Json& params, const Run& run);
}  // namespace attune::model

namespace attune::bench {
namespace {

void go(const Arguments& arguments) {
  const Run run{.seed = std::stoull(arguments.get("seed", "42")), .memory_bytes = std::size_t{10} << 30};
  data::Dataset data = data::read_sequences(arguments.words.at(0));
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  std::vector<std::shared_ptr<data::ItemFeatures>> dense;
  for (const std::string& pair : arguments.all("vectors")) {
    dense.push_back(std::make_shared<data::ItemFeatures>());
    dense.back()->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (dense.back()->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), dense.back());
  }
  if (dense.empty()) throw Error(Code::bad_request, "expected --vectors NAME=FILE.npy");
  std::unordered_map<std::string, std::size_t> item_of;   // a profile is an item's text: its vector is there
  for (std::size_t i = data.item_count(); i-- > 0;) item_of[data.catalogue().item(item_at(i)).text] = i;
  const eval::TextLikeness likeness = [&](const std::string& text, std::span<float> out) {
    const std::size_t row = item_of.at(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = 0;
      for (const auto& features : dense) out[i] += dot(features->dense.row(row), features->dense.row(i)) / static_cast<float>(dense.size());
    }
  };
  const Json settings = settings_of(arguments.all("set"));
  const std::vector<eval::ModelContender> contenders = {
      {.name = "slist", .fit = [=](const data::Dataset& train, const Run& r) { return model::fit_slist(train, settings, r); }},
      {.name = "ease", .fit = [](const data::Dataset& train, const Run& r) { return model::fit_ease(train, Json::object(), r); }}};
  eval::ColdUsersOptions options{.users = std::stoul(arguments.get("users", "800")),
                                 .part = arguments.get("part", "test") == "test" ? data::Part::test : data::Part::validation,
                                 .own_item = !arguments.all("own-item").empty()};
  options.eval.ks = {10};
  options.eval.metrics = {"hr", "ndcg"};
  options.eval.segments = false;
  const eval::ColdUsersReport report = eval::judge_cold_users(data, likeness, contenders, options, run);
  for (const eval::ColdUsersRow& row : report.rows) {
    Json line = Json::object();
    line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
    line["model"] = row.model;
    line["from"] = row.from;
    line["own_item"] = report.own_item;
    line["part"] = arguments.get("part", "test");
    line["seed"] = run.seed;
    line["settings"] = settings;
    line["users"] = report.users;
    line["temperature"] = row.temperature;
    line["popularity"] = row.popularity;
    line["likeness"] = row.likeness;
    line["ndcg@10"] = rounded(row.evaluation.at("ndcg@10"), 5);
    line["hr@10"] = rounded(row.evaluation.at("hr@10"), 5);
    const eval::Figure* figure = row.evaluation.find("ndcg@10");
    line["low"] = rounded(figure->low, 5);
    line["high"] = rounded(figure->high, 5);
    emit("cold_users", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
