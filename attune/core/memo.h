// Memo: what several fits of one dataset have in common (Gram matrices, inverses), made once and kept within a bound of memory:
// the least recently used go first. Handed on by Run::memo; without one each fit makes its own and nothing is kept.
// Not for several threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/progress.h"

namespace attune {

class Memo {
 public:
  explicit Memo(std::size_t bytes) : most_bytes_(bytes) {}

  // What `make` gave under this key before, else what it gives now. `bytes`: its size, for which room is made first; what is
  // larger than the whole bound is made and not kept. `subject`: what all of it is about, a dataset; another one empties the memo.
  // One key always means one type. What somebody still holds lives on when the memo drops it.
  template <class T>
  std::shared_ptr<const T> get(const void* subject, const std::string& key, std::size_t bytes, const std::function<T()>& make) {
    if (const auto known = find(subject, key)) return std::static_pointer_cast<const T>(known);
    make_room(bytes);
    auto made = std::make_shared<const T>(make());
    keep(key, bytes, made);
    return made;
  }

  std::size_t size_bytes() const noexcept;
  std::size_t made() const noexcept { return made_; }       // how often something had to be made
  std::size_t reused() const noexcept { return reused_; }   // how often it was there

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const void> value;
    std::size_t bytes = 0;
    std::uint64_t used = 0;   // higher = later
  };
  std::shared_ptr<const void> find(const void* subject, const std::string& key);
  void make_room(std::size_t bytes);
  void keep(const std::string& key, std::size_t bytes, std::shared_ptr<const void> value);

  const void* subject_ = nullptr;
  std::vector<Entry> entries_;
  std::size_t most_bytes_ = 0, made_ = 0, reused_ = 0;
  std::uint64_t clock_ = 0;
};

// From the run's memo, or made now when it has none.
template <class T>
std::shared_ptr<const T> shared(const Run& run, const void* subject, const std::string& key, std::size_t bytes, const std::function<T()>& make) {
  if (run.memo != nullptr) return run.memo->get<T>(subject, key, bytes, make);
  return std::make_shared<const T>(make());
}

}  // namespace attune
