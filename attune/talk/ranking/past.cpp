// Past: counts, co-mentions and texts of the dialogues learned from; each figure is scored over the items it knows and then put
// to the ids of the world asked about.
#include "attune/talk/ranking/past.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"

namespace attune::talk::ranking {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kMostItems = 6000;       // EASE needs their square in memory, its inverse their cube in time: beyond, cosine alone
constexpr float kShrink = 2, kRidge = 3;       // not tuned
constexpr std::size_t kNeighbours = 100;       // questions like this one that vote, by the square of their likeness
constexpr std::size_t kMostValues = 200;       // attributes with more values are too rare to learn words for
constexpr double kLately = 200;                // dialogues after which a mention counts half
constexpr float kPrior = 10;                   // how many sayings of a word weigh as much as what is known without it

// Out of `similar` [questions] the largest, squared, given to what was recommended then.
void vote(std::span<const float> similar, const Sparse& recommended, std::span<float> out) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t q = 0; q < similar.size(); ++q)
    if (similar[q] > 0) order.push_back(q);
  const std::size_t most = std::min(kNeighbours, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return similar[a] != similar[b] ? similar[a] > similar[b] : a < b;
  });
  for (std::size_t k = 0; k < most; ++k)
    for (const std::uint32_t item : recommended.row_indices(order[k])) out[item] += similar[order[k]] * similar[order[k]];
}

const std::vector<float>* dense_of(const model::NewItem& item, const std::string& encoder) {
  const auto at = item.features.find(encoder);
  return at == item.features.end() || at->second.dense.empty() ? nullptr : &at->second.dense;
}

}  // namespace

void Past::learn_names(const View& view, const std::vector<Conversation>& conversations) {
  of_world_.assign(view.item_count(), 0);
  std::set<ItemId> named;
  for (const Conversation& conversation : conversations)
    for (const ItemId item : named_items(conversation)) named.insert(item);
  for (const ItemId item : named) {
    items_.push_back(view.world().item(item).name);
    of_world_[to_index(item)] = static_cast<std::uint32_t>(items_.size());
  }
  recommended_.assign(items_.size(), 0);
  mentioned_.assign(items_.size(), 0);
}

void Past::learn_together(const std::vector<Conversation>& conversations, const Run& run) {
  std::vector<std::map<std::uint32_t, float>> counts(items_.size());
  for (const Conversation& conversation : conversations) {
    const std::vector<ItemId> named = named_items(conversation);
    for (const ItemId a : named) {
      mentioned_[of_world_[to_index(a)] - 1] += 1;
      if (named.size() <= 200)   // who lists a whole catalogue says nothing of what goes with what
        for (const ItemId b : named) counts[of_world_[to_index(a)] - 1][of_world_[to_index(b)] - 1] += 1;
    }
  }
  together_.rows = together_.cols = items_.size();
  const bool is_small = items_.size() <= kMostItems && items_.size() * items_.size() * 8 < run.memory_bytes;
  if (is_small) closed_ = Matrix(items_.size(), items_.size());
  for (std::size_t a = 0; a < items_.size(); ++a) {
    for (const auto& [b, count] : counts[a]) {
      if (is_small) closed_(a, b) = count;
      if (a == b) continue;
      together_.indices.push_back(b);
      together_.values.push_back(count / (std::sqrt(mentioned_[a] * mentioned_[b]) + kShrink));
    }
    together_.offsets.push_back(together_.indices.size());
  }
  if (!is_small) {
    run.remark("more than " + std::to_string(kMostItems) + " items were named in the dialogues: what goes together is learned by cosine alone");
    return;
  }
  for (std::size_t a = 0; a < items_.size(); ++a) closed_(a, a) += kRidge;
  invert_spd(closed_, "co-mentions of dialogues");
  std::vector<float> diagonal(items_.size());
  for (std::size_t a = 0; a < items_.size(); ++a) diagonal[a] = closed_(a, a);
  for (std::size_t a = 0; a < items_.size(); ++a)
    for (std::size_t b = 0; b < items_.size(); ++b) closed_(a, b) = a == b ? 0 : -closed_(a, b) / diagonal[b];
}

