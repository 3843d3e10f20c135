// Linear model: scoring is a sum of rows of W, so a request costs O(history x items) additions, one row after another.
#include "attune/model/linear_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "attune/core/kernels.h"

namespace attune::model {
namespace {

// W(i, j) of sparse rows: found by halving.
float entry(const Sparse& w, std::size_t i, std::size_t j) {
  const auto columns = w.row_indices(i);
  const auto at = std::lower_bound(columns.begin(), columns.end(), static_cast<std::uint32_t>(j));
  if (at == columns.end() || *at != j) return 0;
  return w.row_values(i)[static_cast<std::size_t>(at - columns.begin())];
}

class LinearModel final : public Recommender {
 public:
  explicit LinearModel(LinearParts parts) : parts_(std::move(parts)) {}

  std::string name() const override { return parts_.name; }
  std::size_t item_count() const override { return is_sparse() ? parts_.sparse.rows : parts_.dense.rows(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    std::fill(out.begin(), out.end(), 0.0f);
    for (const Scored& in : input(query))
      for (std::size_t n = 0; n < items.size(); ++n) out[n] += in.score * weight(in.item, items[n]);
  }

  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);  // which says what is wrong
    check_score_arguments(item_count(), query, {}, {});
    std::fill(out.begin(), out.end(), 0.0f);
    for (const Scored& in : input(query)) {
      const std::size_t i = to_index(in.item);
      if (!is_sparse()) {
        axpy(in.score, parts_.dense.row(i), out);
        continue;
      }
      const auto columns = parts_.sparse.row_indices(i);
      const auto values = parts_.sparse.row_values(i);
      for (std::size_t k = 0; k < columns.size(); ++k) out[columns[k]] += in.score * values[k];
    }
  }

  Explanation explain(const Query& query, ItemId item) const override {
    check_score_arguments(item_count(), query, {&item, 1}, std::vector<float>(1));
    Explanation whole{.what = "model:" + name()};
    for (const Scored& in : input(query)) {
      if (in.score == 0) continue;
      Explanation part{.what = "item:" + std::to_string(to_index(in.item))};
      const float w = weight(in.item, item);
      part.value = static_cast<double>(in.score) * w;
      if (parts_.parts) {
        part.parts = parts_.parts->split(to_index(in.item), to_index(item), w);
        for (Explanation& p : part.parts) p.value *= in.score;
      }
      whole.value += part.value;
      whole.parts.push_back(std::move(part));
    }
    return whole;
  }

  std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const override {
    check_score_arguments(item_count(), query, items, std::vector<float>(items.size()));
    Matrix shares(items.size(), query.history.size());
    const std::vector<float> weights = touch_weights(parts_.input, query.history);
    for (std::size_t n = 0; n < items.size(); ++n)
      for (std::size_t t = 0; t < weights.size(); ++t)
        if (weights[t] != 0) shares(n, t) = weights[t] * weight(query.history[t].item, items[n]);
    return shares;
  }

  // The columns of the nearest known items, averaged by nearness, and beside them what ridge foretells where there is one.
  std::optional<std::vector<float>> column(const NewItem& item) const override {
    if (!parts_.neighbours) return std::nullopt;
    const auto [near, alike] = parts_.neighbours->look(item);
    if (near.empty()) return std::nullopt;
    std::vector<float> column(item_count(), 0.0f);
    if (!is_sparse()) {
      for (std::size_t i = 0; i < column.size(); ++i)
        for (const Scored& n : near) column[i] += n.score * parts_.dense(i, to_index(n.item));
      if (parts_.ridge) parts_.ridge->blend(item, alike, column);
      return column;
    }
    std::vector<float> nearness(item_count(), 0.0f);   // looked up along each row: quicker than finding every neighbour in it
    for (const Scored& n : near) nearness[to_index(n.item)] += n.score;
    for (std::size_t i = 0; i < column.size(); ++i) {
      const auto columns = parts_.sparse.row_indices(i);
      const auto values = parts_.sparse.row_values(i);
      for (std::size_t k = 0; k < columns.size(); ++k) column[i] += nearness[columns[k]] * values[k];
    }
    return column;
  }

  std::vector<Scored> input(const Query& query) const override { return input_row(parts_.input, query.history); }

  std::size_t size_bytes() const override {
    return parts_.dense.size_bytes() + parts_.sparse.size_bytes() + (parts_.parts ? parts_.parts->size_bytes() : 0) +
           (parts_.neighbours ? parts_.neighbours->size_bytes() : 0) + (parts_.ridge ? parts_.ridge->size_bytes() : 0);
  }
  Json settings() const override { return parts_.settings; }

  void save(ByteWriter& out) const override {
    out.text(parts_.name);
    out.text(parts_.settings.dump());
    out.number(parts_.input.decay);
    out.number(static_cast<std::int32_t>(parts_.input.window));
    out.number(static_cast<std::uint8_t>(parts_.input.latest));
    out.matrix(parts_.dense);
    out.sparse(parts_.sparse);
    out.number(static_cast<std::uint8_t>(parts_.parts.has_value()));
    if (parts_.parts) parts_.parts->save(out);
    out.number(static_cast<std::uint8_t>(!parts_.neighbours ? 0 : parts_.ridge ? 4 : 1));
    if (parts_.neighbours) parts_.neighbours->save(out);
    if (parts_.neighbours && parts_.ridge) parts_.ridge->save(out);
  }

