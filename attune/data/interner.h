// Interner: names to small numbers, each name kept once. Cost: one XXH3 and, mostly, one probe a look-up; no allocation
// for a name that is known. Belongs to one thread.
#pragma once
#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace attune::data {

// Bytes that stay where they are until the arena goes.
class Arena {
 public:
  std::string_view keep(std::string_view s) {
    if (s.size() > left_) {
      const std::size_t size = s.size() > kBlockBytes ? s.size() : kBlockBytes;
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      next_ = blocks_.back().get();
      left_ = size;
    }
    if (!s.empty()) std::memcpy(next_, s.data(), s.size());
    const std::string_view kept{next_, s.size()};
    next_ += s.size();
    left_ -= s.size();
    return kept;
  }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

class Interner {
 public:
  // The number of `name`: 0, 1, 2, ... in the order of first sight.
  std::uint32_t id(std::string_view name) {
    if ((names_.size() + 1) * 2 > slots_.size()) grow();
    const std::uint64_t hash = XXH3_64bits(name.data(), name.size());
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at] != kFree; at = (at + 1) & (slots_.size() - 1))
      if (names_[slots_[at]] == name) return slots_[at];
    slots_[at] = static_cast<std::uint32_t>(names_.size());
    names_.push_back(arena_.keep(name));
    return slots_[at];
  }
  std::string_view name(std::uint32_t id) const noexcept { return names_[id]; }
  std::size_t size() const noexcept { return names_.size(); }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, kFree);
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
      std::size_t at = XXH3_64bits(names_[i].data(), names_[i].size()) & (slots_.size() - 1);
      while (slots_[at] != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i;
    }
  }
  Arena arena_;
  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace attune::data