void Past::learn_calls(const View& view, const std::vector<Question>& questions) {
  const std::size_t words = plain_.word_count();
  for (const WordAttribute& attribute : view.values().words()) {
    const std::size_t values = attribute.values.size();
    if (values > kMostValues || words == 0) continue;
    Calls calls{.attribute = attribute.name, .values = attribute.values, .lift = Matrix(words, values)};
    std::vector<double> said(words, 0), chance(values, 1e-4);
    for (std::size_t q = 0; q < questions.size(); ++q) {
      std::vector<float> have(values, 0);
      for (const ItemId item : questions[q].wanted)
        for (const std::uint32_t value : attribute.by_item.row_indices(to_index(item))) have[value] += 1 / static_cast<float>(questions[q].wanted.size());
      for (std::size_t v = 0; v < values; ++v) chance[v] += have[v] / static_cast<double>(questions.size());
      for (const std::uint32_t word : plain_.rows().row_indices(q)) {
        said[word] += 1;
        axpy(1, have, calls.lift.row(word));
      }
    }
    for (std::size_t w = 0; w < words; ++w)
      for (std::size_t v = 0; v < values; ++v)
        calls.lift(w, v) = static_cast<float>(std::log((calls.lift(w, v) + kPrior * chance[v]) / ((said[w] + kPrior) * chance[v])));
    calls_.push_back(std::move(calls));
  }
}

void Past::name_rows() {
  names_ = {"recommended", "mentioned", "lately", "together", "together_last"};
  if (!closed_.empty()) names_.push_back("together_closed");
  names_.push_back("alike");
  if (!language_.empty()) names_.push_back("alike_language");
  names_.push_back("told");
  for (const Calls& calls : calls_) names_.push_back("called:" + calls.attribute);
}

Past Past::learn(const View& view, const std::vector<Conversation>& conversations, const std::vector<Question>& questions,
                 std::span<const Heard* const> heard, std::span<const std::size_t> places, const Run& run) {
  if (questions.empty()) throw Error(Code::bad_data, "no turn of the dialogues recommends an item of this catalogue that was not named before: nothing to learn from");
  ATTUNE_ASSERT(heard.size() == questions.size(), "what was said before each question");
  Past past;
  past.dialogues_ = conversations.size();
  past.learn_names(view, conversations);
  past.learn_together(conversations, run);
  ATTUNE_ASSERT(places.size() == conversations.size(), "one place a conversation");
  std::vector<std::vector<std::uint32_t>> told_in(past.items_.size());
  for (std::size_t c = 0; c < conversations.size(); ++c)
    for (const ItemId item : named_items(conversations[c])) told_in[past.of_world_[to_index(item)] - 1].push_back(static_cast<std::uint32_t>(places[c]));
  past.end_ = places.empty() ? 0 : places.back() + 1;
  past.told_in_.rows = past.items_.size();
  past.told_in_.cols = past.end_;
  for (const auto& row : told_in) {
    past.told_in_.indices.insert(past.told_in_.indices.end(), row.begin(), row.end());
    past.told_in_.values.resize(past.told_in_.indices.size(), 1.0f);
    past.told_in_.offsets.push_back(past.told_in_.indices.size());
  }
  std::vector<std::string> texts, plain;
  past.recommended_after_.rows = questions.size();
  past.recommended_after_.cols = past.items_.size();
  for (std::size_t q = 0; q < questions.size(); ++q) {
    texts.push_back(heard[q]->text);
    plain.push_back(heard[q]->plain);
    std::set<std::uint32_t> wanted;
    for (const ItemId item : questions[q].wanted) wanted.insert(past.of_world_[to_index(item)] - 1);
    for (const std::uint32_t item : wanted) {
      past.recommended_[item] += 1;
      past.recommended_after_.indices.push_back(item);
      past.recommended_after_.values.push_back(1);
    }
    past.recommended_after_.offsets.push_back(past.recommended_after_.indices.size());
  }
  past.texts_ = TextIndex::build(texts, {.pairs = true, .least = 2, .common = 0.25}, run);
  past.plain_ = TextIndex::build(plain, {.pairs = false, .least = 3, .common = 0.4}, run);
  std::vector<std::map<std::uint32_t, double>> told(past.items_.size());
  for (std::size_t q = 0; q < questions.size(); ++q)
    for (const std::uint32_t item : past.recommended_after_.row_indices(q))
      for (std::size_t k = 0; k < past.plain_.rows().row_size(q); ++k)
        told[item][past.plain_.rows().row_indices(q)[k]] += past.plain_.rows().row_values(q)[k];
  for (const auto& row : told) {
    double sum = 0;
    for (const auto& [word, weight] : row) sum += weight * weight;
    past.told_lengths_.push_back(static_cast<float>(std::sqrt(sum)));
  }
  for (const auto& [name, row] : heard[0]->read.features)
    if (past.encoder_.empty() && !row.dense.empty()) past.encoder_ = name;
  if (!past.encoder_.empty()) {
    past.language_ = Matrix(questions.size(), dense_of(heard[0]->read, past.encoder_)->size());
    for (std::size_t q = 0; q < questions.size(); ++q)
      if (const auto* row = dense_of(heard[q]->read, past.encoder_)) std::copy(row->begin(), row->end(), past.language_.row(q).begin());
  }
  past.learn_calls(view, questions);
  past.of_world_.clear();
  past.name_rows();
  return past;
}

