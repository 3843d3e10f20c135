// Protocol: the same people, once with their words as they should be, once with slips.
#include "attune/talk/people/protocol.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/engine/fit.h"

namespace attune::talk::people {
namespace {

constexpr std::size_t kLeastBefore = 3;        // other items a user must have taken before the basket
constexpr double kNormal = 1.96;               // 95 %

using Events = std::vector<const data::Event*>;

// The last basket of a user, whose events are in order.
Events basket_of(const Events& events) {
  const std::string& session = events.back()->session;
  if (session.empty()) return {events.back()};
  Events basket;
  for (const data::Event* e : events)
    if (e->session == session) basket.push_back(e);
  return basket;
}

// What of a basket was never taken before; empty when too little was.
std::vector<std::string> fresh_of(const Events& events, const Events& basket) {
  const std::set<const data::Event*> last(basket.begin(), basket.end());
  std::set<std::string> before;
  for (const data::Event* e : events)
    if (!last.contains(e)) before.insert(e->item);
  std::vector<std::string> fresh;
  if (before.size() < kLeastBefore) return fresh;
  for (const data::Event* e : basket)
    if (!before.contains(e->item) && std::find(fresh.begin(), fresh.end(), e->item) == fresh.end()) fresh.push_back(e->item);
  return fresh;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

struct Plain {
  std::size_t found = 0;
  double pages = 0;
};
Plain without_talk(const engine::Engine& engine, const std::vector<Case>& cases, const Options& options) {
  Plain plain;
  for (const Case& c : cases) {
    const engine::List list = engine.recommend({.user = c.user, .k = options.k * options.turns, .log_exposure = false});
    for (std::size_t i = 0; i < list.items.size(); ++i)
      if (list.items[i].item == c.hidden) ++plain.found, plain.pages += static_cast<double>(i / static_cast<std::size_t>(options.k)) + 1;
  }
  return plain;
}

Row row_of(const engine::Engine& engine, const Chat& chat, const std::vector<Case>& cases, const Habits& habits, const Counts& counts, std::uint64_t seed, const Run& run) {
  Random random(seed + 17);
  Row row{.kind = habits.kind, .slips = habits.slips, .users = cases.size()};
  std::vector<double> ms;
  double turns = 0;
  std::size_t done = 0;
  for (const Case& c : cases) {
    run.report(std::string("people: ") + kKinds[static_cast<int>(habits.kind)] + (habits.slips ? ", slips" : ""), ++done, cases.size());
    const Outcome outcome = converse(engine, chat, c.user, c.hidden, habits, counts, random);
    if (outcome.found_at > 0) ++row.found, turns += outcome.found_at;
    row.regret += outcome.regret / static_cast<double>(cases.size());
    row.misled += outcome.is_misled ? 1 : 0;
    row.items_named += outcome.items_named;
    row.items_unknown += outcome.items_unknown;
    ms.insert(ms.end(), outcome.reply_ms.begin(), outcome.reply_ms.end());
  }
  row.turns = row.found > 0 ? turns / static_cast<double>(row.found) : 0;
  row.p50_ms = quantile(ms, 0.5), row.p99_ms = quantile(std::move(ms), 0.99);
  return row;
}

double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}
// Half the 95 % interval of a share.
double half_width(double share, std::size_t n) { return n == 0 ? 0 : kNormal * std::sqrt(share * (1 - share) / static_cast<double>(n)); }

}  // namespace

HeldOut hold_out(std::vector<data::Record> items, const std::vector<data::Event>& events, std::size_t users, std::uint64_t seed) {
  std::map<std::string, Events> by_user;
  for (const data::Event& e : events)
    if (!e.user.starts_with("session:")) by_user[e.user].push_back(&e);
  std::vector<std::string> names;
  for (const auto& [name, own] : by_user) names.push_back(name);
  Random random(seed);
  random.shuffle(std::span(names));
  HeldOut held;
  std::set<const data::Event*> baskets;
  for (const std::string& name : names) {
    if (held.cases.size() == users) break;
    Events& own = by_user[name];
    std::stable_sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return a->time_ms < b->time_ms; });
    const Events basket = basket_of(own);
    const std::vector<std::string> fresh = fresh_of(own, basket);
    if (fresh.empty()) continue;
    baskets.insert(basket.begin(), basket.end());
    held.cases.push_back({name, fresh[random.below(fresh.size())]});
  }
  held.batch.items = std::move(items);
  for (const data::Event& e : events)
    if (!baskets.contains(&e)) held.batch.events.push_back(e);
  return held;
}

DialogueReport judge(const engine::Engine& engine, const std::vector<Case>& all, const Options& options, const Run& run) {
  const Chat chat(engine);
  const auto lexicon = chat.lexicon();
  std::vector<Case> cases;
  for (const Case& c : all)
    if (const auto id = lexicon->world().find(c.hidden); id && !lexicon->world().item(*id).hidden) cases.push_back(c);
  if (cases.empty()) throw Error(Code::bad_data, "nobody can be asked about: the protocol needs users with three items and then a basket (events of one session) with something new; see attune evaluate --help");
  const Counts counts = count_facets(*lexicon);
  const Plain plain = without_talk(engine, cases, options);
  DialogueReport report{.rows = {}, .options = options};
  for (const bool slips : {false, true})
    for (const Kind kind : {Kind::points, Kind::critic, Kind::asks}) {
      Row row = row_of(engine, chat, cases, {.kind = kind, .language = options.language, .slips = slips, .turns = options.turns, .k = options.k}, counts, options.seed, run);
      row.plain = plain.found;
      row.plain_pages = plain.found > 0 ? plain.pages / static_cast<double>(plain.found) : 0;
      report.rows.push_back(row);
    }
  return report;
}

