// Engine: translating names at the door, and keeping store, snapshot and live state in step.
#include "attune/engine/engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <random>

#include "attune/core/error.h"
#include "attune/core/top_k.h"
#include "attune/data/changes.h"
#include "attune/engine/attribute_names.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/explain/explain.h"
#include "attune/rank/scores.h"

namespace attune::engine {
namespace fs = std::filesystem;
namespace {

constexpr double kLikenessWeight = 2;        // of the text itself beside what people take with the items that fit it
constexpr std::uint64_t kMostFollowed = 20000;   // events of others at once; with more, all histories are read again
constexpr std::size_t kMostPut = 100;             // items of others at once; with more, the live state is built anew
constexpr std::size_t kForgetAtOnce = 2000;  // lists shown, so that no writer waits long
constexpr std::size_t kIndexFrom = 50000;   // fitted items; up to here every item is scored (retrieve.exact_below)

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string new_request_id() {
  thread_local std::random_device source;
  std::string id = "r";
  for (int i = 0; i < 4; ++i) {
    char part[9];
    std::snprintf(part, sizeof part, "%08x", static_cast<unsigned>(source()));
    id += part;
  }
  return id.substr(0, 21);
}

void sort_unique(std::vector<ItemId>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// Throws Error: not_found unless the world has the item.
ItemId item_named(const rank::World& world, const std::string& name) {
  if (const auto id = world.find(name)) return *id;
  return world.catalogue->item_named(name);  // throws, naming the nearest
}

// Sources of large catalogues get an index over their vectors, so that a request looks at the best only.
std::shared_ptr<const Snapshot> with_indexes(std::shared_ptr<const Snapshot> snapshot, const Run& run) {
  if (snapshot->catalogue->item_count() <= kIndexFrom) return snapshot;
  auto indexed = std::make_shared<Snapshot>(*snapshot);
  for (rank::Source& source : indexed->sources) {
    const auto vectors = source.model->item_vectors();
    if (!vectors || source.index != nullptr) continue;
    run.report("building the index of " + source.name, 0, 0);
    source.index = index::build_hnsw(*vectors, Json(), run);
  }
  return indexed;
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

// What one snapshot needs to answer; replaced as a whole by reload().
struct Serving {
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<Live> live;
};

struct Engine::State {
  Workspace workspace;
  Settings settings;
  std::unique_ptr<data::Store> store;
  rank::Pipeline pipeline;
  Published<Serving> serving;
  std::mutex change;   // of items: the store and the live state agree, also while a snapshot is taken
  // How far this process has seen what all processes wrote, and which places of the log after that are its own.
  data::FollowedStore* followed = nullptr;
  data::Marks seen;
  std::mutex own_mutex;
  std::vector<std::pair<data::Sequence, data::Sequence>> own;   // after, up to; ascending

  State(const Workspace& w, const Settings& s) : workspace(w), settings(s), store(w.store()), pipeline(standard_pipeline()) {
    followed = dynamic_cast<data::FollowedStore*>(store.get());
    if (followed != nullptr) seen = followed->marks();   // before anything is read
  }
  void wrote(const data::Appended& done) {
    if (followed == nullptr || done.accepted == 0) return;
    const std::lock_guard lock(own_mutex);
    if (!own.empty() && own.back().second == done.last - done.accepted) own.back().second = done.last;
    else own.emplace_back(done.last - done.accepted, done.last);
  }
  std::vector<std::pair<data::Sequence, data::Sequence>> foreign_until(data::Sequence last);
  std::shared_ptr<const Serving> open(std::shared_ptr<const Snapshot> snapshot, const Run& run) const {
    auto made = std::make_shared<Serving>();
    made->live = std::make_unique<Live>(snapshot, *store, settings, run);
    made->snapshot = std::move(snapshot);
    return made;
  }
  rank::Request request_for(const Serving& serving, const rank::World& world, const Ask& ask) const;
  List list_of(const Serving& serving, const rank::World& world, const Ask& ask, const rank::Request& request, rank::Slate slate) const;
};

Engine::Engine(const Workspace& workspace, const Settings& settings, const Run& run) {
  auto snapshot = open_chosen(workspace.snapshots_path(), run);
  if (snapshot == nullptr)
    throw Error(Code::not_found, "nothing was fitted in " + workspace.folder().string() + " yet; run: attune -w " +
                                     workspace.folder().string() + " fit");
  state_ = std::make_unique<State>(workspace, settings);
  state_->serving.publish(state_->open(with_indexes(std::move(snapshot), run), run));
}
Engine::~Engine() = default;

bool Engine::reload(const Run& run) {
  const fs::path folder = state_->workspace.snapshots_path();
  const auto now = state_->serving.read();
  std::string wanted = pinned(folder);
  if (const auto names = snapshot_names(folder); wanted.empty() && !names.empty()) wanted = names.front();
  if (wanted.empty() || wanted == now->snapshot->name) return false;
  std::shared_ptr<const Snapshot> newest;
  try {
    newest = open_chosen(folder, run);
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    run.remark(std::string(e.what()) + "; the snapshot in service stays");
  }
  if (newest == nullptr || newest->name == now->snapshot->name) return false;
  newest = with_indexes(std::move(newest), run);
  const std::lock_guard lock(state_->change);
  state_->serving.publish(state_->open(std::move(newest), run));
  return true;
}

std::shared_ptr<const Snapshot> Engine::snapshot() const { return state_->serving.read()->snapshot; }
std::shared_ptr<const rank::World> Engine::world() const { return state_->serving.read()->live->world(); }
const data::Store& Engine::store() const { return *state_->store; }
const Settings& Engine::settings() const { return state_->settings; }

data::Appended Engine::observe(std::span<const data::Event> events) {
  const data::Appended done = state_->store->append(events);
  state_->wrote(done);
  const auto serving = state_->serving.read();
  for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

std::vector<data::Appended> Engine::observe(std::span<const std::vector<data::Event>> groups) {
  std::vector<data::Appended> done = state_->store->append_groups(groups);
  for (const data::Appended& one : done) state_->wrote(one);
  const auto serving = state_->serving.read();
  for (const std::vector<data::Event>& events : groups)
    for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

bool Engine::is_shared() const noexcept { return state_->followed != nullptr; }

// The places of the log that others wrote: after, up to.
std::vector<std::pair<data::Sequence, data::Sequence>> Engine::State::foreign_until(data::Sequence last) {
  std::vector<std::pair<data::Sequence, data::Sequence>> foreign;
  data::Sequence from = seen.sequence;
  const std::lock_guard lock(own_mutex);
  std::sort(own.begin(), own.end());
  for (const auto& [after, until] : own) {
    if (until <= from) continue;
    if (after >= last) break;
    if (after > from) foreign.emplace_back(from, after);
    from = until;
  }
  if (from < last) foreign.emplace_back(from, last);
  std::erase_if(own, [&](const auto& range) { return range.second <= last; });
  return foreign;
}

Caught Engine::follow(int most_ms, const Run& run) {
  Caught caught;
  data::FollowedStore* const followed = state_->followed;
  if (followed == nullptr) return caught;
  followed->wait(most_ms);
  const data::Marks now = followed->marks();
  data::Marks& seen = state_->seen;
  if (now == seen) return caught;
  std::uint64_t many = 0;
  const auto foreign = state_->foreign_until(now.sequence);
  for (const auto& [after, until] : foreign) many += until - after;
  caught.has_many = many > kMostFollowed;
  for (const auto& [after, until] : foreign)
    if (!caught.has_many)
      for (data::StoredEvent& stored : followed->events_between(after, until)) caught.events.push_back(std::move(stored));
  caught.receipts = followed->receipts_between(seen.receipt, now.receipt);
  caught.items = followed->items_between(seen.change, now.change);
  const std::vector<std::string> changed_users = followed->users_between(seen.change, now.change);
  const std::lock_guard lock(state_->change);
  const auto serving = state_->serving.read();
  Live& live = *serving->live;
  const bool has_gaps = caught.events.size() < many;   // something was taken back: whose it was is not told
  if (caught.has_many || has_gaps) live.forget_users();
  for (const data::StoredEvent& stored : caught.events) live.observe(stored.event);
  for (const std::string& user : changed_users) live.forget_user(user);
  for (const data::Receipt& receipt : caught.receipts) live.forget_erased(receipt);   // before the items: one may have been put again
  std::erase_if(caught.items, [&](const data::Record& record) {   // our own, and those that changed nothing
    const auto world = live.world();
    const auto id = world->find(record.name);
    if (!id) return false;
    const data::CatalogueItem& item = world->item(*id);
    return item.text == record.text && item.attributes == record.attributes && item.hidden == record.hidden;
  });
  if (caught.items.size() > kMostPut) state_->serving.publish(state_->open(serving->snapshot, run));
  else
    live.put(caught.items, run);
  seen = now;
  return caught;
}

data::Appended Engine::amend(std::span<const data::Event> events, data::Amend how) {
  const data::Appended done = data::amend(*state_->store, events, how);
  state_->wrote(done);
  const auto serving = state_->serving.read();
  for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

std::uint64_t Engine::retract(const std::string& user, const std::string& item, const std::string& type) {
  const std::uint64_t gone = data::retract(*state_->store, user, item, type);
  state_->serving.read()->live->forget_user(user);
  return gone;
}

void Engine::put_user(const data::Record& user) { put_users(std::span(&user, 1)); }

void Engine::put_users(std::span<const data::Record> users) { state_->store->put(data::Kind::user, users); }

void Engine::set_meta(std::string_view key, std::string_view value) { state_->store->set_meta(key, value); }

void Engine::log(std::span<const data::Exposure> shown) { state_->store->log_exposures(shown); }

void Engine::rate(const data::ListRating& rating) { state_->store->rate(rating); }

std::uint64_t Engine::forget_exposures(std::int64_t before_ms) {
  std::uint64_t all = 0;
  for (std::uint64_t gone = 1; gone > 0; all += gone) gone = state_->store->forget_exposures(before_ms, kForgetAtOnce);
  return all;
}

void Engine::put(const data::Record& item) { put(std::span(&item, 1)); }

void Engine::put(std::span<const data::Record> items) {
  const std::lock_guard lock(state_->change);
  state_->store->put(data::Kind::item, items);
  std::vector<data::Record> merged;
  merged.reserve(items.size());
  for (const data::Record& item : items) merged.push_back(*state_->store->find(data::Kind::item, item.name));
  state_->serving.read()->live->put(merged, Run{});
}

data::Receipt Engine::erase(data::Kind kind, const std::string& name) {
  const std::lock_guard lock(state_->change);
  const data::Receipt receipt = state_->store->erase(kind, name);
  const auto serving = state_->serving.read();
  if (kind == data::Kind::user)
    serving->live->forget_user(name);
  else
    serving->live->forget_item(name);
  return receipt;
}

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
  if (ask.is_alike && request.history.size() == 1) {
    request.about_text = world.item(request.history.front().item).text;
    request.likeness = likeness_of_fresh(reader, world, request.history.front().item);
  }
  if (!ask.about.empty()) {
    request.about_text = ask.about;
    const model::NewItem read = reader.read(ask.about, Run{});
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
  if (!ask.user.empty() && request.history.empty())
    list.notes.push_back({"history", "nothing is known of user '" + ask.user + "' yet: these are items that most people take", 0});
  if (!ask.about.empty() && request.about.empty())
    list.notes.push_back({"about", "nothing in the text asked about is known here: these are items that most people take", 0});
  for (rank::Note& note : unknown_attributes(world, request)) list.notes.push_back(std::move(note));
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
  if (ask.log_exposure && (ask.user.empty() || !request.history.empty())) {  // no record is made of a name nobody knows
    try {
      state_->store->log_exposure(exposure_of(list, request.now_ms));
    } catch (const Error& e) {
      if (e.code() != Code::io) throw;
      list.notes.push_back({"log", std::string("this list is not in the log of lists shown: ") + e.what(), 0});
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
  if (reader.empty()) throw Error(Code::bad_request, "the snapshot reads no texts; add encoders to [encoders] use and fit again");
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
    list.items.push_back({item.name, item.text, hit.score, "reads like \"" + text + "\"", std::move(why), {}});
  }
  if (list.items.empty()) list.notes.push_back({"search", "no item's text is like \"" + text + "\"", 0});
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
