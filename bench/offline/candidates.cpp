// Fixed candidates (LLMRank): the last item of each user among random others, ranked by fitted and by zero-shot models.
//   bench_candidates DATA CANDIDATES.tsv.gz [--vectors e5=FILE.npy ...] [--model NAME[:k=v,k=v] ...] [--budget 20] [--part test] [--refit]
// Without --part test the validation event is what is asked for. Zero-shot: text_similarity, which learns nothing from events.
// --sum "a=1,b=0.5": a row of z-scores of those models over the candidates' catalogue, added.
#include <cmath>
#include <map>

#include "attune/data/sequences.h"
#include "attune/engine/registry.h"
#include "attune/eval/candidates.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

void add_z(std::span<const float> from, float weight, std::span<float> to) {
  double sum = 0, squares = 0;
  for (const float x : from) sum += x;
  const double mean = sum / static_cast<double>(from.size());
  for (const float x : from) squares += (x - mean) * (x - mean);
  const double sd = std::sqrt(squares / static_cast<double>(from.size()));
  for (std::size_t i = 0; i < to.size() && sd > 0; ++i) to[i] += static_cast<float>(weight * (from[i] - mean) / sd);
}

void go(const Arguments& arguments) {
  const Run run{.memory_bytes = std::size_t{10} << 30};
  data::Dataset data = data::read_sequences(arguments.words.at(0));
  const eval::CandidateLists lists = eval::read_candidates(arguments.words.at(1), data.catalogue());
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  for (const std::string& pair : arguments.all("vectors")) {
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), features);
  }
  // One fit a model and training part, whichever rows use it.
  std::map<std::pair<std::string, const data::Dataset*>, std::shared_ptr<const model::Recommender>> fits;
  const auto fitted = [&](const std::string& spec, const data::Dataset& train, const Run& r) {
    auto& one = fits[{spec, &train}];
    const std::size_t colon = spec.find(':');
    if (one == nullptr) one = engine::model_named(spec.substr(0, colon)).fit(train, settings_of(colon == std::string::npos ? std::vector<std::string>() : split_at(spec.substr(colon + 1), ';')), r);
    return one;
  };
  std::vector<eval::Contender> contenders;
  for (const std::string& spec : arguments.all("model"))
    contenders.push_back({.name = spec, .fit = [&fitted, spec](const data::Dataset& train, const Run& r) { return eval::answers_of(fitted(spec, train, r)); }});
  for (const std::string& sum : arguments.all("sum"))
    contenders.push_back({.name = "sum " + sum, .fit = [&fitted, sum](const data::Dataset& train, const Run& r) {
      std::vector<std::pair<float, std::shared_ptr<const model::Recommender>>> parts;
      for (const std::string& part : split_at(sum, '+')) parts.emplace_back(std::stof(part.substr(0, part.find('*'))), fitted(part.substr(part.find('*') + 1), train, r));
      return eval::Answerer{.scores = [parts](const data::Case& asked, std::span<float> out) {
        std::vector<float> own(out.size());
        std::fill(out.begin(), out.end(), 0.0f);
        for (const auto& [weight, model] : parts) {
          model->score_all({.history = asked.input}, own);
          add_z(own, weight, out);
        }
      }};
    }});
  eval::ProtocolOptions options;
  options.split.part = arguments.get("part", "test") == "test" ? data::Part::test : data::Part::validation;
  options.split.refit_with_validation = !arguments.all("refit").empty();
  options.eval.ks = {1, 5, 10, 20};
  options.eval.metrics = {"ndcg"};
  options.eval.segments = false;
  options.compare_on = "";
  const auto split = [](const data::Dataset& d, const data::SplitOptions& o, const Run& r) { return data::split_leave_one_out(d, Json(), o, r); };
  const auto budget = std::stoul(arguments.get("budget", "20"));
  const eval::Report report = eval::judge_candidates(data, split, lists, budget, contenders, options, run);
  for (const eval::Row& row : report.rows) {
    Json line = Json::object();
    line["set"] = std::filesystem::path(arguments.words.at(1)).parent_path().filename().string();
    line["model"] = row.model;
    line["part"] = arguments.get("part", "test");
    line["refit"] = options.split.refit_with_validation;
    line["users"] = report.users;
    line["candidates"] = budget;
    for (const char* name : {"ndcg@1", "ndcg@5", "ndcg@10", "ndcg@20"}) line[name] = rounded(100 * row.evaluation.at(name), 2);
    const eval::Figure* figure = row.evaluation.find("ndcg@10");
    line["low"] = rounded(100 * figure->low, 2);
    line["high"] = rounded(100 * figure->high, 2);
    emit("candidates", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
