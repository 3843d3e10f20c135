// Engine, what is asked of it: names become a request, a slate becomes a list with its reasons.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "attune/core/error.h"
#include "attune/core/clock.h"
#include "attune/core/request_id.h"
#include "attune/core/sorted.h"
#include "attune/core/top_k.h"
#include "attune/engine/attribute_names.h"
#include "attune/engine/engine_state.h"
#include "attune/explain/explain.h"
#include "attune/rank/scores.h"

namespace attune::engine {
namespace {

constexpr double kLikenessWeight = 2;        // of the text itself beside what people take with the items that fit it

// What the record of a user says of them: words to go by while they have done nothing yet. "" for users without a text.
std::string profile_of(const data::Store& store, const std::string& user) {
  if (user.empty()) return "";
  const auto record = store.find(data::Kind::user, user);
  return record ? record->text : "";
}

// Of a user of whom no event is known: what the list goes by. A text asked about goes before their profile.
rank::Note beginning(const rank::Request& request, bool is_asked_about) {
  const bool zh = request.language == "zh", has_profile = !is_asked_about && !request.about_text.empty();
  if (is_asked_about && !request.about.empty())
    return {"history", zh ? "还不了解用户“" + request.user + "”：这些商品是按所说的话选的" : "nothing is known of user '" + request.user + "' yet: these items go by the text asked about", 0};
  if (has_profile && !request.about.empty())
    return {"profile", zh ? "用户“" + request.user + "”还没有行为记录：这些商品是按其资料中的文字选的" : "user '" + request.user + "' has done nothing yet: these items go by the text of their profile", 0};
  if (has_profile)
    return {"history", zh ? "用户“" + request.user + "”还没有行为记录，资料中的文字也没有这里认识的内容：这些是多数人选的商品"
                          : "user '" + request.user + "' has done nothing yet, and nothing in the text of their profile is known here: these are items that most people take", 0};
  return {"history", zh ? "还不了解用户“" + request.user + "”：这些是多数人选的商品" : "nothing is known of user '" + request.user + "' yet: these are items that most people take", 0};
}

// Throws Error: not_found unless the world has the item.
ItemId item_named(const rank::World& world, const std::string& name) {
  if (const auto id = world.find(name)) return *id;
  return world.catalogue->item_named(name);  // throws, naming the nearest
}

// Cosine of a text that was read to every item of the world, fitted and fresh.
std::vector<float> similarities(const Reader& reader, const rank::World& world, const model::NewItem& text) {
  std::vector<float> similar(world.item_count());
  reader.similarity(text, std::span<float>(similar).first(world.fitted_count()));
  for (std::size_t f = 0; f < world.fresh.size(); ++f) similar[world.fitted_count() + f] = reader.similarity(text, world.fresh[f]->read);
  return similar;
}

// What a free text itself adds to each item's score: its similarity as a z-score over the fitted items, so that the items
// that fit best stand beside those that people take with them. Empty when the text says nothing.
std::vector<float> likeness_of(std::vector<float> similar, std::size_t fitted) {
  const rank::Scale scale = rank::scale_of(std::span<const float>(similar).first(fitted));
  if (!(scale.sd > 0)) return {};
  for (float& x : similar) x = static_cast<float>(kLikenessWeight * (x - scale.mean) / scale.sd);
  return similar;
}

// Asked for items like one: those put since the fit are also told by their texts, since nobody took them yet (all models know of them is what their
// neighbours lend, and no item lends its likeness to itself). Nothing for the fitted ones. Empty when the item's text says nothing.
std::vector<float> likeness_of_fresh(const Reader& reader, const rank::World& world, ItemId like) {
  if (world.fresh.empty() || reader.empty()) return {};
  const model::NewItem read = world.is_fresh(like) ? world.fresh[to_index(like) - world.fitted_count()]->read : reader.row(like);
  std::vector<float> likeness = likeness_of(similarities(reader, world, read), world.fitted_count());
  if (!likeness.empty()) std::fill_n(likeness.begin(), world.fitted_count(), 0.0f);
  return likeness;
}

// Which models count how much, over what was learned. Throws Error: bad_request for a name the snapshot has not, or when none is left.
void weigh(const rank::World& world, const Ask& ask, rank::Request& request) {
  const auto check = [&](const std::string& name) {
    if (std::any_of(world.sources.begin(), world.sources.end(), [&](const rank::Source& source) { return source.name == name; })) return;
    std::string known;
    for (const rank::Source& source : world.sources) known += " " + source.name;
    throw Error(Code::bad_request, "the snapshot has no model '" + name + "'; it has:" + known);
  };
  if (!ask.models.empty())
    for (const rank::Source& source : world.sources) request.weights[source.name] = 0;
  for (const std::string& name : ask.models) {
    check(name);
    request.weights[name] = 1;
  }
  for (const auto& [name, weight] : ask.weights) {
    check(name);
    if (!(weight >= 0) || !std::isfinite(weight)) throw Error(Code::bad_request, "the weight of " + name + " must be a number >= 0");
    const auto at = request.weights.try_emplace(name, 1.0f).first;
    at->second *= static_cast<float>(weight);
  }
  const auto is_off = [&](const rank::Source& source) {
    const auto at = request.weights.find(source.name);
    return at != request.weights.end() && at->second == 0;
  };
  if (!world.sources.empty() && std::all_of(world.sources.begin(), world.sources.end(), is_off)) throw Error(Code::bad_request, "every model is switched off: give one of them a weight above 0");
}

}  // namespace

rank::Request Engine::State::request_for(const Serving& serving, const rank::World& world, const Ask& ask) const {
  rank::Request request;
  request.id = ask.request.empty() ? new_request_id() : ask.request;
  request.user = ask.user;
  request.is_alike = ask.is_alike;
  request.now_ms = now_ms();
  request.k = ask.k != 0 ? ask.k : settings.lists.k;
  if (request.k < 1 || request.k > 1000) throw Error(Code::bad_request, "k is 1..1000, not " + std::to_string(request.k));
  request.diversity = static_cast<float>(ask.diversity >= 0 ? ask.diversity : settings.lists.diversity);
  if (!(request.diversity <= 1) || std::isnan(ask.diversity)) throw Error(Code::bad_request, "diversity is 0..1");
  if (std::isnan(ask.min_score) || ask.min_score == INFINITY) throw Error(Code::bad_request, "the least score is a finite number");
  request.min_score = static_cast<float>(ask.min_score);
  request.language = ask.language.empty() ? settings.lists.language : ask.language;
  request.filter = rank::Filter::parse(ask.filter);
  request.caps = parse_caps(ask.caps.empty() ? settings.lists.caps : ask.caps);
  if (!ask.user.empty()) {
    UserState user = serving.live->user(ask.user);
    request.history = std::move(user.history);
    request.seen = std::move(user.seen);
    if (!request.history.empty() && ask.history.empty()) request.user_id = serving.snapshot->catalogue->find_user(ask.user);
  }
  for (const std::string& name : ask.history) {
    const ItemId id = item_named(world, name);
    request.history.push_back({.item = id, .weight = 1, .time_ms = request.now_ms});
    request.seen.push_back(id);
  }
  sort_unique(request.seen);
  for (const std::string& name : ask.exclude)
    if (const auto id = world.find(name)) request.exclude.push_back(*id);
  sort_unique(request.exclude);
  const Reader& reader = *serving.snapshot->reader;
  const std::string about = ask.about.empty() && request.history.empty() && !reader.empty() ? profile_of(*store, ask.user) : ask.about;
  if (ask.is_alike && request.history.size() == 1) {
    request.about_text = world.item(request.history.front().item).text;
    request.likeness = likeness_of_fresh(reader, world, request.history.front().item);
  }
  if (!about.empty()) {
    request.about_text = about;
    const model::NewItem read = reader.read(about, Run{});
    if (!read.features.empty()) {
      std::vector<float> similar = similarities(reader, world, read);
      request.about = nearest_of(std::span<const float>(similar).first(world.fitted_count()),
                                 static_cast<std::size_t>(std::max(settings.lists.about_items, 1)), settings.lists.about_temperature);
      request.likeness = likeness_of(std::move(similar), world.fitted_count());
    }
  }
  weigh(world, ask, request);
  return request;
}

List Engine::State::list_of(const Serving& serving, const rank::World& world, const Ask& ask, const rank::Request& request,
                            rank::Slate slate) const {
  slate = explain::attach(world, request, std::move(slate));
  List list{.user = ask.user, .request = request.id, .snapshot = serving.snapshot->name, .items = {}, .notes = slate.notes, .timings = {}};
  const bool zh = request.language == "zh";
  if (!ask.user.empty() && request.history.empty()) list.notes.push_back(beginning(request, !ask.about.empty()));
  if (!ask.about.empty() && request.about.empty())
    list.notes.push_back({"about", zh ? "所说的话中没有这里认识的内容：这些是多数人选的商品" : "nothing in the text asked about is known here: these are items that most people take", 0});
  for (rank::Note& note : unknown_attributes(world, request)) list.notes.push_back(std::move(note));
  for (const std::string& name : ask.exclude)
    if (!world.find(name)) list.notes.push_back({"exclude", zh ? "没有可以排除的商品“" + name + "”" : "there is no item '" + name + "' to leave out", 0});
  for (rank::Candidate& candidate : slate.candidates) {
    const data::CatalogueItem& item = world.item(candidate.item);
    list.items.push_back({item.name, item.text, candidate.why.value, std::move(candidate.because), std::move(candidate.why),
                          std::move(candidate.notes)});
  }
  return list;
}

List Engine::recommend(const Ask& ask) const {
  const auto serving = state_->serving.read();
  const auto world = serving->live->world();
  using Clock = std::chrono::steady_clock;
  const auto ms_since = [](Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); };
  const auto asked = Clock::now();
  const rank::Request request = state_->request_for(*serving, *world, ask);
  std::vector<rank::Timing> timings{{"ask", ms_since(asked)}};   // the history looked up, free text read
  rank::Slate slate = state_->pipeline.run(*world, request, &timings);
  const auto listed = Clock::now();
  List list = state_->list_of(*serving, *world, ask, request, std::move(slate));
  timings.push_back({"explain", ms_since(listed)});
  list.timings = std::move(timings);
  const bool is_known = !request.history.empty() || (ask.about.empty() && !request.about.empty());   // by events or by a profile
  if (ask.log_exposure && (ask.user.empty() || is_known)) {  // no record is made of a name nobody knows
    try {
      state_->store->log_exposure(exposure_of(list, request.now_ms));
    } catch (const Error& e) {
      if (e.code() != Code::io) throw;
      list.notes.push_back({"log", std::string(request.language == "zh" ? "这个列表没有记入展示日志：" : "this list is not in the log of lists shown: ") + e.what(), 0});
    }
  }
  return list;
}

