// Ranker: scoring, explaining, keeping. How it is learned: learn.cpp.
#include "attune/talk/ranking/ranker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/top_k.h"
#include "attune/talk/ranking/learn.h"

namespace attune::talk::ranking {
namespace {
constexpr std::uint32_t kFormat = 1;
}

double general_weight(std::string_view name) {
  // After the weights that ReDial's training dialogues gave the general figures alone (--general; R@20 .169 on the last fifth of them, by
  // one figure alone .085 at best), evened out over the attributes (.146): which of them counts is the catalogue's matter, not the program's.
  static const std::map<std::string, double, std::less<>> exact = {
      {"language", 0.1}, {"language_last", 0.05}, {"words", 0.1}, {"words_last", 0.02}, {"title", 0.02}, {"takers", 0.3}};
  if (const auto at = exact.find(name); at != exact.end()) return at->second;
  if (name == "model:popularity") return 0;
  if (name.starts_with("model:")) return 0.2;
  if (name.starts_with("shared:")) return 0.2;
  if (name.starts_with("named:")) return 0.2;
  if (name.starts_with("near:")) return 0.1;
  return 0;
}

double Ranker::weight(const std::string& name) const {
  if (weights_.empty()) return general_weight(name);
  for (const auto& [known, weight] : weights_)
    if (known == name) return weight;
  return 0;
}

std::vector<std::string> Ranker::names(const View& view) const {
  std::vector<std::string> names = view.names();
  if (past_ != nullptr) names.insert(names.end(), past_->names().begin(), past_->names().end());
  return names;
}

Matrix Ranker::figures(const View& view, const Heard& heard) const {
  Matrix figures(names(view).size(), view.item_count());
  view.fill(heard, figures);
  if (past_ != nullptr) past_->fill(view, heard, figures, view.names().size());
  return figures;
}

std::vector<float> Ranker::weighed(const View& view, const Matrix& figures) const {
  std::vector<float> sum(view.item_count(), 0.0f);
  const std::vector<std::string> names = this->names(view);
  for (std::size_t f = 0; f < names.size(); ++f) {
    const double weight = this->weight(names[f]);
    const rank::Scale scale = scale_of_row(figures.row(f));
    if (weight == 0 || scale.sd == 0) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(weight * (figures(f, i) - scale.mean) / scale.sd);
  }
  return sum;
}

std::vector<float> Ranker::score(const View& view, const Heard& heard, const Matrix& figures) const {
  std::vector<float> sum = weighed(view, figures);
  if (trees_ == nullptr) return sum;
  const std::vector<Scored> best = top_k(sum, candidates_, heard.named);
  std::vector<ItemId> items;
  for (const Scored& one : best) items.push_back(one.item);
  const std::vector<float> shares = trees_->shares(tree_rows(names(view), figures, heard, items, trees_->features()));
  if (shares.empty()) return sum;
  // What trees did not look at stays below what they raised and keeps its order.
  const float least = *std::min_element(shares.begin(), shares.end());
  for (float& score : sum) score += least;
  for (std::size_t c = 0; c < items.size(); ++c) sum[to_index(items[c])] += shares[c] - least;
  return sum;
}

std::vector<float> Ranker::score(const View& view, const Heard& heard) const { return score(view, heard, figures(view, heard)); }

Explanation Ranker::explain(const View& view, const Heard& heard, ItemId item) const {
  if (to_index(item) >= view.item_count()) throw Error(Code::bad_request, "item " + std::to_string(to_index(item)) + " of a catalogue of " + std::to_string(view.item_count()));
  const Matrix figures = this->figures(view, heard);
  const std::vector<std::string> names = this->names(view);
  Explanation why{"said", 0, {}};
  for (std::size_t f = 0; f < names.size(); ++f) {
    const double weight = this->weight(names[f]);
    const rank::Scale scale = scale_of_row(figures.row(f));
    if (weight == 0 || scale.sd == 0) continue;
    const double share = weight * (figures(f, to_index(item)) - scale.mean) / scale.sd;
    why.parts.push_back({"said:" + names[f], share, {}});
    why.value += share;
  }
  if (trees_ != nullptr) {
    const double trees = score(view, heard, figures)[to_index(item)] - why.value;
    why.parts.push_back({"trees", trees, {}});
    why.value += trees;
  }
  return why;
}

void Ranker::save(const std::filesystem::path& file) const {
  std::filesystem::create_directories(file.parent_path());
  ByteWriter out(file);
  out.number(kFormat);
  out.number(static_cast<std::uint64_t>(candidates_));
  out.number(static_cast<std::uint64_t>(weights_.size()));
  for (const auto& [name, weight] : weights_) {
    out.text(name);
    out.number(weight);
  }
  out.number(static_cast<std::uint8_t>(past_ != nullptr));
  if (past_ != nullptr) past_->save(out);
  out.number(static_cast<std::uint8_t>(trees_ != nullptr));
  if (trees_ != nullptr) trees_->save(out);
  out.close();
}

Ranker Ranker::load(const std::filesystem::path& file) {
  ByteReader in(file);
  const auto format = in.number<std::uint32_t>();
  if (format != kFormat) throw Error(Code::unsupported, file.string() + " has format " + std::to_string(format) + ", this program reads " + std::to_string(kFormat) + "; learn again from the dialogues");
  Ranker ranker;
  ranker.candidates_ = in.number<std::uint64_t>();
  const auto count = in.number<std::uint64_t>();
  for (std::uint64_t w = 0; w < count; ++w) {
    std::string name = in.text();
    const auto weight = in.number<double>();
    if (!std::isfinite(weight)) throw Error(Code::bad_data, file.string() + ": the weight of '" + name + "' is not finite");
    ranker.weights_.emplace_back(std::move(name), weight);
  }
  if (in.number<std::uint8_t>() != 0) ranker.past_ = std::make_shared<const Past>(Past::load(in));
  if (in.number<std::uint8_t>() != 0) ranker.trees_ = std::make_shared<const rank::Stacker>(rank::Stacker::load(in));
  return ranker;
}

}  // namespace attune::talk::ranking
