// Simulated users with a hidden liked item: how often they find it within five lists of ten when they talk, against five pages
// of the plain list without talk. The hidden item is one of a customer's last basket, which nothing here has learned from.
//   bench_talk_people INVOICES.csv.gz [--users 500] [--seed 1] [--k 10] [--slips] [--work FOLDER] [--encoders tfidf,minilm]
// Three kinds of users, none of whom ever says the item's name:
//   points   judges only what is shown: "more like the third", "none of these"
//   critic   also says what is wrong with the nearest item shown: its price, a word of its text that the hidden item lacks
//   asks     also says, one a turn, what kind of thing it is: words of the hidden item's text, the most common ones first
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstdio>
#include <map>
#include <set>
#include <unordered_map>

#include "attune/data/import.h"
#include "attune/talk/constraints.h"
#include "bench/offline/talk_bench.h"

namespace attune::bench {
namespace {

enum class Kind { points, critic, asks };
constexpr const char* kKinds[] = {"points", "critic", "asks"};
constexpr int kTurns = 5;

std::set<std::string> words_in(const std::string& text) {
  std::set<std::string> words;
  for (const talk::Token& token : talk::tokens_of(talk::cleaned(text)))
    if (token.kind == talk::Token::word && token.text.size() > 2 && !talk::is_filler(token.text)) words.insert(talk::singular(token.text));
  return words;
}

struct Case {
  std::string user, hidden;
};

struct Shop {
  data::Batch batch;             // without the last baskets of the users asked about
  std::vector<Case> cases;
};

Shop held_out(const std::string& file, std::size_t users, std::uint64_t seed) {
  const data::ImportOptions options;
  data::Batch all = data::read(file, data::guess(file, options), options, Run{});
  std::map<std::string, std::vector<const data::Event*>> by_user;
  for (const data::Event& e : all.events)
    if (!e.user.starts_with("session:")) by_user[e.user].push_back(&e);
  Random random(seed);
  std::vector<Case> cases;
  std::set<const data::Event*> last_baskets;
  std::vector<std::string> names;
  for (const auto& [name, events] : by_user) names.push_back(name);
  random.shuffle(std::span(names));
  for (const std::string& name : names) {
    if (cases.size() == users) break;
    auto& events = by_user[name];
    std::stable_sort(events.begin(), events.end(), [](const auto* a, const auto* b) { return a->time_ms < b->time_ms; });
    const std::string basket = events.back()->session;
    std::set<std::string> before;
    std::vector<std::string> fresh;
    for (const data::Event* e : events)
      if (e->session != basket) before.insert(e->item);
    if (before.size() < 3) continue;
    for (const data::Event* e : events)
      if (e->session == basket && !before.contains(e->item) && std::find(fresh.begin(), fresh.end(), e->item) == fresh.end()) fresh.push_back(e->item);
    if (fresh.empty()) continue;
    for (const data::Event* e : events)
      if (e->session == basket) last_baskets.insert(e);
    cases.push_back({name, fresh[random.below(fresh.size())]});
  }
  Shop shop;
  shop.cases = std::move(cases);
  shop.batch.items = all.items;
  for (const data::Event& e : all.events)
    if (!last_baskets.contains(&e)) shop.batch.events.push_back(e);
  return shop;
}

class Person {
 public:
  Person(Talker& talker, const Case& asked, Kind kind, Random& random, bool slips, const std::unordered_map<std::string, std::size_t>& counts, int k)
      : talker_(talker), asked_(asked), kind_(kind), random_(random), slips_(slips), k_(k) {
    const auto world = talker.engine().world();
    const data::CatalogueItem& hidden = world->item(*world->find(asked.hidden));
    words_ = words_in(hidden.text);
    price_ = price_of(hidden.attributes);
    for (const std::string& word : words_) order_.push_back(word);
    std::sort(order_.begin(), order_.end(), [&](const std::string& a, const std::string& b) {
      const auto na = counts.find(a), nb = counts.find(b);
      const std::size_t x = na == counts.end() ? 0 : na->second, y = nb == counts.end() ? 0 : nb->second;
      return x != y ? x > y : a < b;
    });
  }

  // The turn at which the hidden item was shown, from 1; 0 = not within five.
  int run() {
    talker_.begin();
    std::string message = kind_ == Kind::asks && !order_.empty() ? opening() : "show me something I may like";
    for (int turn = 1; turn <= kTurns; ++turn) {
      const talk::Reply reply = talker_.say(slips_ ? with_slips(message, random_) : message, asked_.user, k_);
      double best = 0;
      std::size_t nearest = 0;
      for (std::size_t i = 0; i < reply.items.size(); ++i) {
        if (reply.items[i].item == asked_.hidden) return turn;
        const double like = likeness(reply.items[i]);
        if (like > best) best = like, nearest = i;
      }
      regret += 1 - best;
      if (!is_misled) {
        const std::vector<std::uint8_t> mask = talk::fitting(*talker_.chat().lexicon(), reply.dialogue.wants.constraints);
        is_misled = mask[to_index(*talker_.engine().world()->find(asked_.hidden))] == 0;
        if (is_misled && std::getenv("SHOW_MISLED") != nullptr) std::fprintf(stderr, "%s | %s | %s\n", asked_.hidden.c_str(), message.c_str(), talk::to_json(reply.reading).dump().c_str());
      }
      message = answer(reply, best, nearest, turn);
    }
    return 0;
  }
  bool is_misled = false;  // a constraint was read that bars the hidden item, though all that was said is true of it
  double regret = 0;       // sum over turns of 1 - likeness of the best item shown