 private:
  bool is_sparse() const { return parts_.dense.empty(); }
  float weight(ItemId from, ItemId to) const {
    return is_sparse() ? entry(parts_.sparse, to_index(from), to_index(to)) : parts_.dense(to_index(from), to_index(to));
  }

  LinearParts parts_;
};

std::string gigabytes(std::size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

std::string with_commas(std::size_t n) {
  std::string digits = std::to_string(n);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

}  // namespace

std::vector<float> touch_weights(const InputRule& rule, std::span<const Touch> history) {
  std::vector<float> weights(history.size(), 0.0f);
  double scale = 1;
  int place = 0;
  std::vector<ItemId> newer;  // items already met, for `latest`
  for (std::size_t t = history.size(); t-- > 0;) {
    const Touch& touch = history[t];
    const bool counts = !rule.latest || std::find(newer.begin(), newer.end(), touch.item) == newer.end();
    if (counts) weights[t] = static_cast<float>(scale) * touch.weight;
    if (counts && rule.latest) newer.push_back(touch.item);
    if (touch.joined) continue;  // the touch before stands at the same place
    ++place;
    scale *= rule.decay;
    if (rule.window > 0 && place >= rule.window) break;
  }
  return weights;
}

std::vector<Scored> input_row(const InputRule& rule, std::span<const Touch> history) {
  const std::vector<float> weights = touch_weights(rule, history);
  std::vector<std::size_t> order;  // touches that count, by item, the newest of each first: no table of all items
  for (std::size_t t = history.size(); t-- > 0;)
    if (weights[t] != 0) order.push_back(t);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return history[a].item != history[b].item ? history[a].item < history[b].item : a > b;
  });
  std::vector<std::pair<std::size_t, Scored>> gathered;  // newest touch of the item, the pair
  for (const std::size_t t : order) {
    if (gathered.empty() || gathered.back().second.item != history[t].item) gathered.push_back({t, {history[t].item, 0}});
    gathered.back().second.score += weights[t];
  }
  std::sort(gathered.begin(), gathered.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Scored> row;
  for (const auto& [t, pair] : gathered) row.push_back(pair);
  return row;
}

std::unique_ptr<const Recommender> make_linear(LinearParts parts) {
  const bool is_square = parts.dense.empty() ? parts.sparse.rows == parts.sparse.cols : parts.dense.rows() == parts.dense.cols();
  ATTUNE_ASSERT(is_square, "W has a row and a column an item");
  return std::make_unique<const LinearModel>(std::move(parts));
}

void place_new_items(LinearParts& parts, const data::Dataset& data, std::string_view text, const Run& run) {
  parts.neighbours = neighbours_for(data, text, run);
  if (parts.neighbours && !parts.dense.empty() && run.memo == nullptr) parts.ridge = TextRidge::fit(data, parts.dense, *parts.neighbours, text, run);
}

std::unique_ptr<const Recommender> load_linear(ByteReader& in) {
  LinearParts parts;
  parts.name = in.text();
  parts.settings = Json::parse(in.text(), "settings of " + parts.name);
  parts.input.decay = in.number<float>();
  parts.input.window = in.number<std::int32_t>();
  parts.input.latest = in.number<std::uint8_t>() != 0;
  parts.dense = in.matrix();
  parts.sparse = in.sparse();
  if (in.number<std::uint8_t>() != 0) parts.parts = ScoreParts::load(in);
  const auto placed_by = in.number<std::uint8_t>();   // 0 nothing, 1 neighbours, 2 to 4 neighbours and ridge
  if (placed_by != 0) parts.neighbours = TextNeighbours::load(in);
  if (placed_by >= 2) parts.ridge = TextRidge::load(in, placed_by >= 3, placed_by >= 4);
  const std::size_t items = parts.dense.empty() ? parts.sparse.rows : parts.dense.rows();
  const bool fits = (parts.dense.empty() ? parts.sparse.cols : parts.dense.cols()) == items &&
                    (!parts.parts || parts.parts->item_count() == items) &&
                    (!parts.neighbours || parts.neighbours->item_count() == items) && (!parts.ridge || parts.ridge->item_count() == items);
  if (!fits) throw Error(Code::bad_data, "model " + parts.name + " is damaged: its parts are of different sizes; fit again");
  return make_linear(std::move(parts));
}

void check_input(float decay, int window, std::string_view model) {
  const std::string prefix = std::string(model) + ".";
  if (!(decay > 0 && decay <= 1))
    throw Error(Code::bad_request, prefix + "decay must be above 0 and at most 1, got " + std::to_string(decay));
  if (window < 0)
    throw Error(Code::bad_request, prefix + "window must be 0 (all) or more, got " + std::to_string(window));
}

void require_memory(std::size_t needed_bytes, std::size_t item_count, std::string_view what, const Run& run) {
  if (needed_bytes <= run.memory_bytes) return;
  throw NeedsMoreMemory(std::string(what) + ": " + with_commas(item_count) + " items need " + gigabytes(needed_bytes) +
                                     ", the budget is " + gigabytes(run.memory_bytes) +
                                     "; raise [memory] budget or use ials, which needs no item-by-item matrix");
}

}  // namespace attune::model
