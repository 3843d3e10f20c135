// Writes what an independent evaluator needs to check ours: a run, its judgements, and our figures of the same lists.
//   bench_eval_export --data FOLDER --out FOLDER [--model NAME] [--settings JSON] [--split NAME] [--split-settings JSON]
//                     [--depth 100] [--users 0 = all]
// Makes run.txt, qrels.txt and ours.json {"as_lists": figures of the lists written, "as_scores": of the whole ranking}.
// bench/offline/eval_vs_peers.py calls it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "attune/core/bytes.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/trec.h"

namespace {

using namespace attune;

std::map<std::string, std::string> options_of(int argc, char** argv) {
  std::map<std::string, std::string> options = {{"--model", "slist"}, {"--settings", "{}"}, {"--split", "leave_one_out"},
                                                {"--split-settings", "{}"}, {"--depth", "100"}, {"--users", "0"}};
  for (int a = 1; a + 1 < argc; a += 2) options[argv[a]] = argv[a + 1];
  for (const char* needed : {"--data", "--out"})
    if (!options.contains(needed)) throw Error(Code::bad_request, std::string("expected ") + needed + " FOLDER");
  return options;
}

void draw_users(data::Split& split, std::size_t most, std::uint64_t seed) {
  if (most == 0 || split.cases.size() <= most) return;
  Random random(seed);
  random.shuffle(std::span(split.cases));
  split.cases.resize(most);
}

Json figures_of(const eval::Evaluation& evaluation) {
  Json json = Json::object();
  for (const eval::Figure& figure : evaluation.figures)
    if (figure.n > 0) json[figure.name] = figure.mean;
  return json;
}

void write_lists(const std::filesystem::path& path, const data::Split& split, const std::vector<std::vector<Scored>>& lists) {
  std::ofstream out(path);
  for (std::size_t c = 0; c < lists.size(); ++c)
    eval::write_run(out, split.train->catalogue().user(split.cases[c].user), lists[c], split.train->catalogue(), "attune");
}

}  // namespace

int main(int argc, char** argv) try {
  auto options = options_of(argc, argv);
  const Run run{.seed = 42};
  const data::Dataset data = data::read_sequences(options["--data"]);
  data::Split split = engine::split_named(options["--split"]).split(data, Json::parse(options["--split-settings"]), {}, run);
  draw_users(split, std::strtoul(options["--users"].c_str(), nullptr, 10), run.seed);
  const std::shared_ptr<const model::Recommender> model =
      engine::model_named(options["--model"]).fit(*split.train, Json::parse(options["--settings"]), run);

  std::vector<std::vector<Scored>> lists(split.cases.size());
  const int depth = std::atoi(options["--depth"].c_str());
  parallel_for(0, lists.size(), 16, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t c = first; c < last; ++c)
      lists[c] = model->recommend({.history = split.cases[c].input, .exclude = split.cases[c].seen, .k = depth});
  });
  const std::filesystem::path folder = options["--out"];
  std::filesystem::create_directories(folder);
  write_lists(folder / "run.txt", split, lists);
  std::ofstream qrels(folder / "qrels.txt");
  eval::write_qrels(qrels, split);
  qrels.close();

  const auto list_of = [&](const data::Case& asked) {
    std::vector<ItemId> list;
    for (const Scored& hit : lists[static_cast<std::size_t>(&asked - split.cases.data())]) list.push_back(hit.item);
    return list;
  };
  const eval::EvalOptions quick{.bootstrap = 0, .segments = false};
  Json ours = Json::object();
  ours["as_lists"] = figures_of(eval::evaluate(split, {.list = list_of}, quick, run));
  ours["as_scores"] = figures_of(eval::evaluate(split, eval::answers_of(model), quick, run));
  ours["users"] = split.cases.size();
  ours["items"] = split.train->item_count();
  ours["depth"] = depth;
  ours["model"] = options["--model"];
  ours["split"] = split.name;
  write_file(folder / "ours.json", ours.dump());
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "eval_export: %s\n", e.what());
  return 1;
}
