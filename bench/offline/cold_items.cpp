// Cold items: a tenth of the items hidden, then placed by their texts in several ways; `attune evaluate --protocol cold-items` on
// a folder of sequences, with the comparators of the literature that the product does not carry.
//   bench_cold_items DATA [--vectors e5=FILE.npy ...] [--set lambda=100 ...] [--variants "column;cosine:e5;ridge:e5;knn:tfidf;knn:tfidf,e5"]
//                    [--part test|validation] [--seed 42] [--lift 1] [--allowed-loss 0.008] [--users 0]
// --allowed-loss: what users of known items may lose on validation, below the 1 % of the bar because test is never quite like it.
// Variants of SLIST's W, from one fit: column = what the product does; like:E[:P] = cosine to the history's texts, on W's scale; ridge:E[:L] =
// ridge from text vectors to columns; joint[:L[:H]] = ridge from all encoders side by side, items weighing n / (n + H);
// knn:E,E..[:K[:P]] = mean of the K nearest items' columns by cosine^P, encoders with equal shares; A+2*B = weighted mean of columns, each
// scaled to the mean square of W; even:P:A = columns brought nearer to one size, (typical / own)^P. cosine:E is no way to place items for SLIST but text_similarity as a model of its own.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/top_k.h"
#include "attune/core/whiten.h"
#include "attune/data/sequences.h"
#include "attune/eval/cold_items.h"
#include "attune/model/text_factors.h"
#include "attune/model/text_space.h"
#include "bench/offline/bench.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_slist(const data::Dataset& data, const Json& params, const Run& run);
std::unique_ptr<const Recommender> fit_text_similarity(const data::Dataset& data, const Json& params, const Run& run);
}  // namespace attune::model

