// What an open desk holds, and what opening and training share; for this folder alone.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "attune/encode/encoder.h"
#include "attune/talk/desk/desk.h"
#include "attune/talk/desk/intents.h"
#include "attune/talk/desk/search.h"
#include "attune/talk/desk/vocabulary.h"

namespace attune::talk::desk {

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
  Vocabulary vocabulary;
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

// What is searched: the content's questions but those in `leave_out`, and its passages.
Search search_of(const Content& content, const std::vector<std::uint32_t>& faq_answers, const ReadTexts& read, const SearchWeights& weights, const Run& run,
                 const std::set<std::size_t>& leave_out);
// Wordings of one name have one answer number, in order of first sight.
std::vector<std::uint32_t> answers_of(const std::vector<Faq>& faq);
// Throws Error: not_found, saying the next command.
[[noreturn]] void nothing_imported();

}  // namespace attune::talk::desk
