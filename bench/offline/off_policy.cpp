// Off-policy evaluation on logs whose answer is known: relative error |estimate - truth| / truth of every estimator.
//   bench_off_policy open-bandit FOLDER     the value of the Bernoulli-TS policy from the log of the random one, and the reverse, for
//                                           men and women; truth = the mean click of the policy's own log (with its own interval)
//   bench_off_policy rounds FILE.csv --truth V [--clip 10] [--switch-at 10] [--shrinkage 100]
//                                           columns reward,logged,target,expected,value: digits_bandit.py writes one
// Open Bandit: the random policy's chances are 1 / items; Bernoulli-TS knows no context, so its chance of an item at a position is the
// share of its own log's choices there (clicks are not read). Reward model: logistic regression on item, position and user features,
// each round foretold by a model that learned from the other two thirds.
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "attune/data/text_file.h"
#include "attune/eval/bootstrap.h"
#include "attune/eval/off_policy.h"
#include "attune/train/logistic.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kFolds = 3;

struct Shown {
  std::size_t item = 0, position = 0;
  double click = 0, propensity = 0;
  std::vector<std::string> user;   // four categories
};
using Log = std::vector<Shown>;

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  for (std::size_t at = 0;;) {
    const std::size_t end = line.find(',', at);
    fields.emplace_back(line.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return fields;
    at = end + 1;
  }
}

std::map<std::string, std::size_t> columns_of(std::string_view header) {
  std::map<std::string, std::size_t> columns;
  for (const std::string& name : fields_of(header)) columns.emplace(name, columns.size());
  return columns;
}

Log read_log(const fs::path& path) {
  data::Lines lines(path);
  std::string_view line;
  lines.next(line);
  const auto columns = columns_of(line);
  Log log;
  while (lines.next(line)) {
    const auto f = fields_of(line);
    Shown one{.item = std::stoul(f[columns.at("item_id")]), .position = std::stoul(f[columns.at("position")]) - 1,
              .click = std::stod(f[columns.at("click")]), .propensity = std::stod(f[columns.at("propensity_score")])};
    for (int k = 0; k < 4; ++k) one.user.push_back(f[columns.at("user_feature_" + std::to_string(k))]);
    log.push_back(std::move(one));
  }
  return log;
}

// Chances [position][item] of a policy that knows no context.
using Policy = std::vector<std::vector<double>>;

Policy uniform(std::size_t items) { return Policy(3, std::vector<double>(items, 1 / static_cast<double>(items))); }

Policy shares_of(const Log& log, std::size_t items) {
  Policy policy(3, std::vector<double>(items));
  std::vector<double> totals(3);
  for (const Shown& one : log) {
    policy[one.position][one.item] += 1;
    totals[one.position] += 1;
  }
  for (std::size_t p = 0; p < 3; ++p)
    for (double& share : policy[p]) share /= totals[p];
  return policy;
}

// One column a category: items, positions, then the users' features.
class Features {
 public:
  Features(const Log& log, std::size_t items) : items_(items) {
    for (const Shown& one : log)
      for (std::size_t k = 0; k < one.user.size(); ++k) users_.try_emplace(std::to_string(k) + one.user[k], items + 3 + users_.size());
  }
  std::size_t size() const { return items_ + 3 + users_.size(); }
  std::vector<std::uint32_t> of(const Shown& one, std::size_t item) const {
    std::vector<std::uint32_t> columns = {static_cast<std::uint32_t>(item), static_cast<std::uint32_t>(items_ + one.position)};
    for (std::size_t k = 0; k < one.user.size(); ++k) columns.push_back(static_cast<std::uint32_t>(users_.at(std::to_string(k) + one.user[k])));
    return columns;
  }

 private:
  std::size_t items_;
  std::map<std::string, std::size_t> users_;
};

