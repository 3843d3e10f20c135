// Stages: one step each in making a list; the pipeline runs them in order, times and checks them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/params.h"
#include "attune/rank/request.h"
#include "attune/rank/slate.h"
#include "attune/rank/world.h"

namespace attune::rank {

enum class Duty {
  retrieve,  // may add candidates
  rank,      // may change scores and order, and cut the list short
  police     // may drop, move or adjust; leaves a note on each candidate it changes, and hands those it drops, with their
             // note, to Slate::dropped
};

// Const, safe from any thread: const goes in, a value comes out.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string name() const = 0;
  virtual Duty duty() const = 0;
  virtual Slate run(const World& world, const Request& request, Slate slate) const = 0;
};

// Why may this item not be in this list at all; nullopt = it may. Checked before anything is scored:
// gone, hidden, seen, excluded, filter. One reason each, as a note ("seen": "you already have it").
std::optional<Note> not_allowed(const World& world, const Request& request, ItemId item);

// Stages of this floor, each in its own file; STAGE lines in plugins.def. Settings by Params::visit.
// Police stages are in policy/stages.h; engine/pipeline_settings.h puts the standard pipeline together.
std::unique_ptr<const Stage> make_retrieve(const Json& params);   // all allowed items scored; those with the best fused scores kept
std::unique_ptr<const Stage> make_fuse(const Json& params);       // z-scores, weights per segment (scores.h); sorts
std::unique_ptr<const Stage> make_stack(const Json& params);      // adds what learned trees say (stacker.h); sorts
std::unique_ptr<const Stage> make_diversify(const Json& params);  // MMR over World::vectors; request.diversity
std::unique_ptr<const Stage> make_cut(const Json& params);        // the first k

std::vector<Setting> settings_retrieve();
std::vector<Setting> settings_fuse();
std::vector<Setting> settings_stack();
std::vector<Setting> settings_diversify();
std::vector<Setting> settings_cut();

}  // namespace attune::rank
