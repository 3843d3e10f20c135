// What an open desk holds; for desk.cpp and answer.cpp alone.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "attune/encode/encoder.h"
#include "attune/talk/desk/desk.h"
#include "attune/talk/desk/intents.h"
#include "attune/talk/desk/search.h"

namespace attune::talk::desk {

// A message as it is read: UTF-8 (other bytes become U+FFFD), no control characters, at most 4,000 characters, no space around it.
std::string readable(std::string_view message);

struct Desk::State {
  struct Encoders {
    std::vector<std::unique_ptr<const encode::Encoder>> all;
    std::vector<Matrix> read(std::span<const std::string> texts, const std::string& cache, const Run& run) const;
  };
  static Encoders open_encoders(const Run& run);

  std::filesystem::path folder;
  Content content;
  std::vector<std::string> intent_names;        // ascending
  std::optional<Intents> intents;
  std::vector<std::uint32_t> faq_answers;       // answer number of each FAQ; passages follow after
  Search search;
  Encoders encoders;
  std::map<std::string, std::size_t> pick_counts;
  std::size_t trained_picks = 0, picks_seen = 0;
  std::atomic<std::size_t> picks_read{0};       // bytes of picks.jsonl
  mutable std::shared_mutex mutex;

  // Messages are read without the cache: what people write does not stay on the disk.
  ReadTexts reader() const {
    return [this](std::span<const std::string> texts, const Run& run) { return encoders.read(texts, "", run); };
  }
  const Template* find_template(const std::string& name) const;
  // Picks that were written since, by this process or another.
  void take_new_picks(const Run& run);
  void take(const std::string& message, const std::string& picked, bool is_new, const Run& run);
};

}  // namespace attune::talk::desk
