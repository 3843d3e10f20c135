// ItemMap: see the header.
#include "attune/serve/item_map.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "attune/core/random.h"
#include "attune/core/words.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostRegions = 36, kItemsARegion = 90, kFewestInRegion = 8;
constexpr double kFewestShare = 0.12;    // of a region's items that must hold the word that names it
constexpr int kNice = 10;

float squared(const index::Point& a, const index::Point& b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

// Each point's group: k-means, begun far apart.
std::vector<std::uint32_t> groups_of(const std::vector<index::Point>& points, std::size_t count, std::uint64_t seed) {
  Random random(seed ^ 0x726567696f6e);
  std::vector<index::Point> middles = {points[random.below(points.size())]};
  std::vector<float> away(points.size(), INFINITY);
  while (middles.size() < count) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      away[i] = std::min(away[i], squared(points[i], middles.back()));
      sum += away[i];
    }
    double left = random.uniform() * sum;
    std::size_t chosen = 0;
    while (chosen + 1 < points.size() && (left -= away[chosen]) > 0) ++chosen;
    middles.push_back(points[chosen]);
  }
  std::vector<std::uint32_t> groups(points.size(), 0);
  for (int round = 0; round < 25; ++round) {
    std::vector<double> x(count, 0), y(count, 0), n(count, 0);
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (std::uint32_t g = 0; g < count; ++g)
        if (squared(points[i], middles[g]) < squared(points[i], middles[groups[i]])) groups[i] = g;
      x[groups[i]] += points[i].x;
      y[groups[i]] += points[i].y;
      ++n[groups[i]];
    }
    for (std::size_t g = 0; g < count; ++g)
      if (n[g] > 0) middles[g] = {static_cast<float>(x[g] / n[g]), static_cast<float>(y[g] / n[g])};
  }
  return groups;
}

bool may_name(const std::string& word) {
  const bool is_number = std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return !is_number && (word.size() >= 3);
}

}  // namespace

std::vector<Region> regions_of(const std::vector<index::Point>& points, const std::vector<std::string_view>& texts, std::uint64_t seed) {
  if (points.size() < kFewestInRegion) return {};
  const std::size_t count = std::clamp(points.size() / kItemsARegion, std::size_t{1}, kMostRegions);
  const auto groups = groups_of(points, count, seed);
  std::vector<std::unordered_map<std::string, std::size_t>> within(count);
  std::unordered_map<std::string, std::size_t> overall;
  std::vector<Region> regions(count);
  for (std::size_t i = 0; i < points.size(); ++i) {
    Region& region = regions[groups[i]];
    ++region.count;
    region.middle.x += points[i].x;
    region.middle.y += points[i].y;
    const auto words = words_of(texts[i]);
    for (const std::string& word : std::set<std::string>(words.begin(), words.end())) {
      if (!may_name(word)) continue;
      ++within[groups[i]][word];
      ++overall[word];
    }
  }
  struct Name {
    double worth;
    std::size_t region;
    std::string word;
  };
  std::vector<Name> names;
  const auto all = static_cast<double>(points.size());
  for (std::size_t g = 0; g < count; ++g) {
    const auto size = static_cast<double>(regions[g].count);
    if (regions[g].count < kFewestInRegion) continue;
    for (const auto& [word, n] : within[g]) {
      const double share = static_cast<double>(n) / size, usual = static_cast<double>(overall[word]) / all;
      if (share >= kFewestShare && share > 1.5 * usual) names.push_back({share * std::log(share / usual) * std::sqrt(size), g, word});
    }
  }
  // The best word first, each region one, each word one region.
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.worth != b.worth ? a.worth > b.worth : a.word < b.word; });
  std::set<std::string> used;
  for (const Name& name : names)
    if (regions[name.region].label.empty() && used.insert(name.word).second) regions[name.region].label = name.word;
  std::vector<Region> named;
  for (Region& region : regions) {
    if (region.label.empty()) continue;
    region.middle = {region.middle.x / static_cast<float>(region.count), region.middle.y / static_cast<float>(region.count)};
    named.push_back(std::move(region));
  }
  std::sort(named.begin(), named.end(), [](const Region& a, const Region& b) { return a.count != b.count ? a.count > b.count : a.label < b.label; });
  return named;
}

ItemMap::~ItemMap() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

ItemMap::Look ItemMap::look() {
  const auto snapshot = engine_.snapshot();
  const std::lock_guard lock(mutex_);
  if (drawing_ != nullptr && drawing_->snapshot->name == snapshot->name) return {State::ready, drawing_, ""};
  if (snapshot->vectors == nullptr || snapshot->vectors->empty()) return {State::no_vectors, nullptr, ""};
  if (failed_ == snapshot->name) return {State::failed, nullptr, problem_};
  if (making_.empty()) {
    if (thread_.joinable()) thread_.join();   // it has ended: making_ is emptied last
    making_ = snapshot->name;
    thread_ = std::thread([this, snapshot] { draw(snapshot); });
  }
  return {State::making, nullptr, ""};
}

void ItemMap::draw(std::shared_ptr<const engine::Snapshot> snapshot) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);   // of this thread: lists go first
  std::shared_ptr<const Drawing> made;
  std::string problem;
  try {
    auto drawing = std::make_shared<Drawing>();
    drawing->snapshot = snapshot;
    Run run;
    run.stop = &stop_;
    drawing->points = index::lay_out(*snapshot->vectors, {}, run);
    std::vector<std::string_view> texts;
    for (const data::CatalogueItem& item : snapshot->catalogue->items()) texts.push_back(item.text);
    drawing->regions = regions_of(drawing->points, texts, run.seed);
    made = std::move(drawing);
  } catch (const std::exception& e) {
    problem = e.what();
  }
  const std::lock_guard lock(mutex_);
  if (made != nullptr) drawing_ = std::move(made);
  if (!problem.empty()) failed_ = snapshot->name, problem_ = problem;
  making_.clear();
}

}  // namespace attune::serve
