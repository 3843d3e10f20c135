// Ids and touches: the words that every floor shares.
// Ids are dense row numbers; names live in the Catalogue and are translated at the door, nowhere else.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>

namespace attune {

enum class ItemId : std::uint32_t {};
enum class UserId : std::uint32_t {};

constexpr std::size_t to_index(ItemId id) noexcept { return static_cast<std::size_t>(id); }
constexpr std::size_t to_index(UserId id) noexcept { return static_cast<std::size_t>(id); }
constexpr ItemId item_at(std::size_t row) noexcept { return static_cast<ItemId>(static_cast<std::uint32_t>(row)); }
constexpr UserId user_at(std::size_t row) noexcept { return static_cast<UserId>(static_cast<std::uint32_t>(row)); }

// One event as a model sees it. `weight` comes from the event's type, value and age (settings, [events.*]);
// negative = disliked; 0 = keeps its place in the history but counts nothing.
struct Touch {
  ItemId item{};
  float weight = 1;
  std::int64_t time_ms = 0;  // since 1970 UTC
  // Stands at the same place in the history as the touch before it: the parts of one event (a free text or a new item read
  // as its nearest items). Decay by place and windows count places, not touches.
  bool joined = false;
  friend bool operator==(const Touch&, const Touch&) = default;
};

// An item with its score. Scores have no unit and compare only within one model.
struct Scored {
  ItemId item{};
  float score = 0;
  friend bool operator==(const Scored&, const Scored&) = default;
};

}  // namespace attune
