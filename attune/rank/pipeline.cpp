// Pipeline: runs the stages and looks at what each did. Cost of looking: a sort of the candidates a stage.
#include "attune/rank/pipeline.h"

#include <algorithm>
#include <chrono>

#include "attune/core/error.h"

namespace attune::rank {
namespace {

// What must be remembered of a candidate to see later what a stage did to it.
struct Before {
  ItemId item;
  std::size_t place, notes;
  float score;
};

std::vector<Before> remember(const Slate& slate) {
  std::vector<Before> before;
  before.reserve(slate.candidates.size());
  for (std::size_t n = 0; n < slate.candidates.size(); ++n) {
    const Candidate& c = slate.candidates[n];
    before.push_back({c.item, n, c.notes.size(), c.score});
  }
  std::sort(before.begin(), before.end(), [](const Before& a, const Before& b) { return a.item < b.item; });
  return before;
}

class Check {
 public:
  Check(const Stage& stage, std::vector<Before> before, std::size_t dropped_before)
      : stage_(stage), before_(std::move(before)), dropped_before_(dropped_before) {}

  void operator()(const Slate& slate) const {
    if (stage_.duty() == Duty::retrieve) return;
    std::size_t last_place = 0;
    for (const Candidate& candidate : slate.candidates) {
      const Before& was = find(candidate);
      if (stage_.duty() != Duty::police || candidate.notes.size() > was.notes) continue;
      if (candidate.score != was.score) fail("changes the score of an item without a note");
      if (was.place < last_place) fail("moves an item without a note");
      last_place = was.place;
    }
    if (stage_.duty() != Duty::police) return;
    for (std::size_t n = dropped_before_; n < slate.dropped.size(); ++n)
      if (slate.dropped[n].notes.size() <= find(slate.dropped[n]).notes) fail("drops an item without a note");
    const std::size_t dropped = slate.dropped.size() - dropped_before_;
    if (slate.candidates.size() + dropped != before_.size()) fail("loses or doubles an item: those it drops go to Slate::dropped");
  }

 private:
  const Before& find(const Candidate& candidate) const {
    const auto it = std::lower_bound(before_.begin(), before_.end(), candidate.item, [](const Before& b, ItemId id) { return b.item < id; });
    if (it == before_.end() || it->item != candidate.item) fail("adds an item, which only a retrieve stage may");
    return *it;
  }
  [[noreturn]] void fail(const std::string& what) const { throw Error(Code::internal, "stage '" + stage_.name() + "' " + what); }

  const Stage& stage_;
  std::vector<Before> before_;
  std::size_t dropped_before_;
};

}  // namespace

Pipeline::Pipeline(std::vector<std::unique_ptr<const Stage>> stages) : stages_(std::move(stages)) {}

Slate Pipeline::run(const World& world, const Request& request, std::vector<Timing>* timings) const {
  Slate slate;
  for (const auto& stage : stages_) {
    const auto start = std::chrono::steady_clock::now();
    const Check check(*stage, remember(slate), slate.dropped.size());
    slate = stage->run(world, request, std::move(slate));
    check(slate);
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    if (timings != nullptr) timings->push_back({stage->name(), taken.count()});
  }
  return slate;
}

}  // namespace attune::rank
