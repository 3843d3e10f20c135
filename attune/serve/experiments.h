// Experiments of the service: what runs now, kept in the store so that every replica deals users alike, and lists asked for
// as the user's arms say.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "attune/engine/engine.h"
#include "attune/online/experiment.h"

namespace attune::serve {

struct Context;

// Safe from any thread.
class Experiments {
 public:
  explicit Experiments(Context& context) : context_(context) {}

  using List = std::vector<online::Experiment>;
  // What there is, running or over; another replica's changes are seen within a second.
  std::shared_ptr<const List> all() const;
  const online::Experiment* find(const List& list, std::string_view name) const;
  // New, or changed. Throws Refusal: 409 when arms, shares, salt or mode of one that runs would change under its users;
  // Error: bad_request when an arm cannot be asked.
  void put(online::Experiment experiment);
  void remove(std::string_view name);   // throws Error: not_found
  void stop(std::string_view name);     // throws Error: not_found

  // The list of the user's arms; what the caller asked for expressly goes before what an arm changes. The list's note names the arms.
  engine::List recommend(engine::Ask ask) const;

 private:
  void keep(List list);
  engine::List interleaved(const online::Experiment& experiment, const engine::Ask& ask, Json note) const;

  Context& context_;
  std::mutex change_;                   // one change at a time
  mutable std::mutex mutex_;            // of the two below
  mutable std::shared_ptr<const List> list_;
  mutable std::int64_t read_ms_ = 0;
};

// What an arm changes, where the caller said nothing. Throws Error: bad_request for a value of the wrong kind.
engine::Ask changed(engine::Ask ask, const Json& arm);

}  // namespace attune::serve
