// Protocol: the same people, once with their words as they should be, once with slips.
#include "attune/talk/people/protocol.h"

#include <algorithm>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/engine/fit.h"
#include "attune/eval/bootstrap.h"

namespace attune::talk::people {
namespace {

constexpr std::size_t kLeastBefore = 3;        // other items a user must have taken before the basket
constexpr int kResamples = 2000;

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
  Random seeds(seed + 17);                     // the same of one user in every row
  Row row{.kind = habits.kind, .slips = habits.slips, .users = cases.size()};
  std::vector<double> ms;
  double turns = 0;
  std::size_t done = 0;
  for (const Case& c : cases) {
    run.report(std::string("people: ") + kKinds[static_cast<int>(habits.kind)] + (habits.slips ? ", slips" : ""), ++done, cases.size());
    const Outcome outcome = converse(engine, chat, c.user, c.hidden, habits, counts, seeds.next());
    row.who_found.push_back(outcome.found_at > 0);
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

// What slips cost the same people: users are resampled with both of their conversations.
Fall fall_of(const Row& clean, const Row& slips, const Run& run) {
  Fall fall;
  std::vector<double> both;
  for (std::size_t i = 0; i < clean.users; ++i) {
    fall.lost += clean.who_found[i] && !slips.who_found[i] ? 1 : 0;
    fall.gained += !clean.who_found[i] && slips.who_found[i] ? 1 : 0;
    both.insert(both.end(), {clean.who_found[i] ? 1.0 : 0.0, slips.who_found[i] ? 1.0 : 0.0});
  }
  if (clean.found == 0) return fall;
  fall.share = 1 - static_cast<double>(slips.found) / static_cast<double>(clean.found);
  const std::vector<double> means = eval::bootstrap_means(both, 2, kResamples, run);
  std::vector<double> falls;
  for (std::size_t i = 0; i + 1 < means.size(); i += 2)
    if (means[i] > 0) falls.push_back(1 - means[i + 1] / means[i]);
  std::sort(falls.begin(), falls.end());
  fall.low = eval::quantile(falls, 0.025), fall.high = eval::quantile(falls, 0.975);
  return fall;
}

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
      if (slips) row.fall = fall_of(report.rows[report.rows.size() - 3], row, run);
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

}  // namespace attune::talk::people