List Engine::similar(const std::string& item, const Ask& ask) const {
  Ask alone = ask;
  alone.user.clear();
  alone.about.clear();
  alone.history = {item};
  alone.is_alike = true;
  alone.log_exposure = false;
  return recommend(alone);
}

List Engine::search(const std::string& text, const Ask& ask) const {
  const auto serving = state_->serving.read();
  const auto world = serving->live->world();
  const Reader& reader = *serving->snapshot->reader;
  if (reader.empty()) throw Error(Code::bad_request, "the snapshot reads no texts: import items with a text column, see that [encoders] use names an encoder, and fit again");
  Ask plain = ask;
  plain.about.clear();
  const rank::Request request = state_->request_for(*serving, *world, plain);
  const model::NewItem words = reader.read(text, Run{});
  std::vector<float> scores = similarities(reader, *world, words);
  List list{.user = ask.user, .request = request.id, .snapshot = serving->snapshot->name, .items = {}, .notes = {}, .timings = {}};
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (rank::not_allowed(*world, request, item_at(i))) scores[i] = -INFINITY;
  for (const Scored& hit : top_k(scores, static_cast<std::size_t>(request.k))) {
    if (!(hit.score > 0)) break;
    const data::CatalogueItem& item = world->item(hit.item);
    Explanation why{"total", hit.score, {{"text", hit.score, {}}}};
    list.items.push_back({item.name, item.text, hit.score, request.language == "zh" ? "描述与“" + text + "”相近" : "reads like \"" + text + "\"", std::move(why), {}});
  }
  if (list.items.empty()) list.notes.push_back({"search", request.language == "zh" ? "没有商品的描述与“" + text + "”相近" : "no item's text is like \"" + text + "\"", 0});
  return list;
}

WhyAnswer Engine::explain(const Ask& ask, const std::string& item) const {
  const auto serving = state_->serving.read();
  const auto world = serving->live->world();
  const rank::Request request = state_->request_for(*serving, *world, ask);
  const ItemId id = item_named(*world, item);
  WhyAnswer why{ask.user, item, world->item(id).text, serving->snapshot->name, explain::ask(*world, request, state_->pipeline, id), {}, {}};
  for (const ItemId other : why.answer.would_change) {
    why.would_change.push_back(other == rank::kAbout ? "about" : world->item(other).name);
    why.would_change_texts.push_back(other == rank::kAbout ? request.about_text : world->item(other).text);
  }
  return why;
}

}  // namespace attune::engine
