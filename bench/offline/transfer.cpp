// Transfer between domains: models learn on one folder of sequences and rank the items of another, where nothing is trained;
// `attune evaluate --protocol transfer` without workspaces. One JSON line a row.
//   bench_transfer SOURCE TARGET --vectors minilm=SOURCE.npy,TARGET.npy ... [--model alpharec:layers=2;map=mlp ...] [--part test|validation]
//                  [--users 5000] [--seed 42]
// --users: at most so many of the target, drawn by the seed.

#include "attune/core/random.h"
#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/eval/transfer.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

void attach(data::Dataset& data, const std::string& name, const std::string& path) {
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = read_npy(path);
  if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, path + " has another number of rows than there are items");
  data.with_features(name, features);
}

void go(const Arguments& arguments) {
  const Run run{.seed = std::stoull(arguments.get("seed", "42")), .memory_bytes = std::size_t{6} << 30};
  data::Dataset source = data::read_sequences(arguments.words.at(0)), target = data::read_sequences(arguments.words.at(1));
  for (const std::string& pair : arguments.all("vectors")) {
    const std::size_t equals = pair.find('='), comma = pair.find(',');
    attach(source, pair.substr(0, equals), pair.substr(equals + 1, comma - equals - 1));
    attach(target, pair.substr(0, equals), pair.substr(comma + 1));
  }
  std::vector<eval::TransferContender> contenders;
  for (const std::string& spec : arguments.all("model")) {
    const std::size_t colon = spec.find(':');
    const Json settings = settings_of(colon == std::string::npos ? std::vector<std::string>() : split_at(spec.substr(colon + 1), ';'));
    contenders.push_back({.name = spec, .fit = [=](const data::Dataset& data, const Run& r) -> std::shared_ptr<const model::Recommender> {
                            return engine::model_named(spec.substr(0, colon)).fit(data, settings, r);
                          }});
  }
  const std::size_t most = std::stoull(arguments.get("users", "5000"));
  const eval::SplitFn split = [most](const data::Dataset& data, const data::SplitOptions& options, const Run& r) {
    data::Split whole = data::split_leave_one_out(data, Json(), options, r);
    if (whole.cases.size() <= most) return whole;
    Random random(r.seed);
    random.shuffle(std::span(whole.cases));
    whole.cases.resize(most);
    return whole;
  };
  eval::ProtocolOptions options;
  options.split.part = arguments.get("part", "test") == "test" ? data::Part::test : data::Part::validation;
  options.eval.ks = {10};
  options.eval.metrics = {"hr", "ndcg"};
  options.eval.segments = false;
  options.shuffled_control = false;
  const eval::Report report = eval::judge_transfer(source, target, split, contenders, options, run);
  for (const eval::Row& row : report.rows) {
    Json line = Json::object();
    line["source"] = std::filesystem::path(arguments.words.at(0)).filename().string();
    line["set"] = std::filesystem::path(arguments.words.at(1)).filename().string();
    line["model"] = row.model;
    line["part"] = arguments.get("part", "test");
    line["seed"] = run.seed;
    line["split"] = report.split;
    line["users"] = report.users;
    line["items"] = report.items;
    line["hr@10"] = rounded(row.evaluation.at("hr@10"), 5);
    line["ndcg@10"] = rounded(row.evaluation.at("ndcg@10"), 5);
    const eval::Figure* figure = row.evaluation.find("ndcg@10");
    line["low"] = rounded(figure->low, 5);
    line["high"] = rounded(figure->high, 5);
    line["fit_seconds"] = rounded(row.fit_seconds, 1);
    emit("transfer", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
