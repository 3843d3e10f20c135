// Rating prediction on MovieLens: RMSE and MAE of tuned_cosine beside the global mean, the item mean and user + item bias, and how
// well the same model ranks what people rated 4 or more (full ranking, training items left out).
//   bench_movielens_ratings DATA [--part test|validation] [--vectors FILE.npy] [--loss rating] [--set lr=.01 ...] [--texts OUT.txt]
// DATA: the folder of MovieLens 100K (u.data, u.item; published 80/20 split u1) or of the 1M ratings (ratings.tsv.gz with its
// published 8:1:1 index; --movies FOLDER with movies.dat and, for --paragraphs, item_text_llm_generated.json.gz).
// --texts writes a text an item (title, genres), in the order of --vectors: bench_embed makes one from the other.
// --part validation: 100K: every tenth rating of u1.base; 1M: part 1 of the index. Test models learn from training rows alone,
// and are asked with training and validation rows (100K: all of u1.base are training rows).
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

#include "attune/core/parallel.h"
#include "attune/core/place.h"
#include "attune/data/encoding.h"
#include "attune/data/text_file.h"
#include "attune/model/rating.h"
#include "attune/model/recommender.h"
#include "bench/offline/bench.h"

namespace attune::model {
#define MODEL(name, about, source) \
  std::unique_ptr<const Recommender> fit_##name(const data::Dataset& data, const Json& params, const Run& run);
#include "attune/plugins.def"
}  // namespace attune::model

