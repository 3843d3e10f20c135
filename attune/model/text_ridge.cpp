// Text ridge: M = (Y' D Y + l I)^-1 Y' D W', Y [items, text columns] of mean square 1, D = n / (n + h) for items that n people
// took, l = the number of items: half of what a direction of the texts says is believed.
#include "attune/model/text_ridge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"

namespace attune::model {
namespace {

// Chosen on the validation parts of Online Retail and MovieLens (bench/results/cold_items.jsonl); Games was not asked.
constexpr float kRidgeAnItem = 1, kFewTakers = 20, kShare = 0.8f;
constexpr std::size_t kSample = 200;
// A map learned from few items foretells little: half of the share at so many (in a catalogue of twelve books a new edition was not like the old one).
constexpr float kFewItems = 200;
// Half of what known columns say of likeness is believed (Online Retail .27-.30, MovieLens .10, Games .07): there the whole was no better on the
// validation part, here it cost a hundredth.
constexpr float kBelieved = 0.5f;

// A known item as if it came now.
NewItem as_new(const data::Dataset& data, std::size_t i) {
  NewItem item;
  for (const auto& [name, features] : data.all_features()) {
    NewItem::Row& row = item.features[name];
    if (features->is_sparse()) {
      row.indices.assign(features->sparse.row_indices(i).begin(), features->sparse.row_indices(i).end());
      row.values.assign(features->sparse.row_values(i).begin(), features->sparse.row_values(i).end());
    } else {
      row.dense.assign(features->dense.row(i).begin(), features->dense.row(i).end());
    }
  }
  return item;
}

double sum_of_squares(std::span<const float> v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * static_cast<double>(x);
  return sum;
}

}  // namespace

std::optional<TextRidge> TextRidge::fit(const data::Dataset& data, const Matrix& w, const TextNeighbours& neighbours, std::string_view encoders, const Run& run) {
  run.check();
  TextRidge ridge;
  ridge.factors_ = TextFactors(data, encoders, run);
  const std::size_t columns = ridge.factors_.columns(), items = data.item_count();
  if (columns == 0 || items == 0) return std::nullopt;
  if (w.size_bytes() + 3 * columns * items * sizeof(float) > run.memory_bytes) {
    run.remark("no memory to foretell new items' weights from their texts; they are placed by their neighbours alone; raise [memory] budget for that");
    return std::nullopt;
  }
  const Matrix y = ridge.factors_.rows(data);
  Matrix weighted = y.clone();
  for (std::size_t i = 0; i < items; ++i) {
    const auto takers = static_cast<float>(data.popularity()[i]);
    for (float& x : weighted.row(i)) x *= takers / (takers + kFewTakers);
  }
  Matrix a = multiply(y, weighted, {.transpose_a = true});
  for (std::size_t c = 0; c + 1 < columns; ++c) a(c, c) += kRidgeAnItem * static_cast<float>(items);   // the mean is not pulled
  a(columns - 1, columns - 1) += 1e-6f;
  run.check();
  ridge.map_ = multiply(weighted, w, {.transpose_a = true, .transpose_b = true});
  solve_spd(a, ridge.map_, "the ridge of new items");
  double own = 0, near = 0, across = 0;
  std::vector<Sampled> samples;
  for (std::size_t i = 0; i < items; i += std::max<std::size_t>(items / kSample, 1)) {
    run.check();
    const NewItem item = as_new(data, i);
    std::vector<float> mean(items, 0.0f), foretold(items, 0.0f);
    TextNeighbours::Seen seen = neighbours.look(item, item_at(i));
    for (const Scored& n : seen.nearest)
      for (std::size_t from = 0; from < items; ++from) mean[from] += n.score * w(from, to_index(n.item));
    for (std::size_t c = 0; c < columns; ++c) axpy(y(i, c), ridge.map_.row(c), foretold);
    near += sum_of_squares(mean);
    own += sum_of_squares(foretold);
    across += static_cast<double>(dot(mean, foretold));
    samples.push_back({i, std::move(mean), std::move(foretold), std::move(seen.alike)});
  }
  if (!(own > 0) || !(near > 0)) return std::nullopt;
  const double scale = std::sqrt(near / own);
  for (float& x : ridge.map_.all()) x *= static_cast<float>(scale);
  const double share = ridge.share();   // |(1 - share) near + share scale own|^2
  const double both = (1 - share) * (1 - share) * near + 2 * share * (1 - share) * scale * across + share * share * scale * scale * own;
  ridge.typical_ = static_cast<float>(std::sqrt(std::max(both, 0.0) / static_cast<double>(samples.size())));
  ridge.weigh_likeness(samples, static_cast<float>(scale), w);
  return ridge;
}

// Least squares of the known columns on the foretold one and the likeness; their parts by typical size.
void TextRidge::weigh_likeness(std::span<Sampled> samples, float scale, const Matrix& w) {
  double cc = 0, ca = 0, aa = 0, cw = 0, aw = 0;
  std::vector<float> known(item_count());
  for (Sampled& s : samples) {
    if (s.alike.empty()) continue;
    std::vector<float>& column = s.near;
    for (std::size_t i = 0; i < column.size(); ++i) {
      column[i] = (1 - share()) * column[i] + share() * scale * s.foretold[i];
      known[i] = w(i, s.item);
    }
    column[s.item] = 0;    // as the known column is there
    cc += sum_of_squares(column);
    ca += static_cast<double>(dot(column, s.alike));
    aa += sum_of_squares(s.alike);
    cw += static_cast<double>(dot(column, known));
    aw += static_cast<double>(dot(s.alike, known));
  }
  const double determinant = cc * aa - ca * ca;
  if (!(determinant > 1e-9 * cc * aa)) return;
  const double of_column = std::max((aa * cw - ca * aw) / determinant, 0.0) * std::sqrt(cc);
  const double of_likeness = std::max((cc * aw - ca * cw) / determinant, 0.0) * std::sqrt(aa);
  if (of_likeness <= 0) return;
  likeness_ = kBelieved * static_cast<float>(of_likeness / (of_column + of_likeness));
  alike_ = static_cast<float>(std::sqrt(cc / aa));
}

float TextRidge::share() const noexcept {
  const auto items = static_cast<float>(item_count());
  return kShare * items / (items + kFewItems);
}

void TextRidge::blend(const NewItem& item, std::span<const float> alike, std::vector<float>& mean) const {
  const auto row = factors_.row(item);
  if (!row) return;
  for (float& x : mean) x *= 1 - share();
  for (std::size_t c = 0; c < map_.rows(); ++c) axpy(share() * (*row)[c], map_.row(c), mean);
  if (const auto size = static_cast<float>(std::sqrt(sum_of_squares(mean))); size > 0 && typical_ > 0)
    for (float& x : mean) x *= std::sqrt(typical_ / size);
  if (likeness_ == 0 || alike.empty()) return;
  for (float& x : mean) x *= 1 - likeness_;
  axpy(likeness_ * alike_, alike, mean);
}

void TextRidge::save(ByteWriter& out) const {
  factors_.save(out);
  out.matrix(map_);
  out.number(typical_);
  out.number(alike_);
  out.number(likeness_);
}

TextRidge TextRidge::load(ByteReader& in, bool knows_size, bool knows_likeness) {
  TextRidge ridge;
  ridge.factors_ = TextFactors::load(in);
  ridge.map_ = in.matrix();
  if (knows_size) ridge.typical_ = in.number<float>();
  if (knows_likeness) {
    ridge.alike_ = in.number<float>();
    ridge.likeness_ = in.number<float>();
  }
  if (ridge.factors_.columns() != ridge.map_.rows()) throw Error(Code::bad_data, "the model's ridge of new items is damaged: its parts do not fit together; fit again");
  return ridge;
}

}  // namespace attune::model
