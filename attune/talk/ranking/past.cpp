// Past: counts, co-mentions and texts of the dialogues learned from; each figure is scored over the items it knows and then put
// to the ids of the world asked about. How it is learned: past_learn.cpp.
#include "attune/talk/ranking/past.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/core/kernels.h"

namespace attune::talk::ranking {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kNeighbours = 100;       // questions like this one that vote, by the square of their likeness
constexpr double kLately = 200;                // dialogues after which a mention counts half

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

}  // namespace

// Row after row of figures: those over own items are put to the ids of a world, items that are gone are passed over.
class Past::Rows {
 public:
  Rows(const Past& past, const rank::World& world, Matrix& out, std::size_t first) : out_(out), at_(first) {
    for (std::uint32_t i = 0; i < past.items_.size(); ++i) {
      const auto id = world.find(past.items_[i]);
      places_.push_back(id ? static_cast<std::int64_t>(to_index(*id)) : -1);
      if (id) own_[to_index(*id)] = i;
    }
  }
  std::span<float> next() {
    const auto row = out_.row(at_++);
    std::fill(row.begin(), row.end(), 0.0f);
    return row;
  }
  void put(std::span<const float> figures) {
    const auto row = next();
    for (std::size_t i = 0; i < figures.size(); ++i)
      if (places_[i] >= 0) row[static_cast<std::size_t>(places_[i])] = figures[i];
  }
  std::optional<std::uint32_t> own(ItemId item) const {
    const auto at = own_.find(to_index(item));
    return at == own_.end() ? std::nullopt : std::optional(at->second);
  }
  std::size_t at() const noexcept { return at_; }

 private:
  Matrix& out_;
  std::size_t at_;
  std::vector<std::int64_t> places_;                       // [own items] id in the world; -1 = not there
  std::unordered_map<std::size_t, std::uint32_t> own_;     // the other way round
};

const std::vector<float>* Past::dense_of(const model::NewItem& item, const std::string& encoder) {
  const auto at = item.features.find(encoder);
  return at == item.features.end() || at->second.dense.empty() ? nullptr : &at->second.dense;
}

void Past::name_rows() {
  names_ = {"recommended", "mentioned", "lately", "together", "together_last"};
  if (!closed_.empty()) names_.push_back("together_closed");
  names_.push_back("alike");
  if (!language_.empty()) names_.push_back("alike_language");
  names_.push_back("told");
  for (const Calls& calls : calls_) names_.push_back("called:" + calls.attribute);
}

void Past::often(const Heard& heard, Rows& rows) const {
  const std::size_t n = items_.size();
  std::vector<float> figures(n);
  for (std::size_t i = 0; i < n; ++i) figures[i] = std::log1p(recommended_[i]);
  rows.put(figures);
  for (std::size_t i = 0; i < n; ++i) figures[i] = std::log1p(mentioned_[i]);
  rows.put(figures);
  const double now = static_cast<double>(heard.place.value_or(end_));
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (const std::uint32_t place : told_in_.row_indices(i)) sum += std::exp2(-std::abs(now - place) / kLately);
    figures[i] = static_cast<float>(std::log1p(sum));
  }
  rows.put(figures);
}

void Past::together(const Heard& heard, Rows& rows) const {
  const std::size_t n = items_.size();
  const float loud = loudness(heard);
  std::vector<float> all(n, 0.0f), last(n, 0.0f), closed(n, 0.0f);
  for (const Mention& mention : heard.history) {
    const auto known = rows.own(mention.item);
    if (!known) continue;
    const auto with = together_.row_indices(*known);
    const auto weights = together_.row_values(*known);
    const bool is_last = &mention == &heard.history.back();
    for (std::size_t k = 0; k < with.size(); ++k) {
      all[with[k]] += mention.stance / loud * weights[k];
      if (is_last) last[with[k]] = (mention.stance < 0 ? -1.0f : 1.0f) * weights[k];
    }
    if (!closed_.empty()) axpy(mention.stance / loud, closed_.row(*known), closed);
  }
  rows.put(all);
  rows.put(last);
  if (!closed_.empty()) rows.put(closed);
}

void Past::alike(const Heard& heard, Rows& rows) const {
  std::vector<float> similar(question_count(), 0.0f), figures(items_.size(), 0.0f);
  texts_.add(texts_.read(heard.text), similar);
  vote(similar, recommended_after_, figures);
  rows.put(figures);
  if (language_.empty()) return;
  std::fill(figures.begin(), figures.end(), 0.0f);
  if (const auto* vector = dense_of(heard.read, encoder_); vector != nullptr && vector->size() == language_.cols()) {
    for (std::size_t q = 0; q < question_count(); ++q) similar[q] = dot(language_.row(q), *vector);
    vote(similar, recommended_after_, figures);
  }
  rows.put(figures);
}

void Past::told(const Heard& heard, Rows& rows) const {
  std::vector<float> similar(question_count(), 0.0f), figures(items_.size(), 0.0f);
  plain_.add(plain_.read(heard.plain), similar);
  for (std::size_t q = 0; q < question_count(); ++q)
    for (const std::uint32_t item : recommended_after_.row_indices(q))
      if (told_lengths_[item] > 0) figures[item] += similar[q] / told_lengths_[item];
  rows.put(figures);
}

void Past::called(const View& view, const Heard& heard, const Calls& calls, std::span<float> row) const {
  const auto& words = view.values().words();
  const auto attribute = std::find_if(words.begin(), words.end(), [&](const WordAttribute& one) { return one.name == calls.attribute; });
  if (attribute == words.end()) return;
  std::vector<float> wanted(calls.values.size(), 0.0f);
  for (const auto& [text, age] : heard.turns)
    for (const std::uint32_t word : plain_.read(text).words) axpy(age, calls.lift.row(word), wanted);
  for (std::size_t v = 0; v < wanted.size(); ++v) {
    const auto value = std::lower_bound(attribute->values.begin(), attribute->values.end(), calls.values[v]);
    if (value == attribute->values.end() || *value != calls.values[v]) continue;
    for (const std::uint32_t item : attribute->by_value.row_indices(static_cast<std::size_t>(value - attribute->values.begin())))
      row[item] += wanted[v] / std::sqrt(static_cast<float>(attribute->by_item.row_size(item)));
  }
}

void Past::fill(const View& view, const Heard& heard, Matrix& out, std::size_t first) const {
  Rows rows(*this, view.world(), out, first);
  often(heard, rows);
  together(heard, rows);
  alike(heard, rows);
  told(heard, rows);
  for (const Calls& calls : calls_) called(view, heard, calls, rows.next());
  ATTUNE_ASSERT(rows.at() == first + names_.size(), "one row a name");
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