DialogueReport judge_workspace(const engine::Workspace& workspace, const engine::Settings& settings, const std::filesystem::path& work, const Options& options, const Run& run) {
  std::vector<data::Record> items;
  std::vector<data::Event> events;
  {
    const auto store = workspace.store();
    store->read_records(data::Kind::item, [&](const data::Record& record) { items.push_back(record); });
    store->read_events(0, [&](const data::StoredEvent& e) { events.push_back(e.event); });
  }
  HeldOut held = hold_out(std::move(items), events, options.users, options.seed);
  if (held.cases.empty()) throw Error(Code::bad_data, "nobody can be asked about: the protocol needs users with three items and then a basket (events of one session) with something new");
  std::filesystem::remove_all(work);
  const struct Remove {
    const std::filesystem::path& folder;
    ~Remove() {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  } remove{work};
  const auto copy = engine::Workspace::init(work);
  if (std::filesystem::exists(workspace.vectors_path())) std::filesystem::copy(workspace.vectors_path(), copy.vectors_path(), std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  copy.store()->take(held.batch);
  engine::Settings own = settings;
  own.fit.evaluate = false;
  engine::fit(copy, own, run);
  return judge(engine::Engine(copy, own, run), held.cases, options, run);
}

eval::Table DialogueReport::table() const {
  eval::Table table{.title = std::to_string(rows.empty() ? 0 : rows[0].users) + " simulated users, " + std::to_string(options.turns) + " lists of " + std::to_string(options.k),
                    .columns = {{"people", false}, {"found"}, {"+-"}, {"without talk"}, {"times"}, {"turns"}, {"regret"}, {"misled"}, {"not in catalogue"}, {"p50 ms"}, {"p99 ms"}}, .rows = {}, .notes = {}};
  for (const Row& row : rows) {
    const double times = row.plain > 0 ? static_cast<double>(row.found) / static_cast<double>(row.plain) : 0;
    table.rows.push_back({Json(std::string(kKinds[static_cast<int>(row.kind)]) + (row.slips ? ", slips" : "")), Json(rounded(row.found_share(), 4)), Json(rounded(half_width(row.found_share(), row.users), 3)), Json(rounded(row.plain_share(), 4)),
                          row.plain > 0 ? Json(rounded(times, 2)) : Json(), row.found > 0 ? Json(rounded(row.turns, 2)) : Json(), Json(rounded(row.regret, 3)), Json(static_cast<std::int64_t>(row.misled)), Json(static_cast<std::int64_t>(row.items_unknown)), Json(rounded(row.p50_ms, 1)), Json(rounded(row.p99_ms, 1))});
  }
  table.notes = {"found: an item of the user's last basket, which nothing here has learned from, stood in one of the lists; +-: half of its 95 % interval",
                 "without talk: the same in as many pages of the list that the user gets without a word",
                 "points: \"more like the third\"; critic: also \"but cheaper\", \"but not red\"; asks: also what it has, a word or value a turn; slips: one word in ten misspelt",
                 "regret: sum over the lists before of 1 - likeness of the best item shown; misled: a condition was read that bars the item, though all that was said is true of it"};
  return table;
}

Json DialogueReport::to_json() const {
  Json json = Json::object();
  json["protocol"] = "dialogues";
  json["language"] = options.language;
  json["lists"] = options.turns;
  json["k"] = options.k;
  json["seed"] = options.seed;
  Json all = Json::array();
  for (const Row& row : rows) {
    Json one = Json::object();
    one["people"] = kKinds[static_cast<int>(row.kind)];
    one["slips"] = row.slips;
    one["users"] = row.users;
    one["found"] = rounded(row.found_share(), 4);
    one["found_half_interval"] = rounded(half_width(row.found_share(), row.users), 4);
    one["found_without_talk"] = rounded(row.plain_share(), 4);
    one["ratio"] = row.plain > 0 ? Json(rounded(static_cast<double>(row.found) / static_cast<double>(row.plain), 2)) : Json();
    one["turns_to_find"] = rounded(row.turns, 2);
    one["pages_to_find_without_talk"] = rounded(row.plain_pages, 2);
    one["regret"] = rounded(row.regret, 3);
    one["misled"] = row.misled;
    one["items_named"] = row.items_named;
    one["items_not_in_catalogue"] = row.items_unknown;
    one["p50_ms"] = rounded(row.p50_ms, 2);
    one["p99_ms"] = rounded(row.p99_ms, 2);
    all.push_back(std::move(one));
  }
  json["rows"] = std::move(all);
  return json;
}

}  // namespace attune::talk::people