 private:
  static double price_of(const Json& attributes) {
    const Json* price = attributes.find("price");
    return price != nullptr && price->is_number() ? price->as_number() : NAN;
  }
  // Words in common, over all words of both.
  double likeness(const talk::ReplyItem& item) const {
    const std::set<std::string> other = words_in(item.text);
    std::size_t common = 0;
    for (const std::string& word : words_) common += other.count(word);
    return other.empty() ? 0 : static_cast<double>(common) / static_cast<double>(words_.size() + other.size() - common);
  }

  std::string opening() {
    static const std::vector<std::string> kSay = {"I'm looking for something with {}", "do you have anything with {}?", "show me {} things", "{} please"};
    return filled(kSay[random_.below(kSay.size())], order_[said_++]);
  }
  static std::string filled(std::string pattern, const std::string& value) { return pattern.replace(pattern.find("{}"), 2, value); }

  std::string answer(const talk::Reply& reply, double best, std::size_t nearest, int turn) {
    static const std::vector<std::string> kPlaces = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"};
    if (reply.items.empty()) return "show me something else";
    const bool near = best > 0 && nearest < kPlaces.size();
    const std::string place = near ? kPlaces[nearest] : "";
    std::string say;
    if (kind_ == Kind::asks && said_ < order_.size() && said_ < 3) {
      say = "it should be something with " + order_[said_++];
      if (near && turn % 2 == 0) say += ", more like the " + place + " one";
      return say;
    }
    if (!near) return random_.below(2) == 0 ? "none of these" : "show me something else";
    say = (random_.below(2) == 0 ? "more like the " : "something similar to the ") + place + " one";
    if (kind_ == Kind::points) return say;
    const double price = price_of(reply.items[nearest].attributes);
    if (turn % 2 == 1 && !std::isnan(price) && !std::isnan(price_) && std::abs(price - price_) > 0.25 * price_) return say + (price_ < price ? " but cheaper" : " but more expensive");
    for (const std::string& word : words_in(reply.items[nearest].text))
      if (!words_.contains(word)) return say + " but not " + word;
    return say;
  }

  Talker& talker_;
  const Case& asked_;
  Kind kind_;
  Random& random_;
  bool slips_;
  int k_;
  std::set<std::string> words_;
  std::vector<std::string> order_;     // the most common first
  std::size_t said_ = 0;
  double price_ = NAN;
};

void go(const Arguments& arguments) {
  const std::uint64_t seed = std::stoull(arguments.get("seed", "1"));
  const int k = std::stoi(arguments.get("k", "10"));
  const Shop shop = held_out(arguments.words.at(0), std::stoul(arguments.get("users", "500")), seed);
  const std::filesystem::path work = arguments.get("work", (std::filesystem::temp_directory_path() / "attune_bench_people").string());
  std::vector<std::string> encoders;
  const std::string names = arguments.get("encoders", "tfidf,minilm");
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(',', at), names.size());
    encoders.push_back(names.substr(at, end - at));
    at = end + 1;
  }
  const auto engine = fitted(work, shop.batch, encoders, {"slist", "popularity"});
  const auto world = engine->world();
  std::unordered_map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < world->item_count(); ++i)
    for (const std::string& word : words_in(world->item(item_at(i)).text)) ++counts[word];
  std::vector<Case> cases;
  for (const Case& c : shop.cases)
    if (world->find(c.hidden)) cases.push_back(c);
  // Without talk: the same list, five pages of it.
  std::size_t plain = 0;
  double plain_turns = 0;
  for (const Case& c : cases) {
    const engine::List list = engine->recommend({.user = c.user, .k = k * kTurns, .log_exposure = false});
    for (std::size_t i = 0; i < list.items.size(); ++i)
      if (list.items[i].item == c.hidden) ++plain, plain_turns += static_cast<double>(i / static_cast<std::size_t>(k)) + 1;
  }
  const auto share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(cases.size()); };
  for (const bool slips : {false, true})
    for (const Kind kind : {Kind::points, Kind::critic, Kind::asks}) {
      Talker talker(*engine);
      Random random(seed + 17);
      std::size_t found = 0;
      double turns = 0, regret = 0;
      std::size_t misled = 0;
      for (const Case& c : cases) {
        Person person(talker, c, kind, random, slips, counts, k);
        if (const int turn = person.run(); turn > 0) ++found, turns += turn;
        regret += person.regret;
        misled += person.is_misled ? 1 : 0;
      }
      Json line = Json::object();
      line["what"] = "hidden liked item found within 5 lists of " + std::to_string(k);
      line["set"] = "online-retail";
      line["people"] = kKinds[static_cast<int>(kind)];
      line["slips"] = slips;
      line["users"] = cases.size();
      line["found"] = rounded(share(found), 4);
      line["found_without_talk"] = rounded(share(plain), 4);
      line["ratio"] = rounded(static_cast<double>(found) / static_cast<double>(std::max<std::size_t>(plain, 1)), 2);
      line["turns_to_find"] = rounded(found > 0 ? turns / static_cast<double>(found) : 0, 2);
      line["pages_to_find_without_talk"] = rounded(plain > 0 ? plain_turns / static_cast<double>(plain) : 0, 2);
      line["regret"] = rounded(regret / static_cast<double>(cases.size()), 3);
      line["misled"] = misled;
      line["items_named"] = talker.items_named;
      line["items_not_in_catalogue"] = talker.items_unknown;
      line["p50_ms"] = rounded(quantile(talker.wall_ms, 0.5), 2);
      line["p99_ms"] = rounded(quantile(talker.wall_ms, 0.99), 2);
      line["cpu_p99_ms"] = rounded(quantile(talker.cpu_ms, 0.99), 2);
      line["encoders"] = names;
      line["seed"] = seed;
      emit("talk/people", line);
    }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  try {
    attune::bench::go(attune::bench::Arguments(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_talk_people: %s\n", e.what());
    return 1;
  }
}
