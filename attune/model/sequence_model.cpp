// Sequence model: see the header.
#include "attune/model/sequence_model.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/tall.h"
#include "attune/model/linear_model.h"
#include "attune/model/sequence_train.h"
#include "attune/model/text_factors.h"

namespace attune::model {
namespace {

// Texts as short rows: the strongest directions of TextFactors.
struct ShortTexts {
  TextFactors factors;
  Matrix directions;   // [factors.columns(), k], scaled
  Matrix rows;         // [items, k]; only while fitting
};

class SequenceModel final : public Recommender {
 public:
  SequenceModel(std::string name, Json settings, Transformer transformer, TextFactors factors, Matrix text_map)
      : name_(std::move(name)), settings_(std::move(settings)), transformer_(std::move(transformer)), factors_(std::move(factors)), text_map_(std::move(text_map)) {}

  std::string name() const override { return name_; }
  std::size_t item_count() const override { return transformer_.items.rows(); }

  void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> state = transformer_.state(query.history);
    for (std::size_t k = 0; k < items.size(); ++k) out[k] = dot(state, transformer_.items.row(to_index(items[k])));
  }
  void score_all(const Query& query, std::span<float> out) const override {
    if (out.size() != item_count()) return Recommender::score_all(query, out);   // which refuses
    check_score_arguments(item_count(), query, {}, {});
    const std::vector<float> state = transformer_.state(query.history);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = dot(state, transformer_.items.row(i));
  }

  std::optional<MatrixView> item_vectors() const override { return transformer_.items; }
  std::optional<std::vector<float>> query_vector(const Query& query) const override {
    check_score_arguments(item_count(), query, {}, {});
    return transformer_.state(query.history);
  }
  std::optional<std::vector<float>> item_vector(const NewItem& item) const override {
    if (text_map_.empty()) return std::nullopt;
    const auto row = factors_.row(item);
    if (!row) return std::nullopt;
    std::vector<float> v(text_map_.cols());
    for (std::size_t c = 0; c < row->size(); ++c) axpy((*row)[c], text_map_.row(c), v);
    return v;
  }

  std::size_t size_bytes() const override { return transformer_.size_bytes() + factors_.size_bytes() + text_map_.size_bytes(); }
  Json settings() const override { return settings_; }
  void save(ByteWriter& out) const override {
    out.text(name_);
    out.text(settings_.dump());
    transformer_.save(out);
    factors_.save(out);
    out.matrix(text_map_);
  }

 private:
  std::string name_;
  Json settings_;
  Transformer transformer_;
  TextFactors factors_;
  Matrix text_map_;   // [factors_.columns(), width]: an unseen item's vector from its text; empty without texts
};

SequenceTexts::Use use_of(const std::string& name, const std::string& text) {
  using Use = SequenceTexts::Use;
  if (text == "none") return Use::none;
  if (text == "start") return Use::start;
  if (text == "fixed") return Use::fixed;
  if (text == "map") return Use::map;
  throw Error(Code::bad_request, name + ".text must be none, start, fixed or map, got '" + text + "'");
}

void check(const std::string& name, const SequenceParams& p) {
  const auto refuse = [&](const char* setting, const char* range, const auto value) {
    throw Error(Code::bad_request, name + "." + setting + " must be " + range + ", got " + std::to_string(value));
  };
  if (p.width < 1 || p.width > 1024) refuse("width", "1..1024", p.width);
  if (p.inner < 1 || p.inner > 8192) refuse("inner", "1..8192", p.inner);
  if (p.blocks < 0 || p.blocks > 16) refuse("blocks", "0..16", p.blocks);
  if (p.heads < 1 || p.width % p.heads != 0) refuse("heads", "a divisor of width", p.heads);
  if (p.length < 1 || p.length > 1000) refuse("length", "1..1000", p.length);
  if (p.epochs < 1 || p.epochs > 100000) refuse("epochs", "1..100000", p.epochs);
  if (p.patience < 0) refuse("patience", "0 or more", p.patience);
  if (!(p.minutes >= 0)) refuse("minutes", "0 or more", p.minutes);
  if (p.batch < 1 || p.batch > 1000000) refuse("batch", "1..1000000", p.batch);
  if (!(p.lr > 0)) refuse("lr", "above 0", p.lr);
  if (!(p.decay >= 0 && p.decay <= 10)) refuse("decay", "0..10", p.decay);
  if (!(p.average >= 0 && p.average < 1)) refuse("average", "0 or more and below 1", p.average);
  if (!(p.dropout >= 0 && p.dropout <= 0.9f)) refuse("dropout", "0..0.9", p.dropout);
  if (!(p.attention_dropout >= 0 && p.attention_dropout <= 0.9f)) refuse("attention_dropout", "0..0.9", p.attention_dropout);
  if (p.negatives < 0 || p.negatives > 1000000) refuse("negatives", "0..1000000", p.negatives);
  if (p.text_width < 1 || p.text_width > 4096) refuse("text_width", "1..4096", p.text_width);
  if (!(p.text_scale > 0)) refuse("text_scale", "above 0", p.text_scale);
}

// The k strongest directions of the texts, their numbers of mean square scale^2.
ShortTexts short_texts(const data::Dataset& data, const SequenceParams& p, std::size_t most, const Run& run) {
  ShortTexts t;
  t.factors = TextFactors(data, p.texts, run);
  if (t.factors.empty()) throw Error(Code::bad_request, "text = '" + p.text + "' needs texts of the items read by an encoder; there are none. Set text = none or add an encoder");
  const Matrix rows = t.factors.rows(data);
  Matrix vectors = gram(rows, run);
  const std::vector<float> values = eigen_symmetric(vectors);
  const std::size_t k = std::min({static_cast<std::size_t>(p.text_width), most, vectors.cols()});
  double total = 0;
  for (std::size_t c = 0; c < k; ++c) total += static_cast<double>(std::max(values[values.size() - 1 - c], 0.0f));
  const double mean_square = total / (static_cast<double>(k) * static_cast<double>(std::max<std::size_t>(rows.rows(), 1)));
  const float scale = mean_square > 0 ? p.text_scale / static_cast<float>(std::sqrt(mean_square)) : 0.0f;
  t.directions = Matrix(vectors.rows(), k);
  for (std::size_t r = 0; r < vectors.rows(); ++r)
    for (std::size_t c = 0; c < k; ++c) t.directions(r, c) = scale * vectors(r, vectors.cols() - 1 - c);
  t.rows = multiply(rows, t.directions);
  return t;
}

// Ridge from texts to item vectors, over the items that somebody took: B with E = rows B, as a map from TextFactors' rows.
Matrix text_map(const ShortTexts& texts, const Matrix& items, const data::Dataset& data, float scale, const Run& run) {
  const std::size_t k = texts.rows.cols();
  std::size_t known = 0;
  for (const std::uint32_t people : data.popularity()) known += people > 0 ? 1 : 0;
  Matrix x(known, k), y(known, items.cols());
  for (std::size_t i = 0, r = 0; i < items.rows(); ++i) {
    if (data.popularity()[i] == 0) continue;
    std::copy_n(texts.rows.row(i).data(), k, x.row(r).data());
    std::copy_n(items.row(i).data(), items.cols(), y.row(r).data());
    ++r;
  }
  Matrix a = gram(x, run);
  const float ridge = 10 * scale * scale;
  for (std::size_t c = 0; c < k; ++c) a(c, c) += ridge;
  Matrix b = multiply(x, y, {.transpose_a = true});
  solve_spd(a, b, "the texts' covariance");
  return multiply(texts.directions, b);
}

void check_memory(const std::string& name, const SequenceParams& p, const data::Dataset& data, const Run& run) {
  const auto d = static_cast<std::size_t>(p.width), items = data.item_count();
  const std::size_t places = static_cast<std::size_t>(p.batch + p.length);
  const std::size_t scores = p.negatives > 0 ? places * static_cast<std::size_t>(p.negatives) : std::max(std::size_t{1} << 21, items * 16);
  const std::size_t needed = sizeof(float) * (items * d * 6 + scores + places * static_cast<std::size_t>(p.blocks + 1) * (14 * d + 3 * static_cast<std::size_t>(p.inner) + static_cast<std::size_t>(2 * p.length * p.heads))) +
                             data.event_count() * sizeof(std::uint32_t) + (p.text == "none" ? 0 : items * 2048 * sizeof(float));
  require_memory(needed, items, name, run);
}

}  // namespace

