// Repeats: events of one file that are equal in all fields (see clean.h). Open addressing over the events' hashes.
#include <xxhash.h>

#include <unordered_map>

#include "attune/data/clean.h"
#include "attune/data/table.h"

namespace attune::data {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;

std::uint64_t hash_of(const Event& e) {
  std::uint64_t h = static_cast<std::uint64_t>(e.time_ms);
  for (const std::string* s : {&e.user, &e.item, &e.type, &e.session, &e.request}) h = XXH3_64bits_withSeed(s->data(), s->size(), h);
  const double value = e.value.value_or(-0.5);
  return XXH3_64bits_withSeed(&value, sizeof value, h);
}

}  // namespace

void drop_repeats(Batch& batch, const std::string& file, const std::vector<std::uint64_t>& lines, const Run& run) {
  std::vector<Event>& events = batch.events;
  std::size_t size = 64, kept = 0;
  while (size < events.size() * 2) size *= 2;
  std::vector<std::uint32_t> slots(size, kNone);
  std::vector<std::uint64_t> line_of;  // of the events kept
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i % 65536 == 0) run.check();
    std::size_t at = hash_of(events[i]) & (size - 1);
    while (slots[at] != kNone && !(events[slots[at]] == events[i])) at = (at + 1) & (size - 1);
    if (slots[at] != kNone) {
      const std::string first = std::to_string(line_of[slots[at]]);
      batch.rejections.push_back(reject(file, lines[i], "exact repeat of an earlier row: line " + first, events[i].user + " " + events[i].item));
      continue;
    }
    slots[at] = static_cast<std::uint32_t>(kept);
    line_of.push_back(lines[i]);
    if (kept != i) events[kept] = std::move(events[i]);
    ++kept;
  }
  events.resize(kept);
}

void keep_repeats(Batch& batch, const Run& run) {
  std::unordered_map<std::uint64_t, std::int64_t> times;  // a rare collision moves one event by a millisecond
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    if (i % 65536 == 0) run.check();
    batch.events[i].time_ms += times[hash_of(batch.events[i])]++;
  }
}

}  // namespace attune::data
