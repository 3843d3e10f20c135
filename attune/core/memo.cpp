// Memo: a short list, looked through; entries are few and large.
#include "attune/core/memo.h"

#include <algorithm>

namespace attune {

std::size_t Memo::size_bytes() const noexcept {
  std::size_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.bytes;
  return sum;
}

std::shared_ptr<const void> Memo::find(const void* subject, const std::string& key) {
  if (subject != subject_) entries_.clear();
  subject_ = subject;
  for (Entry& entry : entries_) {
    if (entry.key != key) continue;
    entry.used = ++clock_;
    ++reused_;
    return entry.value;
  }
  return nullptr;
}

void Memo::make_room(std::size_t bytes) {
  while (!entries_.empty() && size_bytes() + bytes > most_bytes_)
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; }));
}

void Memo::keep(const std::string& key, std::size_t bytes, std::shared_ptr<const void> value) {
  ++made_;
  make_room(bytes);   // what was made on the way may have taken the room
  if (bytes <= most_bytes_) entries_.push_back({key, std::move(value), bytes, ++clock_});
}

}  // namespace attune