namespace attune::bench {
namespace {

namespace fs = std::filesystem;

struct Rating {
  std::uint32_t user, item;
  float stars;
};

// Ratings in three parts (training, validation, test), movies by ascending id.
struct World {
  std::map<long, std::string> texts;        // by movie id
  std::map<long, std::uint32_t> rows;
  std::vector<Rating> parts[3];
  std::size_t users = 0;
};

std::vector<std::string> parted(std::string_view line, std::string_view by) {
  std::vector<std::string> fields;
  for (std::size_t at = 0;;) {
    const std::size_t end = line.find(by, at);
    fields.emplace_back(line.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return fields;
    at = end + by.size();
  }
}

void number_items(World& world) {
  for (const auto& [id, text] : world.texts) world.rows.emplace(id, static_cast<std::uint32_t>(world.rows.size()));
}

void add(World& world, int part, long user, long movie, float stars) {
  world.users = std::max(world.users, static_cast<std::size_t>(user));
  world.parts[part].push_back({static_cast<std::uint32_t>(user - 1), world.rows.at(movie), stars});
}

World read_100k(const fs::path& folder, bool is_test) {
  static const char* const kGenres[] = {"unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
                                        "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"};
  World world;
  std::string_view line;
  for (data::Lines lines(folder / "u.item"); lines.next(line);) {
    const auto f = parted(data::latin1_to_utf8(line), "|");
    std::string text = f.at(1), genres;
    for (std::size_t g = 0; g < 19; ++g)
      if (f.at(5 + g) == "1") genres += (genres.empty() ? " - " : ", ") + std::string(kGenres[g]);
    world.texts[std::stol(f[0])] = text + genres;
  }
  number_items(world);
  std::size_t number = 0;
  for (data::Lines lines(folder / "u1.base.gz"); lines.next(line); ++number) {
    const auto f = parted(line, "\t");
    add(world, !is_test && number % 10 == 9 ? 1 : 0, std::stol(f[0]), std::stol(f[1]), std::stof(f[2]));
  }
  for (data::Lines lines(folder / "u1.test"); lines.next(line);) {
    const auto f = parted(line, "\t");
    add(world, 2, std::stol(f[0]), std::stol(f[1]), std::stof(f[2]));
  }
  return world;
}

World read_1m(const fs::path& folder, const fs::path& movies, bool paragraphs) {
  World world;
  std::string_view line;
  for (data::Lines lines(movies / "movies.dat"); lines.next(line);) {
    const auto f = parted(data::latin1_to_utf8(line), "::");
    std::string genres = f.at(2);
    std::replace(genres.begin(), genres.end(), '|', ',');
    world.texts[std::stol(f[0])] = f.at(1) + " - " + genres;
  }
  if (paragraphs) {
    std::string all;
    for (data::Lines lines(movies / "item_text_llm_generated.json.gz"); lines.next(line);) all += std::string(line) + "\n";
    const Json paragraphs_by_id = Json::parse(all, "paragraphs");
    for (const auto& [id, text] : paragraphs_by_id.as_object())
      if (const auto found = world.texts.find(std::stol(id)); found != world.texts.end()) found->second += ". " + text.as_string();
  }
  number_items(world);
  data::Lines lines(folder / "ratings.tsv.gz");
  lines.next(line);
  while (lines.next(line)) {
    const auto f = parted(line, "\t");
    add(world, std::stoi(f[3]), std::stol(f[0]), std::stol(f[1]), std::stof(f[2]));
  }
  return world;
}

// What is known of each user: the touches of some parts.
std::vector<std::vector<Touch>> touches_of(const World& world, std::initializer_list<int> parts) {
  std::vector<std::vector<Touch>> rows(world.users);
  for (const int part : parts)
    for (const Rating& r : world.parts[part]) rows[r.user].push_back({.item = item_at(r.item), .weight = r.stars});
  return rows;
}

data::Dataset dataset_of(const World& world, const std::string& vectors) {
  std::vector<data::CatalogueItem> items;
  for (const auto& [id, text] : world.texts) items.push_back({.name = std::to_string(id), .text = text});
  std::vector<std::string> users;
  for (std::size_t u = 0; u < world.users; ++u) users.push_back(std::to_string(u + 1));
  std::vector<std::vector<data::HistoryRow>> rows(world.users);
  const auto touches = touches_of(world, {0});
  for (std::size_t u = 0; u < world.users; ++u)
    for (const Touch& touch : touches[u]) rows[u].push_back({.touch = touch});
  data::Dataset data(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  if (vectors.empty()) {
    data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
    return data;
  }
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = read_npy(vectors);
  if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, vectors + " has another number of rows than there are movies");
  data.with_features("vectors", features);
  return data;
}

struct Errors {
  double squares = 0, absolute = 0, n = 0;
  void add(double guess, double truth) {
    const double gap = std::clamp(guess, 1.0, 5.0) - truth;   // all are cut to the scale alike
    squares += gap * gap;
    absolute += std::abs(gap);
    ++n;
  }
  void put(Json& line, const std::string& name) const {
    line[name + " rmse"] = rounded(std::sqrt(squares / n), 4);
    line[name + " mae"] = rounded(absolute / n, 4);
  }
};

// Full ranking of what was rated 4 or more.
void put_ranking(Json& line, const World& world, const model::Recommender& model, int part, const std::vector<std::vector<Touch>>& known, const Run& run) {
  std::vector<data::Case> cases(world.users);
  for (const Rating& r : world.parts[part])
    if (r.stars >= 4) cases[r.user].targets.push_back(item_at(r.item));
  std::vector<double> ndcg(world.users, -1), recall(world.users, -1);
  parallel_for(0, world.users, 16, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> scores(model.item_count());
    for (std::size_t u = first; u < last; ++u) {
      if (cases[u].targets.empty()) continue;
      std::vector<ItemId> seen;
      for (const Touch& touch : known[u]) seen.push_back(touch.item);
      std::sort(seen.begin(), seen.end());
      model.score_all({.history = known[u]}, scores);
      double gain = 0, ideal = 0, found = 0;
      for (const double place : expected_places(places_of(scores, seen, cases[u].targets)))
        if (place <= 10) gain += 1 / std::log2(place + 1), ++found;
      const std::size_t best = std::min<std::size_t>(10, cases[u].targets.size());
      for (std::size_t n = 1; n <= best; ++n) ideal += 1 / std::log2(static_cast<double>(n) + 1);
      ndcg[u] = gain / ideal;
      recall[u] = found / static_cast<double>(cases[u].targets.size());
    }
  });
  const auto mean = [](std::vector<double> values) {
    std::erase(values, -1.0);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(std::max<std::size_t>(values.size(), 1));
  };
  line["ndcg@10"] = rounded(mean(ndcg), 4);
  line["recall@10"] = rounded(mean(recall), 4);
}

void go(const Arguments& arguments) {
  const Run run;
  const fs::path folder = arguments.words.at(0);
  const bool is_test = arguments.get("part", "test") == "test", is_1m = fs::exists(folder / "ratings.tsv.gz");
  const World world = is_1m ? read_1m(folder, arguments.get("movies", (folder.parent_path() / "movielens-1m").string()), !arguments.all("paragraphs").empty())
                            : read_100k(folder, is_test);
  if (const std::string path = arguments.get("texts"); !path.empty()) {
    std::ofstream out(path);
    for (auto [id, text] : world.texts) {
      std::replace(text.begin(), text.end(), '\n', ' ');
      out << text << "\n";
    }
    return;
  }
  const int part = is_test ? 2 : 1;
  const data::Dataset train = dataset_of(world, arguments.get("vectors"));
  const auto known = is_test ? touches_of(world, {0, 1}) : touches_of(world, {0});
  Json settings = settings_of(arguments.all("set"));
  settings["loss"] = arguments.get("loss", "rating");
  const Clock clock;
  const auto model = model::fit_tuned_cosine(train, settings, run);
  const double seconds = clock.seconds();
  const model::RatingBias pulled(train, 3, 5), plain(train, 1e-3f, 5);
  Errors mean, item_mean, bias, own;
  for (const Rating& r : world.parts[part]) {
    const ItemId item = item_at(r.item);
    const double truth = static_cast<double>(r.stars);
    float guess = 0;
    model::rater_of(*model)->predict_ratings({.history = known[r.user]}, {&item, 1}, {&guess, 1});
    own.add(static_cast<double>(guess), truth);
    mean.add(pulled.mean(), truth);
    item_mean.add(plain.item(r.item), truth);
    bias.add(pulled.item(r.item) + pulled.user(known[r.user]), truth);
  }
  Json line = Json::object();
  line["set"] = folder.filename().string();
  line["part"] = arguments.get("part", "test");
  line["vectors"] = arguments.get("vectors").empty() ? "tfidf" : fs::path(arguments.get("vectors")).stem().string();
  line["ratings"] = static_cast<long long>(own.n);
  mean.put(line, "mean");
  item_mean.put(line, "item mean");
  bias.put(line, "user+item");
  own.put(line, "tuned_cosine");
  put_ranking(line, world, *model, part, known, run);
  line["settings"] = settings;
  line["epochs"] = *model->settings().find("epochs");
  line["fit_seconds"] = rounded(seconds, 1);
  emit("movielens_ratings", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
