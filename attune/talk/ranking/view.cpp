// View: figures from the fitted models, the encoders, the words and the attributes of the items.
#include "attune/talk/ranking/view.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/rank/request.h"

namespace attune::talk::ranking {
namespace {

constexpr float kAge = 0.8f;               // what was said two turns ago counts so much; not tuned
constexpr float kRecommender = 0.6f;       // an item the recommender named counts less than one the seeker named
constexpr std::size_t kRecentTurns = 60;   // older words count a thousandth; their items still do
constexpr std::size_t kTextBytes = 4000;   // the newest of a long conversation: encoders read some 500 words

std::string all_words(const data::CatalogueItem& item) {
  std::string text = item.text;
  if (!item.attributes.is_object()) return text;
  for (const auto& [name, value] : item.attributes.as_object()) {
    if (value.is_string()) text += " " + value.as_string();
    if (value.is_array())
      for (const Json& one : value.as_array())
        if (one.is_string()) text += " " + one.as_string();
  }
  return text;
}

// The newest `bytes` of a text, from the beginning of a word on.
std::string newest(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  const std::size_t at = text.find(' ', text.size() - bytes);
  return text.substr(at == std::string::npos ? text.size() - bytes : at + 1);
}

// Every holder of a value gets its weight times what the value says of it.
void add_holders(const WordAttribute& attribute, const std::map<std::uint32_t, float>& values, std::span<float> out) {
  for (const auto& [value, weight] : values) {
    const auto items = attribute.by_value.row_indices(value);
    const auto weights = attribute.by_value.row_values(value);
    for (std::size_t k = 0; k < items.size(); ++k) out[items[k]] += weight * weights[k];
  }
}

// `near`: distance to the mean of the items named, negative, in spreads; `is`: the number itself. Items without it get the mean.
void nearness(const Heard& heard, const NumberAttribute& attribute, std::span<float> near, std::span<float> is) {
  double sum = 0, weight = 0, mean = 0, known = 0;
  for (const Mention& mention : heard.history) {
    const float value = attribute.values[to_index(mention.item)];
    if (std::isnan(value) || mention.stance <= 0) continue;
    sum += mention.stance * value;
    weight += mention.stance;
  }
  for (const float value : attribute.values)
    if (!std::isnan(value)) mean += value, ++known;
  mean /= std::max(known, 1.0);
  for (std::size_t i = 0; i < near.size(); ++i) {
    const double value = std::isnan(attribute.values[i]) ? mean : attribute.values[i];
    is[i] = static_cast<float>((value - mean) / attribute.sd);
    near[i] = weight > 0 ? static_cast<float>(-std::abs(value - sum / weight) / attribute.sd) : 0;
  }
}

}  // namespace

float loudness(const Heard& heard) {
  float loud = 0;
  for (const Mention& mention : heard.history) loud += std::abs(mention.stance);
  return loud > 0 ? loud : 1;
}

View::View(std::shared_ptr<const rank::World> world, std::shared_ptr<const engine::Reader> reader, const Run& run)
    : world_(std::move(world)), reader_(std::move(reader)), values_(*world_) {
  std::vector<std::string> texts, titles;
  for (std::size_t i = 0; i < world_->item_count(); ++i) {
    const bool gone = world_->is_gone(item_at(i));
    texts.push_back(gone ? "" : all_words(world_->item(item_at(i))));
    titles.push_back(gone ? "" : title_of(world_->item(item_at(i))));
  }
  words_ = TextIndex::build(texts, {.pairs = true, .least = 2, .common = 0.25}, run);
  titles_ = TextIndex::build(titles, {.pairs = false, .least = 2, .common = 0.02}, run);
  for (const rank::Source& source : world_->sources) names_.push_back("model:" + source.name);
  if (reader_ != nullptr && !reader_->empty()) names_.insert(names_.end(), {"language", "language_last"});
  names_.insert(names_.end(), {"words", "words_last", "title"});
  for (const WordAttribute& attribute : values_.words()) {
    names_.push_back("shared:" + attribute.name);
    names_.push_back("named:" + attribute.name);
  }
  for (const NumberAttribute& attribute : values_.numbers()) {
    names_.push_back("near:" + attribute.name);
    names_.push_back("is:" + attribute.name);
  }
  names_.push_back("takers");
}

Heard View::hear(const Conversation& conversation, const Run& run) const {
  Heard heard = listen(conversation);
  if (reader_ == nullptr || reader_->empty()) return heard;
  if (!heard.plain.empty()) heard.read = reader_->read(heard.plain, run);
  if (!heard.last.empty()) heard.read_last = heard.last == heard.plain ? heard.read : reader_->read(heard.last, run);
  return heard;
}

std::vector<Heard> View::hear_all(const std::vector<Conversation>& conversations, const std::string& cache_folder, const Run& run) const {
  std::vector<Heard> list;
  for (const Conversation& conversation : conversations) list.push_back(listen(conversation));
  if (reader_ == nullptr || reader_->empty()) return list;
  std::vector<std::string> texts;
  for (const Heard& heard : list) texts.insert(texts.end(), {heard.plain, heard.last});
  for (const engine::Reading& reading : reader_->readings()) {
    const std::string name = reading.encoder->name();
    if (reading.encoder->is_sparse()) {
      const data::ItemFeatures features = reading.encoder->encode(texts, run);
      for (std::size_t t = 0; t < texts.size(); ++t) {
        const auto words = features.sparse.row_indices(t);
        const auto values = features.sparse.row_values(t);
        if (words.empty()) continue;
        (t % 2 == 0 ? list[t / 2].read : list[t / 2].read_last).features[name] = {.indices = {words.begin(), words.end()}, .values = {values.begin(), values.end()}};
      }
      continue;
    }
    const Matrix vectors = encode::item_vectors(*reading.encoder, texts, cache_folder, run);
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const auto row = vectors.row(t);
      if (std::all_of(row.begin(), row.end(), [](float x) { return x == 0; })) continue;
      (t % 2 == 0 ? list[t / 2].read : list[t / 2].read_last).features[name].dense.assign(row.begin(), row.end());
    }
  }
  return list;
}

