// Sets: figures of models, alone or fused, on published benchmarks whose histories have no order. Full ranking.
//   bench_sets PROTOCOL DATA --model NAME [--set k=v ...] [--save FILE] [--model ... | --load NAME=FILE ...] [--part validation|test|both]
//              [--refit yes|no] [--input train|known] [--fuse] [--objective K] [--depth 200] [--cases 10000] [--sample USERS] [--seed 42] [--memory GB]
// PROTOCOL: lightgcn, index or recbole (set_splits.h says what each reads, fits and asks); --refit and --input overrule it.
// --set belongs to the model named before it. Validation: fitted on and asked with train. Test: train and validation left out of lists.
// Several models: --fuse learns one weight each on validation, then asks test once; without it each model is judged by itself.
// --sample judges that many users, drawn by the seed (the line says how many); the intervals say what that costs.
// --save writes what was fitted on train to FILE, what was refitted to FILE.refit; --load reads them back.
#include <map>
#include <optional>

#include "attune/core/bytes.h"
#include "attune/core/random.h"
#include "attune/engine/registry.h"
#include "attune/eval/evaluate.h"
#include "bench/offline/bench.h"
#include "bench/offline/set_fusion.h"
#include "bench/offline/set_splits.h"

namespace attune::bench {
namespace {

using Model = std::shared_ptr<const model::Recommender>;

struct Part {
  std::string name;
  std::vector<std::string> sets;
  std::string load, save;
  Model on_train, refitted;
  double fit_seconds = 0, refit_seconds = 0;
};

std::vector<Part> parts_of(const Arguments& arguments) {
  std::vector<Part> parts;
  for (const auto& [key, value] : arguments.options) {
    if (key == "model") parts.push_back({.name = value});
    if (key == "load") {
      const std::size_t equals = value.find('=');
      if (equals == std::string::npos) throw Error(Code::bad_request, "--load wants MODEL=FILE, got '" + value + "'");
      parts.push_back({.name = value.substr(0, equals), .load = value.substr(equals + 1)});
    }
    if ((key == "set" || key == "save") && parts.empty()) throw Error(Code::bad_request, "--" + key + " comes after the --model it belongs to");
    if (key == "set") parts.back().sets.push_back(value);
    if (key == "save") parts.back().save = value;
  }
  if (parts.empty()) throw Error(Code::bad_request, "name a model: --model NAME or --load NAME=FILE");
  return parts;
}

// What was given; sets have no order, so models that weigh by place do not, unless told to.
Json settings_for(const Part& part) {
  Json settings = settings_of(part.sets);
  for (const Setting& known : engine::model_named(part.name).settings())
    for (const auto& [name, value] : {std::pair{"decay", "1"}, std::pair{"window", "0"}})
      if (known.name == name && settings.find(name) == nullptr) settings[name] = value;
  return settings;
}

Model loaded(const std::string& name, const std::string& file) {
  ByteReader in(file);
  return engine::model_named(name).load(in);
}

void save(const model::Recommender& model, const std::string& file) {
  ByteWriter out(file);
  model.save(out);
  out.close();
}

void fit_on_train(Part& part, const data::Dataset& train, const Run& run) {
  if (part.on_train) return;
  const Clock clock;
  part.on_train = part.load.empty() ? engine::model_named(part.name).fit(train, settings_for(part), run) : loaded(part.name, part.load);
  part.fit_seconds = clock.seconds();
  if (!part.save.empty()) save(*part.on_train, part.save);
}

// With the settings that fitting on train ended with (epochs of early stopping), when it was.
void refit(Part& part, const data::Dataset& both, const Run& run) {
  const Clock clock;
  if (part.load.empty())
    part.refitted = engine::model_named(part.name).fit(both, part.on_train ? part.on_train->settings() : settings_for(part), run);
  else
    part.refitted = loaded(part.name, part.load + ".refit");
  part.refit_seconds = clock.seconds();
  if (!part.save.empty()) save(*part.refitted, part.save + ".refit");
}

struct Job {
  SetSplits sets;
  Asking asking;
  int k = 10;
  Run run;
};

Json judged(const Job& job, const data::Split& split, const eval::ScoreFn& scores) {
  eval::EvalOptions options{.ks = {job.k}, .metrics = {"recall", "recall_capped", "mrr", "ndcg", "hr"}, .segments = false};
  const eval::Evaluation evaluation = eval::evaluate(split, {.scores = scores}, options, job.run);
  Json line = Json::object();
  line["users"] = evaluation.users;
  line["items"] = evaluation.items;
  for (const eval::Figure& figure : evaluation.figures) {
    line[figure.name] = rounded(figure.mean, 5);
    if (figure.name.starts_with("ndcg") || figure.name.starts_with("recall@")) {
      line[figure.name + " low"] = rounded(figure.low, 5);
      line[figure.name + " high"] = rounded(figure.high, 5);
    }
  }
  line["judge_seconds"] = rounded(evaluation.seconds, 1);
  return line;
}

void print(const Job& job, const char* part, const Json& models, const Json& figures) {
  const bool is_test = std::string(part) == "test";
  Json line = Json::object();
  line["set"] = job.sets.name;
  std::string names;
  for (const Json& one : models.as_array()) names += (names.empty() ? "" : "+") + one.at("model").as_string();
  line["model"] = names;
  line["part"] = part;
  line["fitted_on"] = is_test && job.asking.refit ? "training and validation" : "training";
  line["asked_with"] = is_test && job.asking.with_validation ? "training and validation" : "training";
  for (const auto& [key, value] : figures.as_object()) line[key] = value;
  line["seed"] = static_cast<long long>(job.run.seed);
  line["models"] = models;
  emit("sets", line);
}

Json record(const Part& part, bool is_refit) {
  Json json = Json::object();
  json["model"] = part.name;
  if (part.load.empty()) json["settings"] = settings_of(part.sets);
  else json["settings"] = (is_refit ? part.refitted : part.on_train)->settings();
  json["fit_seconds"] = rounded(is_refit ? part.refit_seconds : part.fit_seconds, 2);
  return json;
}

// Keeps `count` cases; 0 = all.
void draw(std::vector<data::Case>& cases, std::size_t count, std::uint64_t seed) {
  if (count == 0 || count >= cases.size()) return;
  Random random(seed);
  random.shuffle(std::span(cases));
  cases.resize(count);
}

Json alone(Json model) {
  Json list = Json::array();
  list.push_back(std::move(model));
  return list;
}

void go(const Arguments& arguments) {
  if (arguments.words.size() != 2) throw Error(Code::bad_request, "usage: bench_sets lightgcn|index|recbole DATA --model NAME ...; bench/offline/sets.cpp says the rest");
  Job job;
  job.run.seed = std::stoull(arguments.get("seed", "42"));
  job.run.memory_bytes = static_cast<std::size_t>(std::stod(arguments.get("memory", "4")) * 1e9);
  job.sets = read_sets(arguments.words[0], arguments.words[1], job.run.seed);
  job.k = std::stoi(arguments.get("k", std::to_string(job.sets.k)));
  job.asking.refit = arguments.get("refit", job.sets.refits ? "yes" : "no") == "yes";
  job.asking.with_validation = arguments.get("input", job.sets.asks_with_validation ? "known" : "train") == "known";
  const std::string what = arguments.get("part", "validation");
  const bool asks_validation = what != "test", asks_test = what != "validation", fuses = !arguments.all("fuse").empty();
  std::vector<Part> parts = parts_of(arguments);

  const data::Split validation = split_of(job.sets, {.part = data::Part::validation});
  data::Split test = asks_test ? split_of(job.sets, job.asking) : data::Split(), judged_validation = validation;
  for (data::Split* split : {&test, &judged_validation}) draw(split->cases, std::stoul(arguments.get("sample", "0")), job.run.seed);
  const bool needs_train_fit = asks_validation || fuses || !job.asking.refit;
  for (Part& part : parts) {
    if (needs_train_fit) fit_on_train(part, *validation.train, job.run);
    if (fuses) continue;
    if (asks_validation) print(job, "validation", alone(record(part, false)), judged(job, judged_validation, eval::answers_of(part.on_train).scores));
    if (asks_test && job.asking.refit) refit(part, *test.train, job.run);
    if (asks_test) print(job, "test", alone(record(part, job.asking.refit)), judged(job, test, eval::answers_of(job.asking.refit ? part.refitted : part.on_train).scores));
    part.on_train = part.refitted = nullptr;
  }
  if (!fuses) return;

  Models models;
  for (const Part& part : parts) models.push_back(part.on_train);
  const auto objective = std::stoi(arguments.get("objective", std::to_string(job.k)));
  const Fusion fusion = learn(models, validation, objective, std::stoul(arguments.get("depth", "200")), std::stoul(arguments.get("cases", "10000")), job.run);
  const auto describe = [&](bool is_refit) {
    Json list = Json::array();
    for (std::size_t p = 0; p < parts.size(); ++p) {
      Json one = record(parts[p], is_refit);
      one["weight"] = rounded(fusion.weights[p], 4);
      one["validation_ndcg"] = rounded(fusion.alone[p], 5);
      list.push_back(one);
    }
    return list;
  };
  if (asks_validation) print(job, "validation", describe(false), judged(job, judged_validation, fused(models, fusion.weights)));
  if (!asks_test) return;
  for (std::size_t p = 0; job.asking.refit && p < parts.size(); ++p) {
    if (fusion.weights[p] == 0) {
      parts[p].refitted = parts[p].on_train;   // not asked
      continue;
    }
    refit(parts[p], *test.train, job.run);
    models[p] = parts[p].refitted;
    parts[p].on_train = nullptr;
  }
  print(job, "test", describe(job.asking.refit), judged(job, test, fused(models, fusion.weights)));
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
