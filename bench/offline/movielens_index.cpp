// MovieLens-1M on the published 8:1:1 index of the infinite auto-encoder paper: EASE's NDCG@10 by that index's convention
// (all ratings positive; HR = hits / min(10, test items), ideal cut at min(10, test items)).
//   bench_movielens_index RATINGS.tsv.gz [--part test|validation] [--set lambda=800 ...] [--model ease] [--refit]
// --part validation: fitted on and asked with the training rows. --part test: fitted on the training rows and asked with training
// and validation rows, as published; --refit fits on both as well (a figure of its own: not what was published).
#include <cmath>
#include <cstdio>
#include <map>

#include "attune/core/parallel.h"
#include "attune/core/place.h"
#include "attune/data/text_file.h"
#include "attune/model/recommender.h"
#include "bench/offline/bench.h"

namespace attune::model {
#define MODEL(name, about, source) \
  std::unique_ptr<const Recommender> fit_##name(const data::Dataset& data, const Json& params, const Run& run);
#include "attune/plugins.def"
}  // namespace attune::model

namespace attune::bench {
namespace {

std::unique_ptr<const model::Recommender> fit(const std::string& wanted, const data::Dataset& data, const Json& settings, const Run& run) {
#define MODEL(name, about, source) \
  if (wanted == #name) return model::fit_##name(data, settings, run);
#include "attune/plugins.def"
  throw Error(Code::bad_request, "no model '" + wanted + "'");
}

struct Index {
  std::vector<std::vector<data::HistoryRow>> known;
  std::vector<data::Case> cases;
  std::shared_ptr<const data::Catalogue> catalogue;
};

// Rows: user_id, item_id, rating, split (0 train, 1 validation, 2 test), after a header.
Index read_index(const std::string& path, bool is_test, bool refit) {
  std::map<std::string, std::uint32_t, std::less<>> users, items;
  std::vector<data::CatalogueItem> names;
  std::vector<std::string> user_names;
  Index index;
  data::Lines lines(path);
  std::string_view line;
  lines.next(line);
  while (lines.next(line)) {
    std::string_view fields[4];
    for (std::string_view& field : fields) {
      field = line.substr(0, line.find('\t'));
      line.remove_prefix(std::min(field.size() + 1, line.size()));
    }
    const auto [user, new_user] = users.try_emplace(std::string(fields[0]), users.size());
    const auto [item, new_item] = items.try_emplace(std::string(fields[1]), items.size());
    if (new_user) {
      user_names.push_back(user->first);
      index.known.emplace_back();
      index.cases.push_back({.user = user_at(user->second)});
    }
    if (new_item) names.push_back({.name = item->first});
    const int part = fields[3].at(0) - '0', asked = is_test ? 2 : 1;
    data::Case& one = index.cases[user->second];
    if (part == asked) one.targets.push_back(item_at(item->second));
    if (part >= asked) continue;
    if (part == 0 || refit) index.known[user->second].push_back({.touch = {.item = item_at(item->second)}});
    one.input.push_back({.item = item_at(item->second)});
    one.seen.push_back(item_at(item->second));
  }
  index.catalogue = std::make_shared<const data::Catalogue>(std::move(names), std::move(user_names));
  return index;
}

void go(const Arguments& arguments) {
  const Run run;
  const std::string part = arguments.get("part", "test"), name = arguments.get("model", "ease");
  const bool refit = !arguments.all("refit").empty();
  Index index = read_index(arguments.words.at(0), part == "test", refit);
  const std::size_t items = index.catalogue->item_count();
  const data::Dataset train(index.catalogue, std::move(index.known));
  Json settings = settings_of(arguments.all("set"));
  if ((name == "ease" || name == "item_knn") && settings.find("decay") == nullptr) {  // rows of the index have no order
    settings["decay"] = "1";
    settings["window"] = "0";
  }
  const Clock clock;
  const auto model = fit(name, train, settings, run);
  const double fit_seconds = clock.seconds();
  std::vector<double> ndcg(index.cases.size(), -1), hits(index.cases.size(), -1);
  parallel_for(0, index.cases.size(), 64, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> scores(items);
    for (std::size_t c = first; c < last; ++c) {
      const data::Case& one = index.cases[c];
      if (one.targets.empty()) continue;
      model->score_all({.history = one.input}, scores);
      double gain = 0, ideal = 0, found = 0;
      for (const double rank : expected_places(places_of(scores, one.seen, one.targets)))
        if (rank <= 10) {
          gain += 1 / std::log2(rank + 1);
          ++found;
        }
      const std::size_t best = std::min<std::size_t>(10, one.targets.size());
      for (std::size_t n = 1; n <= best; ++n) ideal += 1 / std::log2(static_cast<double>(n) + 1);
      ndcg[c] = gain / ideal;
      hits[c] = found / static_cast<double>(best);
    }
  });
  double sum = 0, hit_sum = 0;
  long long users = 0;
  for (std::size_t c = 0; c < ndcg.size(); ++c)
    if (ndcg[c] >= 0) {
      sum += ndcg[c];
      hit_sum += hits[c];
      ++users;
    }
  Json line = Json::object();
  line["set"] = "movielens-1m-ratings";
  line["model"] = name;
  line["part"] = part;
  line["users"] = users;
  line["items"] = items;
  line["hr@10 / min"] = rounded(100 * hit_sum / static_cast<double>(users), 2);
  line["ndcg@10"] = rounded(100 * sum / static_cast<double>(users), 2);
  line["fitted_on"] = refit ? "training and validation" : "training";
  line["settings"] = settings;
  line["fit_seconds"] = rounded(fit_seconds, 2);
  emit("movielens_index", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) try {
  attune::bench::go(attune::bench::Arguments(argc, argv));
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_movielens_index: %s\n", e.what());
  return 1;
}