eval::LoggedRounds rounds_of(const Log& log, const Policy& policy, std::size_t items, const Run& run) {
  const Features features(log, items);
  std::vector<train::Logistic> models;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    Sparse rows{.cols = features.size()};
    std::vector<float> clicks;
    for (std::size_t r = 0; r < log.size(); ++r) {
      if (r % kFolds == fold) continue;
      const auto columns = features.of(log[r], log[r].item);
      rows.indices.insert(rows.indices.end(), columns.begin(), columns.end());
      rows.values.insert(rows.values.end(), columns.size(), 1.0f);
      rows.offsets.push_back(rows.indices.size());
      clicks.push_back(static_cast<float>(log[r].click));
    }
    rows.rows = clicks.size();
    models.push_back(train::Logistic::fit(rows, clicks, 1, run));
  }
  eval::LoggedRounds rounds;
  const std::vector<float> ones(6, 1.0f);
  for (std::size_t r = 0; r < log.size(); ++r) {
    const Shown& one = log[r];
    const train::Logistic& model = models[r % kFolds];
    rounds.reward.push_back(one.click);
    rounds.logged.push_back(one.propensity);
    rounds.target.push_back(policy[one.position][one.item]);
    rounds.expected.push_back(model.chance(features.of(one, one.item), ones));
    double value = 0;
    for (std::size_t a = 0; a < items; ++a)
      if (policy[one.position][a] > 0) value += policy[one.position][a] * model.chance(features.of(one, a), ones);
    rounds.value.push_back(value);
  }
  return rounds;
}

double mean_click(const Log& log) {
  double sum = 0;
  for (const Shown& one : log) sum += one.click;
  return sum / static_cast<double>(log.size());
}

Json figures(const eval::OffPolicyReport& report, double truth) {
  Json json = report.to_json();
  for (const eval::OffPolicyEstimate& one : report.estimates) json["estimates"][one.name]["relative_error"] = rounded(std::abs(one.value - truth) / truth, 4);
  return json;
}

void open_bandit(const fs::path& folder) {
  const Run run;
  for (const std::string campaign : {"men", "women"}) {
    const Log random = read_log(folder / "random" / campaign / (campaign + ".csv.gz")), bts = read_log(folder / "bts" / campaign / (campaign + ".csv.gz"));
    std::size_t items = 0;
    for (const Log* log : {&random, &bts})
      for (const Shown& one : *log) items = std::max(items, one.item + 1);
    const auto judge = [&](const char* direction, const Log& from, const Log& own, const Policy& policy) {
      std::vector<double> clicks;
      for (const Shown& one : own) clicks.push_back(one.click);
      const double truth = mean_click(own);
      const eval::Interval interval = eval::intervals(eval::bootstrap_means(clicks, 1, 1000, run), 1, 0.95).at(0);
      Json line = Json::object();
      line["set"] = "open-bandit " + campaign;
      line["direction"] = direction;
      line["truth"] = truth;
      line["truth low"] = interval.low;
      line["truth high"] = interval.high;
      line["log's own mean"] = mean_click(from);
      line["naive relative_error"] = rounded(std::abs(mean_click(from) - truth) / truth, 4);
      const Json report = figures(eval::evaluate_off_policy(rounds_of(from, policy, items, run), {}, run), truth);
      for (const auto& [key, value] : report.as_object()) line[key] = value;
      emit("off_policy", line);
    };
    judge("bts from the random log", random, bts, shares_of(bts, items));
    judge("random from the bts log", bts, random, uniform(items));
  }
}

void of_rounds(const Arguments& arguments) {
  data::Lines lines(arguments.words.at(1));
  std::string_view line;
  lines.next(line);
  const auto columns = columns_of(line);
  eval::LoggedRounds rounds;
  while (lines.next(line)) {
    const auto f = fields_of(line);
    const auto number = [&](const char* name) { return std::stod(f[columns.at(name)]); };
    rounds.reward.push_back(number("reward"));
    rounds.logged.push_back(number("logged"));
    rounds.target.push_back(number("target"));
    rounds.expected.push_back(number("expected"));
    rounds.value.push_back(number("value"));
  }
  const eval::OffPolicyOptions options{.clip = std::stod(arguments.get("clip", "10")), .switch_at = std::stod(arguments.get("switch-at", "10")),
                                       .shrinkage = std::stod(arguments.get("shrinkage", "100"))};
  const double truth = std::stod(arguments.get("truth"));
  Json out = Json::object();
  out["set"] = fs::path(arguments.words.at(1)).stem().string();
  out["truth"] = truth;
  const Json report = figures(eval::evaluate_off_policy(rounds, options, Run()), truth);
  for (const auto& [key, value] : report.as_object()) out[key] = value;
  emit("off_policy", out);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) try {
  const attune::bench::Arguments arguments(argc, argv);
  if (arguments.words.at(0) == "rounds") attune::bench::of_rounds(arguments);
  else attune::bench::open_bandit(arguments.words.at(1));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_off_policy: %s\n", e.what());
  return 1;
}
