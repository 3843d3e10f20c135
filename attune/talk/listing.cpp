// Listing: a rank::Request made of the dialogue, run through the standard pipeline.
#include "attune/talk/listing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/rank/scores.h"
#include "attune/rank/stage.h"
#include "attune/talk/constraints.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr std::size_t kPool = 50;
constexpr double kTextWeight = 2;       // of the text's cosine as a z-score: as engine::recommend weighs a free text
constexpr double kWordsWeight = 8;      // of an item that has all of the wish's words, weighed by how rare they are
constexpr double kTowardWeight = 1.5;   // of the cosine to an item pointed at, as a z-score
constexpr double kAwayWeight = -0.75;
constexpr float kLikedTouch = 1, kTowardTouch = 0.7f, kAwayTouch = -0.5f, kDislikedTouch = -1;
constexpr std::size_t kMoves = 12;      // the newest items that move the list

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void standardise(std::vector<float>& values, double weight) {
  const rank::Scale scale = rank::scale_of(values);
  if (!(scale.sd > 0)) {
    values.clear();
    return;
  }
  for (float& x : values) x = static_cast<float>(weight * (x - scale.mean) / scale.sd);
}

struct WishWord {
  std::vector<std::uint32_t> items;     // that have it, in either language
  double rareness = 0;
};

// The words of a wish that the catalogue has. `gloss`: those it has in the other language, for encoders that read one.
std::vector<WishWord> wish_words(const Lexicon& lexicon, const std::string& about, std::string& gloss) {
  std::vector<WishWord> found;
  const auto look = [&](const std::string& word) {
    const double rare = lexicon.rareness(word);
    if (!(rare > 0)) return false;
    found.push_back({lexicon.with_word(word), rare});
    if (has_han(word))
      for (const std::string& other : translations(word)) gloss += " " + other;
    return true;
  };
  const std::vector<Token> tokens = tokens_of(about);
  for (std::size_t t = 0; t < tokens.size();) {
    if (tokens[t].kind != Token::han) {
      if (tokens[t].kind == Token::word) look(tokens[t].text);
      ++t;
      continue;
    }
    // the longest piece of up to four characters that is a word here; a lone character only when it can be translated
    std::size_t used = 0;
    for (std::size_t n = std::min<std::size_t>(4, tokens.size() - t); n > 0 && used == 0; --n) {
      const std::string piece = written(std::span(tokens).subspan(t, n));
      if (!std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(t), tokens.begin() + static_cast<std::ptrdiff_t>(t + n), [](const Token& x) { return x.kind == Token::han; })) continue;
      if ((n > 1 || !translations(piece).empty()) && look(piece)) used = n;
    }
    t += std::max<std::size_t>(used, 1);
  }
  return found;
}

// Cosine of the words to every item, and how many of the words each item has.
std::vector<float> text_scores(const engine::Engine& engine, const Lexicon& lexicon, const std::string& about, rank::Request& request) {
  const rank::World& world = lexicon.world();
  const auto snapshot = engine.snapshot();
  std::string gloss;
  const std::vector<WishWord> words = wish_words(lexicon, about, gloss);
  std::vector<float> text(world.item_count(), 0.0f);
  const model::NewItem read = snapshot->reader->read(about + gloss, Run{});
  if (!read.features.empty() && world.fitted_count() == snapshot->catalogue->item_count()) {
    snapshot->reader->similarity(read, std::span<float>(text).first(world.fitted_count()));
    for (std::size_t f = 0; f < world.fresh.size(); ++f) text[world.fitted_count() + f] = snapshot->reader->similarity(read, world.fresh[f]->read);
    request.about = engine::nearest_of(std::span<const float>(text).first(world.fitted_count()),
                                       static_cast<std::size_t>(std::max(engine.settings().lists.about_items, 1)), engine.settings().lists.about_temperature);
  }
  standardise(text, kTextWeight);
  if (text.empty()) text.assign(world.item_count(), 0.0f);
  double total = 0;
  for (const WishWord& word : words) total += word.rareness;
  for (const WishWord& word : words)
    for (const std::uint32_t i : word.items) text[i] += static_cast<float>(kWordsWeight * word.rareness / total);
  if (std::all_of(text.begin(), text.end(), [](float x) { return x == 0; })) text.clear();
  return text;
}

std::vector<float> cosines(const rank::World& world, ItemId to) {
  const std::span<const float> from = world.vector(to);
  std::vector<float> similar(world.item_count(), 0.0f);
  if (from.empty()) return {};
  for (std::size_t i = 0; i < similar.size(); ++i)
    if (const auto row = world.vector(item_at(i)); row.size() == from.size()) similar[i] = dot(from, row);
  return similar;
}

