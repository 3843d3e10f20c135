// Segments: the same figures for popular and rare targets, short and long histories; a mean hides who is served badly.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "attune/eval/measured.h"
#include "attune/eval/repeats.h"

namespace attune::eval {
namespace {

// Bounds of popularity so that the items of each class hold about a third of all events. Equally popular items stay together.
struct PopularityClasses {
  std::uint32_t head = 1, middle = 1;  // taken at least so often
  std::array<std::size_t, 4> items = {};
  int of(std::uint32_t popularity) const { return popularity == 0 ? 3 : popularity >= head ? 0 : popularity >= middle ? 1 : 2; }
};

PopularityClasses classes_of(std::span<const std::uint32_t> popularity) {
  std::vector<std::uint32_t> sorted(popularity.begin(), popularity.end());
  std::sort(sorted.rbegin(), sorted.rend());
  std::uint64_t total = 0, sum = 0;
  for (const std::uint32_t p : sorted) total += p;
  PopularityClasses classes;
  bool has_head = false, has_middle = false;
  for (const std::uint32_t p : sorted) {
    sum += p;
    if (!has_head && 3 * sum >= total) {
      classes.head = std::max(p, 1u);
      has_head = true;
    }
    if (!has_middle && 3 * sum >= 2 * total) {
      classes.middle = std::max(p, 1u);
      has_middle = true;
    }
  }
  for (const std::uint32_t p : popularity) ++classes.items[static_cast<std::size_t>(classes.of(p))];
  return classes;
}

// The cases with only those targets that `belongs` keeps. Each target keeps its own mean rank.
template <class Belongs>
Ranked part_of(const Ranked& ranked, Belongs belongs) {
  Ranked part;
  for (const RankedCase& one : ranked.cases) {
    RankedCase kept = one;
    kept.places.clear();
    for (std::size_t t = 0; t < one.places.size(); ++t)
      if (belongs(*one.asked, one.asked->targets[t])) kept.places.push_back(one.places[t]);
    if (!kept.places.empty()) part.cases.push_back(std::move(kept));
  }
  return part;
}

std::vector<Segment> by_popularity(const Ranked& ranked, std::span<const Asked> asked, const data::Dataset& train, const Backdrop& backdrop,
                                   const EvalOptions& options, const Run& run) {
  static constexpr std::array<const char*, 4> kNames = {"head", "middle", "tail", "new"};
  const auto popularity = train.popularity();
  const PopularityClasses classes = classes_of(popularity);
  const std::array<std::string, 4> taken = {"taken by " + std::to_string(classes.head) + " users or more",
                                            "by " + std::to_string(classes.middle) + " or more", "by fewer", "by nobody"};
  std::vector<Segment> segments;
  for (int c = 0; c < 4; ++c) {
    const auto part = part_of(ranked, [&](const data::Case&, ItemId item) { return classes.of(popularity[to_index(item)]) == c; });
    if (part.cases.empty()) continue;
    const auto values = values_of(part, asked, backdrop, run);
    const auto at = static_cast<std::size_t>(c);
    segments.push_back({"target popularity", kNames[at], std::to_string(classes.items[at]) + " items " + taken[at], part.cases.size(),
                        figures_of(values, asked, options, run)});
  }
  return segments;
}

// Only where there are both: targets that repeat the history say little of what a model knows.
std::vector<Segment> by_repeat(const Ranked& ranked, std::span<const Asked> asked, const Backdrop& backdrop, const EvalOptions& options, const Run& run) {
  std::vector<Segment> segments;
  for (const bool repeats : {false, true}) {
    const auto part = part_of(ranked, [&](const data::Case& one, ItemId item) { return is_repeat(one, item) == repeats; });
    if (part.cases.empty()) return {};
    segments.push_back({"target", repeats ? "known to the user" : "new to the user", repeats ? "looked at or had before" : "never touched before", part.cases.size(),
                        figures_of(values_of(part, asked, backdrop, run), asked, options, run)});
  }
  return segments;
}

std::vector<Segment> by_history(const Ranked& ranked, std::span<const double> values, std::span<const Asked> asked, const EvalOptions& options,
                                const Run& run) {
  static constexpr std::array<std::pair<std::size_t, const char*>, 6> kBuckets = {
      {{0, "0"}, {1, "1-4"}, {5, "5-9"}, {10, "10-19"}, {20, "20-49"}, {50, "50+"}}};
  std::vector<Segment> segments;
  for (std::size_t b = 0; b < kBuckets.size(); ++b) {
    const std::size_t from = kBuckets[b].first, to = b + 1 < kBuckets.size() ? kBuckets[b + 1].first : SIZE_MAX;
    std::vector<double> part;
    std::size_t n = 0;
    for (std::size_t c = 0; c < ranked.cases.size(); ++c) {
      const std::size_t length = ranked.cases[c].asked->input.size();
      if (length < from || length >= to) continue;
      const auto row = values.subspan(c * asked.size(), asked.size());
      part.insert(part.end(), row.begin(), row.end());
      ++n;
    }
    if (n > 0) segments.push_back({"history length", kBuckets[b].second, "events known of the user", n, figures_of(part, asked, options, run)});
  }
  return segments;
}

}  // namespace

std::vector<Segment> segments_of(const Ranked& ranked, std::span<const double> values, std::span<const Asked> asked, const data::Dataset& train,
                                 const Backdrop& backdrop, const EvalOptions& options, const Run& run) {
  std::vector<Segment> segments = by_popularity(ranked, asked, train, backdrop, options, run);
  for (Segment& segment : by_repeat(ranked, asked, backdrop, options, run)) segments.push_back(std::move(segment));
  for (Segment& segment : by_history(ranked, values, asked, options, run)) segments.push_back(std::move(segment));
  return segments;
}

}  // namespace attune::eval