std::vector<std::int64_t> Past::places(const rank::World& world) const {
  std::vector<std::int64_t> places;
  for (const std::string& name : items_) {
    const auto id = world.find(name);
    places.push_back(id ? static_cast<std::int64_t>(to_index(*id)) : -1);
  }
  return places;
}

void Past::fill(const View& view, const Heard& heard, Matrix& out, std::size_t first) const {
  const std::vector<std::int64_t> places = this->places(view.world());
  std::unordered_map<std::int64_t, std::uint32_t> own;
  for (std::uint32_t i = 0; i < places.size(); ++i)
    if (places[i] >= 0) own[places[i]] = i;
  std::size_t at = first;
  const auto put = [&](std::span<const float> figures) {
    const auto row = out.row(at++);
    std::fill(row.begin(), row.end(), 0.0f);
    for (std::size_t i = 0; i < figures.size(); ++i)
      if (places[i] >= 0) row[static_cast<std::size_t>(places[i])] = figures[i];
  };
  const std::size_t n = items_.size();
  std::vector<float> figures(n);
  const auto clear = [&] { std::fill(figures.begin(), figures.end(), 0.0f); };
  for (std::size_t i = 0; i < n; ++i) figures[i] = std::log1p(recommended_[i]);
  put(figures);
  for (std::size_t i = 0; i < n; ++i) figures[i] = std::log1p(mentioned_[i]);
  put(figures);
  const double now = static_cast<double>(heard.place.value_or(end_));
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (const std::uint32_t place : told_in_.row_indices(i)) sum += std::exp2(-std::abs(now - place) / kLately);
    figures[i] = static_cast<float>(std::log1p(sum));
  }
  put(figures);

  float loud = 0;
  for (const Mention& mention : heard.history) loud += std::abs(mention.stance);
  if (loud <= 0) loud = 1;
  clear();
  std::vector<float> last(n, 0.0f), closed(n, 0.0f);
  for (const Mention& mention : heard.history) {
    const auto known = own.find(static_cast<std::int64_t>(to_index(mention.item)));
    if (known == own.end()) continue;
    const auto with = together_.row_indices(known->second);
    const auto weights = together_.row_values(known->second);
    const bool is_last = &mention == &heard.history.back();
    for (std::size_t k = 0; k < with.size(); ++k) {
      figures[with[k]] += mention.stance / loud * weights[k];
      if (is_last) last[with[k]] = (mention.stance < 0 ? -1.0f : 1.0f) * weights[k];
    }
    if (!closed_.empty()) axpy(mention.stance / loud, closed_.row(known->second), closed);
  }
  put(figures);
  put(last);
  if (!closed_.empty()) put(closed);

  std::vector<float> similar(question_count(), 0.0f);
  texts_.add(texts_.read(heard.text), similar);
  clear();
  vote(similar, recommended_after_, figures);
  put(figures);
  if (!language_.empty()) {
    clear();
    if (const auto* vector = dense_of(heard.read, encoder_); vector != nullptr && vector->size() == language_.cols()) {
      for (std::size_t q = 0; q < question_count(); ++q) similar[q] = dot(language_.row(q), *vector);
      vote(similar, recommended_after_, figures);
    }
    put(figures);
  }
  const WordRow plain = plain_.read(heard.plain);
  std::fill(similar.begin(), similar.end(), 0.0f);
  plain_.add(plain, similar);
  clear();
  for (std::size_t q = 0; q < question_count(); ++q)
    for (const std::uint32_t item : recommended_after_.row_indices(q))
      if (told_lengths_[item] > 0) figures[item] += similar[q] / told_lengths_[item];
  put(figures);

  for (const Calls& calls : calls_) {
    const auto row = out.row(at++);
    std::fill(row.begin(), row.end(), 0.0f);
    const WordAttribute* attribute = nullptr;
    for (const WordAttribute& one : view.values().words())
      if (one.name == calls.attribute) attribute = &one;
    if (attribute == nullptr) continue;
    std::vector<float> wanted(calls.values.size(), 0.0f);
    for (const auto& [text, age] : heard.turns)
      for (const std::uint32_t word : plain_.read(text).words) axpy(age, calls.lift.row(word), wanted);
    for (std::size_t v = 0; v < wanted.size(); ++v) {
      const auto value = std::lower_bound(attribute->values.begin(), attribute->values.end(), calls.values[v]);
      if (value == attribute->values.end() || *value != calls.values[v]) continue;
      const auto items = attribute->by_value.row_indices(static_cast<std::size_t>(value - attribute->values.begin()));
      for (const std::uint32_t item : items) row[item] += wanted[v] / std::sqrt(static_cast<float>(attribute->by_item.row_size(item)));
    }
  }
  ATTUNE_ASSERT(at == first + names_.size(), "one row a name");
}

