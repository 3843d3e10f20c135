// Stacker: XGBoost behind a value. Cost: some 10 us a tree and 200 candidates, one thread; TreeSHAP 16 times that at depth 4.
#include "attune/rank/stacker.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "attune/core/error.h"

namespace attune::rank {
namespace {

constexpr std::uint32_t kFormat = 1;

void must(int status, const char* what) {
  if (status != 0) throw Error(Code::internal, std::string("xgboost could not ") + what + ": " + XGBGetLastError());
}

struct Table {
  DMatrixHandle handle = nullptr;
  explicit Table(MatrixView rows) {
    must(XGDMatrixCreateFromMat(rows.data, rows.rows, rows.cols, std::numeric_limits<float>::quiet_NaN(), &handle), "read the rows");
  }
  ~Table() { XGDMatrixFree(handle); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
};

// type 1 = margins, 2 = contributions of the features and, last, the bias.
std::vector<float> predict(BoosterHandle booster, MatrixView rows, int type, int rounds) {
  if (rows.rows == 0) return {};
  const Table table(rows);
  const std::string config = "{\"type\":" + std::to_string(type) + ",\"training\":false,\"iteration_begin\":0,\"iteration_end\":" +
                             std::to_string(rounds) + ",\"strict_shape\":false}";
  const bst_ulong* shape = nullptr;
  bst_ulong dims = 0;
  const float* out = nullptr;
  must(XGBoosterPredictFromDMatrix(booster, table.handle, config.c_str(), &shape, &dims, &out), "foretell");
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dims; ++d) count *= shape[d];
  return {out, out + count};
}

}  // namespace

struct Stacker::Trees {
  BoosterHandle booster = nullptr;
  explicit Trees(DMatrixHandle table) {
    must(XGBoosterCreate(&table, table == nullptr ? 0 : 1, &booster), "start");
    set("nthread", "1");   // requests are many at once, and one thread sums the same way everywhere
    set("verbosity", "0");
  }
  ~Trees() { XGBoosterFree(booster); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;
  void set(const char* name, const std::string& value) { must(XGBoosterSetParam(booster, name, value.c_str()), name); }
  // A first question makes XGBoost settle what it settles lazily; after it, questions change nothing.
  void settle(std::size_t features) const { (void)predict(booster, Matrix(1, features), 1, 0); }
};

Stacker Stacker::learn(std::vector<std::string> features, const Lists& lists, float slope, const StackOptions& options, const Run& run) {
  ATTUNE_ASSERT(lists.rows.cols() == features.size(), "a column a feature");
  const Table table(lists.rows);
  std::vector<float> start(lists.fused);
  for (float& s : start) s *= slope;
  must(XGDMatrixSetFloatInfo(table.handle, "label", lists.wanted.data(), lists.wanted.size()), "read the labels");
  must(XGDMatrixSetFloatInfo(table.handle, "base_margin", start.data(), start.size()), "read the fused scores");
  must(XGDMatrixSetUIntInfo(table.handle, "group", lists.sizes.data(), lists.sizes.size()), "read the lists");
  auto trees = std::make_shared<Trees>(table.handle);
  trees->set("objective", "rank:ndcg");
  trees->set("base_score", "0");
  trees->set("tree_method", "hist");
  trees->set("max_depth", std::to_string(options.depth));
  trees->set("eta", std::to_string(options.eta));
  trees->set("min_child_weight", std::to_string(options.min_weight));
  trees->set("seed", std::to_string(run.seed & 0x7fffffff));
  for (int round = 0; round < options.rounds; ++round) {
    run.report("stacking: trees", static_cast<std::size_t>(round), static_cast<std::size_t>(options.rounds));
    must(XGBoosterUpdateOneIter(trees->booster, round, table.handle), "learn a tree");
  }
  Stacker stacker;
  stacker.features_ = std::move(features);
  stacker.slope_ = slope;
  trees->settle(stacker.features_.size());
  stacker.trees_ = std::move(trees);
  return stacker;
}

std::vector<float> Stacker::shares(MatrixView rows, int rounds) const {
  std::vector<float> shares = predict(trees_->booster, rows, 1, rounds);
  for (float& s : shares) s /= slope_;
  return shares;
}

std::vector<Explanation> Stacker::told(MatrixView rows) const {
  const std::vector<float> parts = predict(trees_->booster, rows, 2, 0);
  std::vector<Explanation> told(rows.rows);
  const std::size_t width = features_.size() + 1;
  for (std::size_t n = 0; n < rows.rows; ++n) {
    told[n].what = "stack";
    for (std::size_t f = 0; f < width; ++f) {
      const double value = static_cast<double>(parts[n * width + f]) / slope_;
      if (value == 0) continue;
      told[n].parts.push_back({f + 1 == width ? "rest" : "feature:" + features_[f], value, {}});
      told[n].value += value;
    }
  }
  return told;
}

void Stacker::save(ByteWriter& out) const {
  out.number(kFormat);
  out.number(slope_);
  out.number(static_cast<std::uint32_t>(features_.size()));
  for (const std::string& feature : features_) out.text(feature);
  bst_ulong size = 0;
  const char* bytes = nullptr;
  must(XGBoosterSaveModelToBuffer(trees_->booster, "{\"format\":\"json\"}", &size, &bytes), "save the trees");
  out.text({bytes, size});
}

Stacker Stacker::load(ByteReader& in) {
  const auto format = in.number<std::uint32_t>();
  if (format != kFormat) throw Error(Code::unsupported, "the stacking was saved in format " + std::to_string(format) + ", this program reads " + std::to_string(kFormat));
  Stacker stacker;
  stacker.slope_ = in.number<float>();
  const auto features = in.number<std::uint32_t>();
  if (features == 0 || features > 10000 || !(stacker.slope_ > 0)) throw Error(Code::bad_data, "the stacking is damaged");
  for (std::uint32_t f = 0; f < features; ++f) stacker.features_.push_back(in.text());
  const std::string bytes = in.text();
  auto trees = std::make_shared<Trees>(nullptr);
  if (XGBoosterLoadModelFromBuffer(trees->booster, bytes.data(), bytes.size()) != 0) throw Error(Code::bad_data, "the stacking's trees are damaged");
  trees->set("nthread", "1");
  trees->settle(features);
  stacker.trees_ = std::move(trees);
  return stacker;
}

std::vector<std::string> stack_features(const World& world) {
  std::vector<std::string> names;
  for (const Source& source : world.sources) names.push_back("z:" + source.name);
  for (const Source& source : world.sources) names.push_back("place:" + source.name);
  for (const char* name : {"fused", "behind", "takers", "history"}) names.push_back(name);
  if (world.vectors != nullptr)
    for (const char* name : {"text:last", "text:near"}) names.push_back(name);
  return names;
}

namespace {

double likeness(std::span<const float> a, std::span<const float> b) {
  if (a.empty() || b.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// Places by one model among the candidates: 1 + those above it.
void place(const Slate& slate, std::size_t source, Matrix& rows, std::size_t column) {
  std::vector<float> known;
  for (const Candidate& candidate : slate.candidates)
    if (!std::isnan(candidate.raw[source])) known.push_back(candidate.raw[source]);
  std::sort(known.begin(), known.end(), std::greater<>());
  for (std::size_t n = 0; n < slate.candidates.size(); ++n) {
    const float raw = slate.candidates[n].raw[source];
    rows(n, column) = std::isnan(raw) ? raw : static_cast<float>(1 + (std::lower_bound(known.begin(), known.end(), raw, std::greater<>()) - known.begin()));
  }
}

}  // namespace

Matrix stack_rows(const World& world, const Request& request, const Slate& slate) {
  constexpr std::size_t kLately = 10;
  const ModelHistory history = model_history(world, request);
  const std::size_t sources = world.sources.size(), count = slate.candidates.size();
  Matrix rows(count, stack_features(world).size());
  float best = -std::numeric_limits<float>::infinity();
  for (const Candidate& candidate : slate.candidates) best = std::max(best, candidate.score);
  for (std::size_t s = 0; s < sources; ++s) place(slate, s, rows, sources + s);
  for (std::size_t n = 0; n < count; ++n) {
    const Candidate& candidate = slate.candidates[n];
    for (std::size_t s = 0; s < sources; ++s)
      rows(n, s) = slate.scales[s].sd > 0 ? static_cast<float>((candidate.raw[s] - slate.scales[s].mean) / slate.scales[s].sd) : 0;
    std::size_t at = 2 * sources;
    rows(n, at++) = candidate.score;
    rows(n, at++) = best - candidate.score;
    rows(n, at++) = static_cast<float>(world.takers(candidate.item));
    rows(n, at++) = static_cast<float>(history.places);
    if (world.vectors == nullptr) continue;
    double last = std::numeric_limits<double>::quiet_NaN(), near = last;
    const std::span<const float> own = world.vector(candidate.item);
    for (std::size_t t = history.touches.size(); t-- > 0 && history.touches.size() - t <= kLately;) {
      const double like = likeness(own, world.vector(history.touches[t].item));
      if (t + 1 == history.touches.size()) last = like;
      if (!std::isnan(like) && !(near >= like)) near = like;
    }
    rows(n, at++) = static_cast<float>(last);
    rows(n, at++) = static_cast<float>(near);
  }
  return rows;
}

}  // namespace attune::rank
