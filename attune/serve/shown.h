// Shown: what was shown to whom lately: for lists without repeats over several pages, and for turning lists over. A cache of
// the log of lists shown; what is not here is read from there.
#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "attune/data/store.h"

namespace attune::serve {

// Safe from any thread.
class Shown {
 public:
  explicit Shown(const data::Store& store) : store_(store) {}

  void add(const data::Exposure& exposure);
  // An event of the user with the item: it counts as taken.
  void taken(const std::string& user, const std::string& item);
  void forget_user(const std::string& user);
  void forget_erased(const data::Receipt& receipt);   // whom another process erased
  void forget_people();                                // all is read from the log again
  // How often each item stood in the user's last lists of a week without being taken since.
  std::map<std::string, int> counts(const std::string& user, std::int64_t now_ms);
  std::optional<data::Exposure> list(const std::string& request) const;

 private:
  struct OneList {
    std::int64_t time_ms = 0;
    std::vector<std::string> items;      // those taken are gone from it
  };
  struct Person {
    std::deque<OneList> lists;           // newest first
    std::list<std::string>::iterator place;
  };
  Person& person(const std::string& user);   // mutex held

  const data::Store& store_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Person> people_;
  std::list<std::string> recent_;            // newest first
  std::unordered_map<std::string, data::Exposure> lists_;   // by request
  std::deque<std::string> order_;            // of lists_, oldest first
};

}  // namespace attune::serve