namespace attune::bench {
namespace {

// The fitted model with W turned: row j = column of item j.
struct Fitted {
  std::shared_ptr<const model::Recommender> model;
  Matrix columns;
};

// A way to make a column from a new item's features.
using Columns = std::function<std::optional<std::vector<float>>(const model::NewItem&)>;

Columns neighbours(const data::Dataset& data, std::shared_ptr<const Fitted> fitted, const std::string& features, std::size_t count, double power, float eps) {
  auto spaces = std::make_shared<std::vector<model::TextSpace>>();
  for (const std::string& feature : split_at(features, ',')) spaces->emplace_back(feature, *data.features(feature), model::TextSpace::Options{.whiten_eps = eps});
  return [=](const model::NewItem& item) -> std::optional<std::vector<float>> {
    std::vector<float> column(fitted->columns.cols(), 0.0f);
    std::size_t speaking = 0;
    for (const model::TextSpace& space : *spaces) {
      const std::vector<float> point = space.place(item);
      if (point.empty()) continue;
      std::vector<float> cosines(space.item_count());
      space.dots(point, cosines);
      std::vector<Scored> near = top_k(cosines, count);
      double sum = 0;
      for (Scored& n : near) sum += n.score = n.score > 0 ? static_cast<float>(std::pow(n.score, power)) : 0.0f;
      if (sum <= 0) continue;
      ++speaking;
      for (const Scored& n : near) axpy(static_cast<float>(n.score / sum), fitted->columns.row(to_index(n.item)), column);
    }
    for (float& x : column) x /= static_cast<float>(std::max<std::size_t>(speaking, 1));
    return speaking > 0 ? std::optional(column) : std::nullopt;
  };
}

// The cosines themselves, or a power of the positive ones.
Columns likeness(const data::Dataset& data, const std::string& feature, double power) {
  auto space = std::make_shared<model::TextSpace>(feature, *data.features(feature), model::TextSpace::Options{});
  return [=](const model::NewItem& item) -> std::optional<std::vector<float>> {
    const std::vector<float> point = space->place(item);
    if (point.empty()) return std::nullopt;
    std::vector<float> cosines(space->item_count());
    space->dots(point, cosines);
    if (power != 1)
      for (float& c : cosines) c = c > 0 ? static_cast<float>(std::pow(c, power)) : 0.0f;
    return cosines;
  };
}

// (Y'Y + l I)^-1 Y' columns on whitened vectors.
Columns ridge(const data::Dataset& data, std::shared_ptr<const Fitted> fitted, const std::string& feature, float l) {
  auto whitening = std::make_shared<Whitening>(Whitening::fit(data.features(feature)->dense));
  const auto with_one = [](const Matrix& rows) {
    Matrix y(rows.rows(), rows.cols() + 1);
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      std::ranges::copy(rows.row(r), y.row(r).begin());
      normalise(y.row(r).first(rows.cols()));
      y(r, rows.cols()) = 1;
    }
    return y;
  };
  const Matrix y = with_one(whitening->apply(data.features(feature)->dense));
  Matrix a = multiply(y, y, {.transpose_a = true});
  for (std::size_t i = 0; i + 1 < a.rows(); ++i) a(i, i) += l;
  auto map = std::make_shared<Matrix>(multiply(y, fitted->columns, {.transpose_a = true}));
  solve_spd(a, *map, "ridge");
  return [=](const model::NewItem& item) -> std::optional<std::vector<float>> {
    const auto found = item.features.find(feature);
    if (found == item.features.end()) return std::nullopt;
    Matrix row(1, found->second.dense.size());
    std::ranges::copy(found->second.dense, row.row(0).begin());
    const Matrix point = with_one(whitening->apply(row));
    std::vector<float> column(map->cols(), 0.0f);
    for (std::size_t k = 0; k < map->rows(); ++k) axpy(point(0, k), map->row(k), column);
    return column;
  };
}

// The same on all encoders side by side; items count n / (n + h) where n people took them.
Columns joint_ridge(const data::Dataset& data, std::shared_ptr<const Fitted> fitted, float l, double h) {
  auto factors = std::make_shared<model::TextFactors>(data, "", Run{});
  const Matrix y = factors->rows(data);
  Matrix weighted = y.clone();
  for (std::size_t i = 0; i < y.rows(); ++i)
    for (float& x : weighted.row(i)) x *= static_cast<float>(data.popularity()[i] / (data.popularity()[i] + h + 1e-9));
  Matrix a = multiply(y, weighted, {.transpose_a = true});
  for (std::size_t i = 0; i + 1 < a.rows(); ++i) a(i, i) += l;
  auto map = std::make_shared<Matrix>(multiply(weighted, fitted->columns, {.transpose_a = true}));
  solve_spd(a, *map, "ridge");
  return [=](const model::NewItem& item) -> std::optional<std::vector<float>> {
    const auto row = factors->row(item);
    if (!row) return std::nullopt;
    std::vector<float> column(map->cols(), 0.0f);
    for (std::size_t k = 0; k < map->rows(); ++k) axpy((*row)[k], map->row(k), column);
    return column;
  };
}

double mean_square(const data::Dataset& data, const Columns& columns) {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i < data.item_count(); i += std::max<std::size_t>(data.item_count() / 200, 1)) {
    model::NewItem item;   // a known item stands for new ones: only the scale is wanted
    for (const auto& [name, features] : data.all_features()) {
      model::NewItem::Row row;
      if (features->is_sparse()) {
        row.indices.assign(features->sparse.row_indices(i).begin(), features->sparse.row_indices(i).end());
        row.values.assign(features->sparse.row_values(i).begin(), features->sparse.row_values(i).end());
      } else {
        row.dense.assign(features->dense.row(i).begin(), features->dense.row(i).end());
      }
      item.features[name] = row;
    }
    if (const auto column = columns(item))
      for (const float x : *column) {
        sum += static_cast<double>(x) * x;
        ++n;
      }
  }
  return n == 0 ? 1 : sum / static_cast<double>(n);
}