std::size_t Past::size_bytes() const noexcept {
  std::size_t sum = together_.size_bytes() + closed_.size_bytes() + texts_.rows().size_bytes() * 2 + plain_.rows().size_bytes() * 2 +
                    recommended_after_.size_bytes() + language_.size_bytes();
  for (const Calls& calls : calls_) sum += calls.lift.size_bytes();
  return sum;
}

void Past::save(ByteWriter& out) const {
  out.number(kFormat);
  out.number(static_cast<std::uint64_t>(dialogues_));
  out.number(static_cast<std::uint64_t>(items_.size()));
  for (const std::string& item : items_) out.text(item);
  out.array(std::span<const float>(recommended_));
  out.array(std::span<const float>(mentioned_));
  out.sparse(told_in_);
  out.sparse(together_);
  out.matrix(closed_);
  texts_.save(out);
  plain_.save(out);
  out.sparse(recommended_after_);
  out.array(std::span<const float>(told_lengths_));
  out.matrix(language_);
  out.text(encoder_);
  out.number(static_cast<std::uint64_t>(calls_.size()));
  for (const Calls& calls : calls_) {
    out.text(calls.attribute);
    out.number(static_cast<std::uint64_t>(calls.values.size()));
    for (const std::string& value : calls.values) out.text(value);
    out.matrix(calls.lift);
  }
}

Past Past::load(ByteReader& in) {
  const auto format = in.number<std::uint32_t>();
  if (format != kFormat) throw Error(Code::unsupported, "what was learned from dialogues has format " + std::to_string(format) + ", this program reads " + std::to_string(kFormat) + "; learn again");
  Past past;
  past.dialogues_ = in.number<std::uint64_t>();
  const auto items = in.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < items; ++i) past.items_.push_back(in.text());
  past.recommended_ = in.array<float>();
  past.mentioned_ = in.array<float>();
  past.told_in_ = in.sparse();
  past.end_ = past.told_in_.cols;
  past.together_ = in.sparse();
  past.closed_ = in.matrix();
  past.texts_ = TextIndex::load(in);
  past.plain_ = TextIndex::load(in);
  past.recommended_after_ = in.sparse();
  past.told_lengths_ = in.array<float>();
  past.language_ = in.matrix();
  past.encoder_ = in.text();
  const auto calls = in.number<std::uint64_t>();
  for (std::uint64_t c = 0; c < calls; ++c) {
    Calls one{.attribute = in.text()};
    const auto values = in.number<std::uint64_t>();
    for (std::uint64_t v = 0; v < values; ++v) one.values.push_back(in.text());
    one.lift = in.matrix();
    if (one.lift.cols() != values || one.lift.rows() != past.plain_.word_count()) throw Error(Code::bad_data, "what words call for in '" + one.attribute + "' does not fit its words and values; learn again");
    past.calls_.push_back(std::move(one));
  }
  const std::size_t n = past.items_.size(), q = past.recommended_after_.rows;
  if (past.recommended_.size() != n || past.mentioned_.size() != n || past.told_lengths_.size() != n || past.told_in_.rows != n || past.together_.rows != n || past.together_.cols != n ||
      (!past.closed_.empty() && (past.closed_.rows() != n || past.closed_.cols() != n)) || past.recommended_after_.cols != n || past.texts_.rows().rows != q ||
      past.plain_.rows().rows != q || (!past.language_.empty() && past.language_.rows() != q))
    throw Error(Code::bad_data, "what was learned from dialogues does not fit together; learn again");
  past.name_rows();
  return past;
}

}  // namespace attune::talk::ranking
