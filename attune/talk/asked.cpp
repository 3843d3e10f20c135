// Asked: a rank::Request made of a dialogue: conditions bar, words and pointed-at items move, what was learned from recorded
// dialogues moves, the history speaks as ever.
#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/clock.h"
#include "attune/core/kernels.h"
#include "attune/core/sorted.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/rank/scores.h"
#include "attune/talk/constraints.h"
#include "attune/talk/listing.h"
#include "attune/talk/ordering.h"
#include "attune/talk/ranking/advisor.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr double kTextWeight = 2;       // of the text's cosine as a z-score: as engine::recommend weighs a free text
// Of an item that has all of the wish's words, weighed by how rare they are. Simulated users who name what the hidden item has find it (within five
// lists; in turns; regret) at 4: 99.3 %, 2.05, .742; at 8: 100 %, 2.01, .693; at 16: 100 %, 1.97, .667, with slips 98.7, 100 and 99.3 %; others
// are indifferent (bench_talk_people --users 150 --seed 2 --encoders tfidf).
constexpr double kWordsWeight = 8;
constexpr double kTowardWeight = 1.5;   // of the cosine to an item pointed at, as a z-score
constexpr double kAwayWeight = -0.75;
// Of what recorded dialogues taught, as a z-score. 100 late training dialogues of ReDial said to the chat, learned from earlier ones: R@20 .072
// without it, .098 at 1, .202 at 8, .231 at 30 (attune evaluate --protocol conversation --chat); 8, so that words just said are still as loud.
constexpr double kLearnedWeight = 8;
constexpr float kLikedTouch = 1, kTowardTouch = 0.7f, kAwayTouch = -0.5f, kDislikedTouch = -1;
constexpr float kTwin = 0.95f;          // cosine from which on another item is as good as the disliked one
constexpr std::size_t kMoves = 12;      // the newest items that move the list

void standardise(std::vector<float>& values, double weight) {
  const rank::Scale scale = rank::scale_of(values);
  if (!(scale.sd > 0)) {
    values.clear();
    return;
  }
  for (float& x : values) x = static_cast<float>(weight * (x - scale.mean) / scale.sd);
}

// Cosine of the words to every item, and how many of the words each item has.
std::vector<float> text_scores(const engine::Engine& engine, const Lexicon& lexicon, const std::string& about, rank::Request& request, std::vector<WishWord>& words) {
  const rank::World& world = lexicon.world();
  const auto snapshot = engine.snapshot();
  std::string gloss;
  words = wish_words(lexicon, about, gloss);
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

// An item that was pointed at: how it counts as part of the history, and how its likes move.
struct Pointed {
  ItemId item{};
  float touch = 0;
  double move = 0;
  bool is_out = false;      // not to be shown again
};

// The newest of each kind; those liked come last.
std::vector<Pointed> pointed_at(const rank::World& world, const Wants& wants) {
  std::vector<Pointed> list;
  const auto point = [&](const std::vector<std::string>& names, float touch, double move, bool is_out) {
    for (std::size_t n = names.size() > kMoves ? names.size() - kMoves : 0; n < names.size(); ++n)
      if (const auto id = world.find(names[n])) list.push_back({*id, touch, move, is_out});
  };
  point(wants.away, kAwayTouch, kAwayWeight, false);
  point(wants.disliked, kDislikedTouch, kAwayWeight, true);
  point(wants.toward, kTowardTouch, kTowardWeight, false);
  point(wants.liked, kLikedTouch, kTowardWeight, true);
  return list;
}

// The user's own events.
void add_history(const engine::Engine& engine, const rank::World& world, rank::Request& request, std::vector<std::string>& only_viewed) {
  const data::EventTypes& types = engine.settings().events;
  const std::vector<data::StoredEvent> events = engine.store().user_events(request.user);
  std::int64_t newest = 0;
  std::vector<std::string> taken;
  for (const data::StoredEvent& e : events) newest = std::max(newest, e.event.time_ms);
  for (const data::StoredEvent& e : events) {
    const auto item = world.find(e.event.item);
    if (!item) continue;
    request.history.push_back({.item = *item, .weight = data::event_weight(types, e.event.type, e.event.value, e.event.time_ms, newest), .time_ms = e.event.time_ms});
    if (data::event_hides(types, e.event.type)) request.seen.push_back(*item);
    (data::event_hides(types, e.event.type) ? taken : only_viewed).push_back(e.event.item);
  }
  sort_unique(request.seen);
  std::erase_if(only_viewed, [&](const std::string& name) { return std::find(taken.begin(), taken.end(), name) != taken.end(); });
}

// `is_named`: what is wanted is named; what is disliked of it does not count against what people take with it.
void add_pointed(const std::vector<Pointed>& pointed, bool is_named, rank::Request& request) {
  for (const Pointed& one : pointed) {
    std::erase_if(request.history, [&](const Touch& t) { return t.item == one.item; });     // also told to the log: once is enough
    if (one.touch > 0 || !is_named) request.history.push_back({.item = one.item, .weight = one.touch, .time_ms = request.now_ms});
    if (one.is_out) request.exclude.push_back(one.item);
  }
}

void add_likeness(std::span<const float> more, rank::Request& request) {
  if (more.empty()) return;
  if (request.likeness.empty()) request.likeness.assign(more.size(), 0.0f);
  for (std::size_t i = 0; i < more.size(); ++i) request.likeness[i] += more[i];
}

void move_by_words(const engine::Engine& engine, const Lexicon& lexicon, const Wants& wants, Asked& asked) {
  std::string about;
  for (const std::string& wish : wants.wish) about += (about.empty() ? "" : " ") + wish;
  if (about.empty()) return;
  asked.request.about_text = wants.wish.back();
  asked.text = text_scores(engine, lexicon, about, asked.request, asked.words);
  add_likeness(asked.text, asked.request);
}

// What is disliked of a lamp is told among lamps: others of what is wanted are neither nearer nor farther for being lamps.
void standardise_among(std::vector<float>& values, const std::vector<std::uint8_t>& wanted, double weight) {
  std::vector<float> some;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (wanted[i] != 0) some.push_back(values[i]);
  const rank::Scale scale = rank::scale_of(some);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = wanted[i] != 0 && scale.sd > 0 ? static_cast<float>(weight * (values[i] - scale.mean) / scale.sd) : 0.0f;
}

// `wanted` [items]: empty = nothing in particular is.
void move_by_items(const rank::World& world, const std::vector<Pointed>& pointed, const std::vector<std::uint8_t>& wanted, Asked& asked) {
  for (const Pointed& one : pointed) {
    std::vector<float> move = cosines(world, one.item);
    for (std::size_t i = 0; i < move.size() && one.is_out && one.move < 0; ++i)
      if (move[i] >= kTwin) asked.request.exclude.push_back(item_at(i));
    if (!move.empty() && one.move < 0 && !wanted.empty()) standardise_among(move, wanted, one.move);
    else if (!move.empty()) standardise(move, one.move);
    if (move.empty()) continue;
    add_likeness(move, asked.request);
    std::vector<float>& told = asked.moves.try_emplace(one.item, world.item_count(), 0.0f).first->second;
    for (std::size_t i = 0; i < move.size(); ++i) told[i] += move[i];
  }
}

void move_by_dialogues(const engine::Engine& engine, const Lexicon& lexicon, const Dialogue& dialogue, const ranking::Advisor* advisor, Asked& asked) {
  if (advisor == nullptr) return;
  const auto snapshot = engine.snapshot();
  const auto world = lexicon.shared_world();
  if (snapshot->catalogue != world->catalogue) return;      // a fit was published just now: from the next turn on
  asked.learned = advisor->score(world, snapshot->reader, said_in(dialogue, *world));
  for (float& x : asked.learned) x = static_cast<float>(kLearnedWeight * x);
  add_likeness(asked.learned, asked.request);
}

void bar(const Lexicon& lexicon, const Wants& wants, rank::Request& request) {
  for (const std::string& name : wants.disliked)
    if (const auto id = lexicon.world().find(name)) request.exclude.push_back(*id);
  const std::vector<std::uint8_t> mask = fitting(lexicon, wants.constraints);
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i] == 0) request.exclude.push_back(item_at(i));
  sort_unique(request.exclude);
}

}  // namespace