Columns columns_of(const data::Dataset& data, std::shared_ptr<const Fitted> fitted, const std::string& variant) {
  if (variant.starts_with("even:")) {
    const std::size_t colon = variant.find(':', 5);
    const double power = std::stod(variant.substr(5, colon - 5));
    Columns columns = columns_of(data, fitted, variant.substr(colon + 1));
    const double typical = std::sqrt(mean_square(data, columns));
    return [columns, power, typical](const model::NewItem& item) -> std::optional<std::vector<float>> {
      auto column = columns(item);
      if (!column) return column;
      double squares = 0;
      for (const float x : *column) squares += static_cast<double>(x) * x;
      const double own = std::sqrt(squares / static_cast<double>(column->size()));
      if (own > 0)
        for (float& x : *column) x *= static_cast<float>(std::pow(typical / own, power));
      return column;
    };
  }
  if (variant.find('+') != std::string::npos || variant.starts_with("like:")) {
    std::vector<std::pair<double, Columns>> parts;
    double total = 0;
    for (const std::string& part : split_at(variant, '+')) {
      const std::size_t star = part.find('*');
      const double weight = star == std::string::npos ? 1 : std::stod(part.substr(0, star));
      const std::string name = star == std::string::npos ? part : part.substr(star + 1);
      const std::vector<std::string> likes = split_at(name, ':');
      Columns columns = likes.at(0) == "like" ? likeness(data, likes.at(1), likes.size() > 2 ? std::stod(likes[2]) : 1) : columns_of(data, fitted, name);
      parts.emplace_back(weight / std::sqrt(mean_square(data, columns)), columns);
      total += weight;
    }
    double squares = 0;
    for (const float w : fitted->columns.all()) squares += static_cast<double>(w) * w;
    const double scale = std::sqrt(squares / static_cast<double>(fitted->columns.rows() * fitted->columns.cols())) / total;
    return [parts, scale](const model::NewItem& item) -> std::optional<std::vector<float>> {
      std::optional<std::vector<float>> sum;
      for (const auto& [weight, columns] : parts)
        if (const auto one = columns(item)) {
          if (!sum) sum = std::vector<float>(one->size(), 0.0f);
          axpy(static_cast<float>(scale * weight), *one, *sum);
        }
      return sum;
    };
  }
  const std::vector<std::string> words = split_at(variant, ':');
  const auto number = [&](std::size_t at, double otherwise) { return at < words.size() ? std::stod(words[at]) : otherwise; };
  if (words.at(0) == "column") return [fitted](const model::NewItem& item) { return fitted->model->column(item); };
  if (words.at(0) == "ridge") return ridge(data, fitted, words.at(1), static_cast<float>(number(2, 1)));
  if (words.at(0) == "joint") return joint_ridge(data, fitted, static_cast<float>(number(1, 1000)), number(2, 0));
  if (words.at(0) == "knn")
    return neighbours(data, fitted, words.at(1), static_cast<std::size_t>(number(2, 20)), number(3, 1), static_cast<float>(number(4, 1)));
  throw Error(Code::bad_request, "no variant '" + variant + "'");
}

// The fitted model with another way to place new items.
class Placing final : public model::Recommender {
 public:
  Placing(std::shared_ptr<const Fitted> fitted, Columns columns) : fitted_(std::move(fitted)), columns_(std::move(columns)) {}
  std::string name() const override { return "slist"; }
  std::size_t item_count() const override { return fitted_->model->item_count(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override { fitted_->model->score(query, items, out); }
  void score_all(const model::Query& query, std::span<float> out) const override { fitted_->model->score_all(query, out); }
  std::optional<std::vector<float>> column(const model::NewItem& item) const override { return columns_(item); }
  std::vector<Scored> input(const model::Query& query) const override { return fitted_->model->input(query); }
  std::size_t size_bytes() const override { return fitted_->model->size_bytes(); }
  Json settings() const override { return fitted_->model->settings(); }
  void save(ByteWriter& out) const override { fitted_->model->save(out); }

 private:
  std::shared_ptr<const Fitted> fitted_;
  Columns columns_;
};

std::shared_ptr<const Fitted> fit(const data::Dataset& train, const Json& settings, const Run& run) {
  auto fitted = std::make_shared<Fitted>();
  fitted->model = model::fit_slist(train, settings, run);
  Matrix rows(train.item_count(), train.item_count());
  parallel_for(0, train.item_count(), 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const Touch one{.item = item_at(i)};
      fitted->model->score_all({.history = {&one, 1}}, rows.row(i));
    }
  });
  fitted->columns = Matrix(rows.cols(), rows.rows());
  constexpr std::size_t kTile = 64;
  for (std::size_t a = 0; a < rows.rows(); a += kTile)
    for (std::size_t b = 0; b < rows.cols(); b += kTile)
      for (std::size_t i = a; i < std::min(a + kTile, rows.rows()); ++i)
        for (std::size_t j = b; j < std::min(b + kTile, rows.cols()); ++j) fitted->columns(j, i) = rows(i, j);
  return fitted;
}

