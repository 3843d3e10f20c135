// Settings: what attune.toml says, over defaults. Every key is documented; an unknown key is an error naming the nearest.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/params.h"
#include "attune/data/event_type.h"

namespace attune::engine {

struct Settings {
  data::EventTypes events;                      // [events.NAME]
  std::vector<std::string> encoders;            // [encoders] use
  std::vector<std::string> models;              // [models] use
  std::map<std::string, Json> plugin;           // [slist], [ease], [minilm], ...: settings of one plug-in, checked against its Params

  struct Lists {
    int k = 10;
    double diversity = 0;
    std::string language = "en";
    std::string caps;                           // "category=3,brand=2"
    int about_items = 50;
    double about_temperature = 0.05;
    template <class V> void visit(V& v) {
      v("k", k, "length of a list; 1..1000");
      v("diversity", diversity, "0 = most relevant first, 1 = as different as can be (MMR)");
      v("language", language, "of the reasons: en or zh");
      v("caps", caps, "at most so many items of one value in a list: category=3,brand=2");
      v("about_items", about_items, "how many items nearest to a free text stand for it");
      v("about_temperature", about_temperature, "softmax temperature of those items; smaller = only the nearest count");
    }
  } lists;
  struct Fit {
    std::string split = "auto";
    std::int64_t seed = 42;
    int keep_snapshots = 3;
    bool evaluate = true;
    int evaluate_users = 20000;
    bool stacking = false;
    template <class V> void visit(V& v) {
      v("split", split, "what is held out to learn weights and to judge: auto, leave_one_out, session, time, ratio; auto = session where most events come in baskets");
      v("seed", seed, "of everything random");
      v("keep_snapshots", keep_snapshots, "older ones are deleted after a fit; >= 1");
      v("evaluate", evaluate, "judge every model on held-out events before sealing");
      v("evaluate_users", evaluate_users, "at most so many users, drawn by the seed, are judged during a fit");
      v("stacking", stacking, "learn trees on top of the fused scores; kept only where they do better on held-out users");
    }
  } fit;
  struct Memory {
    std::string budget = "4GB";
    template <class V> void visit(V& v) { v("budget", budget, "of one fit: 500MB, 4GB; models that need more refuse or switch, and say so"); }
  } memory;
  struct Import {
    std::string time_zone;
    bool clean = true;
    template <class V> void visit(V& v) {
      v("time_zone", time_zone, "of times without one: +01:00; empty = UTC");
      v("clean", clean, "take out duplicates, cancelled purchases, fees; false = take rows as they are");
    }
  } import;
  struct Store {
    std::string url;                            // may hold a password: in no record of settings
    template <class V> void visit(V& v) {
      v("url", url, "where the store is: postgres://user@host:5432/database; empty = attune.db in the workspace; ATTUNE_STORE_URL goes before, PGPASSWORD and ~/.pgpass hold passwords");
    }
  } store;

  std::size_t memory_bytes() const;             // memory.budget; throws Error: bad_request
  // The plug-in's settings as given, or null.
  Json of_plugin(std::string_view name) const;
};

// Without a file: reads, fuses, and works for a small shop.
Settings standard_settings();
// Throws Error: bad_request (unknown key or value, naming line and nearest key), bad_data (no TOML), not_found.
Settings read_settings(const std::string& path);
// Puts one "section.key=value" over the settings ("slist.lambda=200", "lists.k=20", "events.view.weight=0.2").
void set(Settings& settings, std::string_view assignment);
// For `attune settings`: every key with type, default and help, in the order of the file.
std::vector<Setting> documented_settings();
// What `attune init` writes: the defaults with their help as comments.
std::string starter_toml();
Json to_json(const Settings& settings);

}  // namespace attune::engine
