// Report of simulated people: a row a kind, as a table and as JSON.
#include <cmath>
#include <cstdio>

#include "attune/talk/people/protocol.h"

namespace attune::talk::people {
namespace {

constexpr double kNormal = 1.96;               // 95 %

double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}
// Half the 95 % interval of a share.
double half_width(double share, std::size_t n) { return n == 0 ? 0 : kNormal * std::sqrt(share * (1 - share) / static_cast<double>(n)); }

// "2.4 % (0.3 to 4.6)"
std::string spoken(const Fall& fall) {
  char text[80];
  std::snprintf(text, sizeof text, "%.1f %% (%.1f to %.1f)", 100 * fall.share, 100 * fall.low, 100 * fall.high);
  return text;
}

}  // namespace

eval::Table DialogueReport::table() const {
  eval::Table table{.title = std::to_string(rows.empty() ? 0 : rows[0].users) + " simulated users, " + std::to_string(options.turns) + " lists of " + std::to_string(options.k),
                    .columns = {{"people", false}, {"found"}, {"+-"}, {"without talk"}, {"times"}, {"turns"}, {"regret"}, {"misled"}, {"not in catalogue"}, {"lost by slips"}, {"p50 ms"}, {"p99 ms"}}, .rows = {}, .notes = {}};
  for (const Row& row : rows) {
    const double times = row.plain > 0 ? static_cast<double>(row.found) / static_cast<double>(row.plain) : 0;
    table.rows.push_back({Json(std::string(kKinds[static_cast<int>(row.kind)]) + (row.slips ? ", slips" : "")), Json(rounded(row.found_share(), 4)), Json(rounded(half_width(row.found_share(), row.users), 3)), Json(rounded(row.plain_share(), 4)),
                          row.plain > 0 ? Json(rounded(times, 2)) : Json(), row.found > 0 ? Json(rounded(row.turns, 2)) : Json(), Json(rounded(row.regret, 3)), Json(static_cast<std::int64_t>(row.misled)), Json(static_cast<std::int64_t>(row.items_unknown)), row.fall ? Json(spoken(*row.fall)) : Json(), Json(rounded(row.p50_ms, 1)), Json(rounded(row.p99_ms, 1))});
  }
  table.notes = {"found: an item of the user's last basket, which nothing here has learned from, stood in one of the lists; +-: half of its 95 % interval",
                 "without talk: the same in as many pages of the list that the user gets without a word",
                 "points: \"more like the third\"; critic: also \"but cheaper\", \"but not red\"; asks: also what it has, a word or value a turn; slips: one word in ten misspelt",
                 "lost by slips: of the people who found it in the same conversation without slips; 95 % interval, paired bootstrap over users",
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
    if (row.fall) {
      Json fall = Json::object();
      fall["share"] = rounded(row.fall->share, 4);
      fall["low"] = rounded(row.fall->low, 4);
      fall["high"] = rounded(row.fall->high, 4);
      fall["users_lost"] = row.fall->lost;
      fall["users_gained"] = row.fall->gained;
      one["fall_by_slips"] = std::move(fall);
    }
    one["p50_ms"] = rounded(row.p50_ms, 2);
    one["p99_ms"] = rounded(row.p99_ms, 2);
    all.push_back(std::move(one));
  }
  json["rows"] = std::move(all);
  return json;
}

}  // namespace attune::talk::people