void sort_unique(std::vector<ItemId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

Asked request_for(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ListingAsk& ask) {
  const rank::World& world = lexicon.world();
  Asked asked;
  rank::Request& request = asked.request;
  request.id = ask.request;
  request.user = ask.user;
  request.language = ask.language;
  request.now_ms = now_ms();
  request.k = static_cast<int>(kPool);
  request.diversity = static_cast<float>(engine.settings().lists.diversity);
  request.caps = engine::parse_caps(engine.settings().lists.caps);
  if (!ask.user.empty()) {
    const data::EventTypes& types = engine.settings().events;
    const std::vector<data::StoredEvent> events = engine.store().user_events(ask.user);
    std::int64_t newest = 0;
    for (const data::StoredEvent& e : events) newest = std::max(newest, e.event.time_ms);
    for (const data::StoredEvent& e : events) {
      const auto item = world.find(e.event.item);
      if (!item) continue;
      request.history.push_back({.item = *item, .weight = data::event_weight(types, e.event.type, e.event.value, e.event.time_ms, newest), .time_ms = e.event.time_ms});
      if (data::event_hides(types, e.event.type)) request.seen.push_back(*item);
    }
    sort_unique(request.seen);
    asked.is_known = !request.history.empty();
  }
  const Wants& wants = dialogue.wants;
  std::vector<std::pair<ItemId, double>> movers;
  const auto point = [&](const std::vector<std::string>& names, float touch, double move, bool is_out) {
    for (std::size_t n = names.size() > kMoves ? names.size() - kMoves : 0; n < names.size(); ++n) {
      const auto id = world.find(names[n]);
      if (!id) continue;
      std::erase_if(request.history, [&](const Touch& t) { return t.item == *id; });     // also told to the log: once is enough
      request.history.push_back({.item = *id, .weight = touch, .time_ms = request.now_ms});
      movers.emplace_back(*id, move);
      if (is_out) request.exclude.push_back(*id);
    }
  };
  point(wants.away, kAwayTouch, kAwayWeight, false);
  point(wants.disliked, kDislikedTouch, kAwayWeight, true);
  point(wants.toward, kTowardTouch, kTowardWeight, false);
  point(wants.liked, kLikedTouch, kTowardWeight, true);
  for (const std::string& name : wants.disliked)
    if (const auto id = world.find(name)) request.exclude.push_back(*id);
  if (asked.is_known && movers.empty()) request.user_id = engine.snapshot()->catalogue->find_user(ask.user);

  std::string about;
  for (const std::string& wish : wants.wish) about += (about.empty() ? "" : " ") + wish;
  if (!about.empty()) {
    request.about_text = wants.wish.back();
    asked.text = text_scores(engine, lexicon, about, request);
    request.likeness = asked.text;
  }
  for (const auto& [id, weight] : movers) {
    std::vector<float> move = cosines(world, id);
    if (!move.empty()) standardise(move, weight);
    if (move.empty()) continue;
    if (request.likeness.empty()) request.likeness.assign(world.item_count(), 0.0f);
    std::vector<float>& told = asked.moves.try_emplace(id, world.item_count(), 0.0f).first->second;
    for (std::size_t i = 0; i < move.size(); ++i) request.likeness[i] += move[i], told[i] += move[i];
  }
  const std::vector<std::uint8_t> mask = fitting(lexicon, wants.constraints);
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i] == 0) request.exclude.push_back(item_at(i));
  sort_unique(request.exclude);
  return asked;
}

Listing list_for(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ListingAsk& ask) {
  static const rank::Pipeline pipeline = engine::standard_pipeline();
  const rank::World& world = lexicon.world();
  Asked asked = request_for(engine, lexicon, dialogue, ask);
  Listing listing;
  listing.is_known = asked.is_known;
  {
    std::vector<std::uint8_t> out(world.item_count(), 0);
    for (const ItemId id : asked.request.exclude) out[to_index(id)] = 1;
    for (const ItemId id : asked.request.seen) out[to_index(id)] = 1;
    listing.fit = static_cast<std::size_t>(std::count(out.begin(), out.end(), 0));
  }
  const std::vector<ItemId> barred = asked.request.exclude;
  if (ask.skip_shown) {
    for (const auto& shown : dialogue.lists)
      for (const std::string& name : shown)
        if (const auto id = world.find(name)) asked.request.exclude.push_back(*id);
    sort_unique(asked.request.exclude);
  }
  rank::Slate slate = pipeline.run(world, asked.request);
  if (slate.candidates.size() < static_cast<std::size_t>(ask.k) && asked.request.exclude.size() > barred.size()) {
    // Not enough that is new: what was shown before stands behind it.
    asked.request.exclude = barred;
    for (const rank::Candidate& c : slate.candidates) asked.request.exclude.push_back(c.item);
    sort_unique(asked.request.exclude);
    rank::Slate more = pipeline.run(world, asked.request);
    listing.repeats = !more.candidates.empty();
    for (rank::Candidate& c : more.candidates) slate.candidates.push_back(std::move(c));
    if (slate.scales.empty()) slate.scales = more.scales;
  }
  for (const rank::Candidate& c : slate.candidates) listing.pool.push_back(c.item);
  if (slate.candidates.size() > static_cast<std::size_t>(ask.k)) slate.candidates.resize(static_cast<std::size_t>(ask.k));
  slate = explain::attach(world, asked.request, std::move(slate));
  listing.list = {.user = ask.user, .request = asked.request.id, .snapshot = engine.snapshot()->name, .items = {}, .notes = {}, .timings = {}};
  for (rank::Candidate& c : slate.candidates) {
    const data::CatalogueItem& item = world.item(c.item);
    std::string because = reason(lexicon, dialogue, asked, c.item, c.why, ask.language);
    listing.list.items.push_back({item.name, item.text, c.why.value, std::move(because), std::move(c.why), std::move(c.notes)});
  }
  return listing;
}

}  // namespace attune::talk