std::unique_ptr<const Recommender> fit_sequence(const std::string& name, const SequenceParams& p, Json settings, TransformerShape shape, const data::Dataset& data, const Run& run) {
  check(name, p);
  run.check();
  const SequenceTexts::Use use = use_of(name, p.text);
  check_memory(name, p, data, run);
  shape.items = data.item_count();
  shape.width = static_cast<std::size_t>(p.width);
  shape.inner = static_cast<std::size_t>(p.inner);
  shape.blocks = static_cast<std::size_t>(p.blocks);
  shape.heads = static_cast<std::size_t>(p.heads);
  shape.length = static_cast<std::size_t>(p.length);
  shape.has_places = p.has_places;
  ShortTexts texts;
  SequenceTexts given{.use = use};
  if (use != SequenceTexts::Use::none) {
    const std::size_t most = use == SequenceTexts::Use::map ? 4096 : use == SequenceTexts::Use::fixed ? shape.width / 2 : shape.width;   // fixed: half learns
    texts = short_texts(data, p, most, run);
    given.rows = texts.rows.clone();
  }
  TrainedSequence trained = train_sequences(data, shape,
                                            {.model = name, .epochs = p.epochs, .patience = p.patience, .minutes = p.minutes, .batch = p.batch, .lr = p.lr, .decay = p.decay, .average = p.average, .dropout = p.dropout,
                                             .attention_dropout = p.attention_dropout, .negatives = p.negatives, .whole_history = p.whole_history},
                                            given, run);
  settings["epochs"] = trained.epochs;
  Matrix map;
  if (use != SequenceTexts::Use::none) map = text_map(texts, trained.transformer.items, data, p.text_scale, run);
  return std::make_unique<const SequenceModel>(name, std::move(settings), std::move(trained.transformer), std::move(texts.factors), std::move(map));
}

std::unique_ptr<const Recommender> load_sequence(ByteReader& in) {
  std::string name = in.text();
  Json settings = Json::parse(in.text(), name + " settings");
  Transformer transformer = Transformer::load(in);
  TextFactors factors = TextFactors::load(in);
  Matrix map = in.matrix();
  if (!map.empty() && (map.rows() != factors.columns() || map.cols() != transformer.shape.width))
    throw Error(Code::bad_data, "the " + name + " model is damaged: its parts do not fit together; fit again");
  return std::make_unique<const SequenceModel>(std::move(name), std::move(settings), std::move(transformer), std::move(factors), std::move(map));
}

}  // namespace attune::model
