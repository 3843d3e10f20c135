// Pipeline: the stages in order, each timed and held to its duty.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attune/rank/stage.h"

namespace attune::rank {

struct Timing {
  std::string stage;
  double ms = 0;
};

class Pipeline {
 public:
  explicit Pipeline(std::vector<std::unique_ptr<const Stage>> stages);
  // Throws Error: internal when a stage breaks its duty: a stage that is not there to retrieve adds an item, or a police
  // stage drops, moves or adjusts one without a note.
  Slate run(const World& world, const Request& request, std::vector<Timing>* timings = nullptr) const;

 private:
  std::vector<std::unique_ptr<const Stage>> stages_;
};

}  // namespace attune::rank