void go(const Arguments& arguments) {
  const Run run{.seed = std::stoull(arguments.get("seed", "42")), .memory_bytes = std::size_t{10} << 30};
  data::Dataset data = data::read_sequences(arguments.words.at(0));
  data.with_features("tfidf", std::make_shared<data::ItemFeatures>(word_features(data.catalogue())));
  for (const std::string& pair : arguments.all("vectors")) {
    auto features = std::make_shared<data::ItemFeatures>();
    features->dense = read_npy(pair.substr(pair.find('=') + 1));
    if (features->dense.rows() != data.item_count()) throw Error(Code::bad_data, pair + " has another number of rows than there are items");
    data.with_features(pair.substr(0, pair.find('=')), features);
  }
  const Json settings = settings_of(arguments.all("set"));
  const auto fits = std::make_shared<std::map<const data::Dataset*, std::shared_ptr<const Fitted>>>();
  std::vector<eval::ModelContender> contenders;
  for (const std::string& variant : split_at(arguments.get("variants", "column"), ';')) {
    const auto fit_one = [=](const data::Dataset& train, const Run& r) -> std::shared_ptr<const model::Recommender> {
      if (variant.starts_with("cosine:")) {
        Json text = Json::object();
        text["text"] = variant.substr(7);
        return model::fit_text_similarity(train, text, r);
      }
      std::shared_ptr<const Fitted>& fitted = (*fits)[&train];
      if (fitted == nullptr) fitted = fit(train, settings, r);
      return std::make_shared<Placing>(fitted, columns_of(train, fitted, variant));
    };
    contenders.push_back({.name = variant, .fit = fit_one});
  }
  eval::ColdItemsOptions options{.part = arguments.get("part", "test") == "test" ? data::Part::test : data::Part::validation};
  options.users = std::stoull(arguments.get("users", "0"));
  options.allowed_loss = std::stod(arguments.get("allowed-loss", "0.008"));
  options.eval.ks = {10};
  options.eval.metrics = {"hr", "ndcg"};
  options.eval.segments = false;
  if (const std::string lift = arguments.get("lift"); !lift.empty()) options.lifts = {std::stod(lift)};
  const eval::ColdItemsReport report = eval::judge_cold_items(data, contenders, options, run);
  for (const eval::ColdItemsRow& row : report.rows) {
    Json line = Json::object();
    line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
    line["variant"] = row.model;
    line["part"] = arguments.get("part", "test");
    line["seed"] = run.seed;
    line["settings"] = settings;
    line["cold_items"] = report.cold_items;
    line["known_items"] = report.known_items;
    line["cold_users"] = report.cold_users;
    line["warm_users"] = report.warm_users;
    const auto figure = [](const eval::Evaluation& evaluation, const char* name) { return rounded(evaluation.at(name), 5); };
    line["cold_hr@10"] = figure(row.among_cold, "hr@10");
    line["cold_ndcg@10"] = figure(row.among_cold, "ndcg@10");
    line["all_ndcg@10"] = figure(row.among_all_natural, "ndcg@10");
    line["lift"] = row.lift;
    line["lifted_all_ndcg@10"] = figure(row.among_all, "ndcg@10");
    line["known_ndcg@10"] = figure(row.warm_alone, "ndcg@10");
    line["warm_loss"] = rounded(row.warm_loss("ndcg@10"), 5);
    emit("cold_items", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