ranking::Conversation said_in(const Dialogue& dialogue, const rank::World& world) {
  const Wants& wants = dialogue.wants;
  ranking::Conversation said;
  std::string conditions;
  for (const Constraint& c : wants.constraints)
    if (c.op == Constraint::is) conditions += (conditions.empty() ? "" : " ") + (c.attribute.empty() ? c.said : c.values.empty() ? c.said : c.values.front());
  if (!conditions.empty()) said.turns.push_back({.text = conditions});
  for (const std::string& wish : wants.wish) said.turns.push_back({.text = wish});
  std::vector<ranking::Mention> mentions;
  for (const Pointed& one : pointed_at(world, wants)) mentions.push_back({one.item, one.touch});
  if (mentions.empty()) return said;
  if (said.turns.empty()) said.turns.emplace_back();
  said.turns.back().mentions = std::move(mentions);
  return said;
}

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
  if (!ask.user.empty()) add_history(engine, world, request, asked.only_viewed);
  asked.is_known = !request.history.empty();
  const std::vector<Pointed> pointed = pointed_at(world, dialogue.wants);
  // What is wanted, where something is disliked of it: a value or a word that some item has.
  const std::vector<Constraint>& constraints = dialogue.wants.constraints;
  const bool turns_away = std::any_of(pointed.begin(), pointed.end(), [](const Pointed& one) { return one.move < 0; });
  const std::vector<WishWord> words = turns_away ? newest_words(lexicon, dialogue.wants) : std::vector<WishWord>();
  const bool is_named = turns_away && (!words.empty() || std::any_of(constraints.begin(), constraints.end(), [](const Constraint& c) { return c.op == Constraint::is; }));
  add_pointed(pointed, is_named, request);
  if (asked.is_known && pointed.empty()) request.user_id = engine.snapshot()->catalogue->find_user(ask.user);
  move_by_words(engine, lexicon, dialogue.wants, asked);
  move_by_items(world, pointed, is_named ? wanted_items(lexicon, dialogue.wants, words) : std::vector<std::uint8_t>(), asked);
  move_by_dialogues(engine, lexicon, dialogue, ask.advisor, asked);
  bar(lexicon, dialogue.wants, request);
  return asked;
}

}  // namespace attune::talk
