// Ask and answers: what callers say and get, by name; the JSON shapes that others rely on.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "attune/core/explanation.h"
#include "attune/core/json.h"
#include "attune/data/store.h"
#include "attune/explain/explain.h"
#include "attune/rank/pipeline.h"

namespace attune::engine {

// One question for a list. All names; unset numbers mean the workspace's settings.
struct Ask {
  std::string user;                         // empty: nobody we know
  std::vector<std::string> history;         // item names, oldest first; added after the user's own events
  std::string about;                        // free text
  std::vector<std::string> exclude;
  std::string filter;                       // see rank/filter.h
  std::string caps;                         // "category=3"
  std::vector<std::string> models;          // only these sources; empty = all, as learned
  std::map<std::string, double> weights;    // by source: times the weight it learned; 0 = off, left out = 1
  int k = 0;                                // 0 = settings
  double diversity = -1;                    // < 0 = settings
  double min_score = -1e30;
  bool explain = false;
  bool is_alike = false;                    // items like `history`, for nobody: reasons are worded so
  bool log_exposure = true;                 // keep the list as an exposure record
  std::string language;                     // empty = settings
  std::string request;                      // id; empty = made here
};

struct ListItem {
  std::string item, text;
  double score = 0;
  std::string because;
  Explanation why;                          // parts sum to score
  std::vector<rank::Note> notes;
};
struct List {
  std::string user, request, snapshot;
  std::vector<ListItem> items;
  std::vector<rank::Note> notes;            // about the list
  std::vector<rank::Timing> timings;
  std::string note;                         // kept with the exposure
};

// The list as it is kept in the log of lists shown.
data::Exposure exposure_of(const List& list, std::int64_t time_ms);

// {"user", "request", "snapshot", "items": [{"item", "text", "score", "because", "parts": [...], "notes": [...]}]};
// parts only when `with_parts`.
Json to_json(const List& list, bool with_parts);
Json to_json(const Explanation& explanation);   // {"what", "value", "parts"?}
Json to_json(const rank::Note& note);           // {"stage", "reason", "effect"}

// Why is (or is not) an item in somebody's list, by name.
struct WhyAnswer {
  std::string user, item, text, snapshot;
  explain::Answer answer;
  std::vector<std::string> would_change;    // names
  std::vector<std::string> would_change_texts;
};
Json to_json(const WhyAnswer& answer);

}  // namespace attune::engine