Heard View::listen(const Conversation& conversation) const {
  Heard heard;
  const std::size_t n = conversation.turns.size();
  std::map<ItemId, float> weights;
  std::vector<ItemId> order;
  for (std::size_t t = 0; t < n; ++t) {
    const Said& said = conversation.turns[t];
    const std::string& plain = said.plain.empty() ? said.text : said.plain;
    const float age = std::pow(kAge, static_cast<float>(n - 1 - t) / 2);
    const bool is_recent = n - t <= kRecentTurns;
    if (is_recent) {
      heard.text += (heard.text.empty() ? "" : " ") + said.text;
      heard.plain += (heard.plain.empty() ? "" : " ") + plain;
    }
    if (t + 2 >= n) heard.last += (heard.last.empty() ? "" : " ") + plain;
    if (is_recent) heard.turns.emplace_back(newest(plain, kTextBytes), age);
    for (const Mention& mention : said.mentions) {
      if (to_index(mention.item) >= item_count()) throw Error(Code::bad_request, "a conversation names item " + std::to_string(to_index(mention.item)) + " of a catalogue of " + std::to_string(item_count()));
      weights[mention.item] = mention.stance * age * (said.is_seeker ? 1.0f : kRecommender);
      std::erase(order, mention.item);
      order.push_back(mention.item);
    }
  }
  heard.text = newest(std::move(heard.text), kTextBytes);
  heard.plain = newest(std::move(heard.plain), kTextBytes);
  heard.last = newest(std::move(heard.last), kTextBytes);
  for (const ItemId item : order) heard.history.push_back({item, weights[item]});
  for (const auto& [item, weight] : weights) heard.named.push_back(item);
  return heard;
}

void View::models(const Heard& heard, Matrix& out, std::size_t first) const {
  if (world_->sources.empty()) return;
  rank::Request request;
  for (const Mention& mention : heard.history)
    if (!world_->is_gone(mention.item)) request.history.push_back({mention.item, mention.stance});
  const rank::ModelHistory history = rank::model_history(*world_, request);
  const model::Query query{.history = history.touches};
  const std::size_t fitted = world_->fitted_count();
  for (std::size_t s = 0; s < world_->sources.size(); ++s) {
    const rank::Source& source = world_->sources[s];
    const auto row = out.row(first + s);
    source.model->score_all(query, row.first(fitted));
    if (world_->fresh.empty()) continue;
    const std::vector<Scored> input = source.model->input(query);
    const auto vector = source.model->query_vector(query);
    for (std::size_t f = 0; f < world_->fresh.size(); ++f) {
      const rank::FreshItem& fresh = *world_->fresh[f];
      if (const auto column = fresh.columns.find(source.name); column != fresh.columns.end())
        for (const Scored& touch : input) row[fitted + f] += touch.score * column->second[to_index(touch.item)];
      else if (const auto place = fresh.item_vectors.find(source.name); vector && place != fresh.item_vectors.end())
        row[fitted + f] = dot(*vector, place->second);
    }
  }
}

void View::language(const Heard& heard, std::span<float> all, std::span<float> last) const {
  const std::size_t fitted = world_->fitted_count();
  reader_->similarity(heard.read, all.first(fitted));
  reader_->similarity(heard.read_last, last.first(fitted));
  for (std::size_t f = 0; f < world_->fresh.size(); ++f) {
    all[fitted + f] = reader_->similarity(heard.read, world_->fresh[f]->read);
    last[fitted + f] = reader_->similarity(heard.read_last, world_->fresh[f]->read);
  }
}

void View::title(const Heard& heard, std::span<float> out) const {
  std::map<std::uint32_t, float> said;
  for (const Mention& mention : heard.history) {
    const auto words = titles_.rows().row_indices(to_index(mention.item));
    const auto weights = titles_.rows().row_values(to_index(mention.item));
    for (std::size_t k = 0; k < words.size(); ++k) said[words[k]] += mention.stance * weights[k];
  }
  WordRow row;
  for (const auto& [word, weight] : said) {
    row.words.push_back(word);
    row.weights.push_back(weight);
  }
  titles_.add(row, out);
}

std::vector<std::map<std::uint32_t, float>> View::said_values(const Heard& heard) const {
  std::vector<std::map<std::uint32_t, float>> said(values_.words().size());
  for (const auto& [plain, age] : heard.turns)
    for (const ItemValues::Named& named : values_.named_in(plain)) {
      float& so_far = said[named.attribute][named.value];
      so_far = std::max(so_far, age);
    }
  return said;
}

std::map<std::uint32_t, float> View::shared_values(const Heard& heard, const WordAttribute& attribute) const {
  const float loud = loudness(heard);
  std::map<std::uint32_t, float> shared;
  for (const Mention& mention : heard.history) {
    const auto have = attribute.by_item.row_indices(to_index(mention.item));
    const auto weights = attribute.by_item.row_values(to_index(mention.item));
    for (std::size_t k = 0; k < have.size(); ++k) shared[have[k]] += mention.stance / loud * weights[k];
  }
  return shared;
}

void View::fill(const Heard& heard, Matrix& out, std::size_t first) const {
  ATTUNE_ASSERT(out.cols() == item_count() && out.rows() >= first + names_.size(), "room for every figure of every item");
  std::size_t at = first;
  for (std::size_t r = first; r < first + names_.size(); ++r) std::fill(out.row(r).begin(), out.row(r).end(), 0.0f);
  models(heard, out, at);
  at += world_->sources.size();
  if (reader_ != nullptr && !reader_->empty()) {
    language(heard, out.row(at), out.row(at + 1));
    at += 2;
  }
  words_.add(words_.read(heard.plain), out.row(at++));
  words_.add(words_.read(heard.last), out.row(at++));
  title(heard, out.row(at++));
  const auto said = said_values(heard);
  for (std::size_t a = 0; a < said.size(); ++a) {
    const WordAttribute& attribute = values_.words()[a];
    add_holders(attribute, shared_values(heard, attribute), out.row(at++));
    add_holders(attribute, said[a], out.row(at++));
  }
  for (const NumberAttribute& attribute : values_.numbers()) {
    nearness(heard, attribute, out.row(at), out.row(at + 1));
    at += 2;
  }
  const auto takers = out.row(at++);
  for (std::size_t i = 0; i < takers.size(); ++i) takers[i] = std::log1p(static_cast<float>(world_->takers(item_at(i))));
  ATTUNE_ASSERT(at == first + names_.size(), "one row a name");
}

}  // namespace attune::talk::ranking
