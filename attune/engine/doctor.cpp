// Doctor: see the header.
#include "attune/engine/doctor.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/import.h"
#include "attune/engine/snapshot.h"
#include "attune/lm/language_model.h"

namespace attune::engine {
namespace fs = std::filesystem;

std::uint64_t folder_bytes(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code problem;
  for (const auto& entry : fs::recursive_directory_iterator(folder, problem))
    if (entry.is_regular_file(problem)) sum += entry.file_size(problem);
  return sum;
}

RejectedRows rejected_rows(const data::Store& store, std::size_t most) {
  std::map<std::string, std::uint64_t> reasons;
  RejectedRows rows;
  store.read_rejections(SIZE_MAX, [&](const data::Rejection& rejection) {
    ++reasons[data::without_values(rejection.reason)];
    if (rows.shown.size() < most) rows.shown.push_back(rejection);
  });
  rows.reasons.assign(reasons.begin(), reasons.end());
  return rows;
}

std::vector<MemoryNeed> memory_needs(const data::StoreCounts& counts, const Settings& settings) {
  const auto items = static_cast<double>(counts.items), users = static_cast<double>(counts.users), events = static_cast<double>(counts.events);
  std::vector<MemoryNeed> needs = {{"dataset", events * 50 + (users + items) * 100, "50 bytes an event, 100 a user and an item"}};
  for (const std::string& name : settings.models) {
    if (name == "ease") needs.push_back({name, 3 * items * items * 4, "3 matrices of items x items while fitting, 1 to serve"});
    else if (name == "slist") needs.push_back({name, 4 * items * items * 4, "4 matrices of items x items while fitting, 1 to serve"});
    else if (name == "item_knn") needs.push_back({name, items * 500 * 8, "at most 500 neighbours an item"});
    else if (name == "ials") needs.push_back({name, (items + users) * 128 * 4 * 2, "a vector of 128 a user and an item"});
    else needs.push_back({name, items * 16, "a few numbers an item"});
  }
  return needs;
}

std::vector<std::pair<std::string, std::string>> snapshot_states(const Workspace& workspace) {
  std::vector<std::pair<std::string, std::string>> states;
  for (const std::string& name : snapshot_names(workspace.snapshots_path())) {
    std::string state = "sound";
    try {
      open_snapshot(workspace.snapshots_path() / name);
    } catch (const Error& e) {
      state = e.what();
    }
    states.emplace_back(name, std::move(state));
  }
  return states;
}

std::vector<EncoderState> encoder_states(const Settings& settings) {
  std::vector<EncoderState> states;
  for (const std::string& name : settings.encoders) {
    if (name == "tfidf") continue;
    EncoderState state{.name = name, .path = {}, .problem = {}};
    try {
      state.path = lm::find_model(name + ".gguf");
    } catch (const Error& e) {
      state.problem = e.what();
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::vector<Finding> findings(const rank::World& world) {
  std::uint64_t without_text = 0, never_taken = 0, alike = 0;
  std::unordered_map<std::string_view, std::uint64_t> texts;
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    const ItemId id = item_at(i);
    const data::CatalogueItem& item = world.item(id);
    if (world.is_gone(id)) continue;
    if (item.text.empty()) ++without_text;
    else ++texts[item.text];
    if (world.popularity != nullptr && !world.is_fresh(id) && world.takers(id) == 0) ++never_taken;
  }
  for (const auto& [text, count] : texts)
    if (count > 1) alike += count;
  std::vector<Finding> found;
  if (without_text > 0) found.push_back({"items_without_text", "", without_text});
  if (alike > 0) found.push_back({"items_alike", "", alike});
  if (never_taken > 0) found.push_back({"items_never_taken", "", never_taken});
  return found;
}

std::vector<std::string> unknown_types(const std::vector<std::pair<std::string, std::uint64_t>>& types, const Settings& settings) {
  std::vector<std::string> plain = {"event", "purchase", "rating", "购买", "下单", "评分"}, known = plain, sentences;
  for (const auto& [name, type] : settings.events) known.push_back(name);
  for (const auto& [name, count] : types) {
    if (settings.events.contains(name) || std::find(plain.begin(), plain.end(), name) != plain.end()) continue;
    const bool is_bare = std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
    const std::string near = nearest(name, known);
    sentences.push_back(std::to_string(count) + " events of type '" + name + "' count 1.0 each, for attune.toml does not know it; to change that: [events." + (is_bare && !name.empty() ? name : Json(name).dump()) +
                        "] weight = 0.5" + (near.empty() ? "" : "; or is '" + near + "' meant?"));
  }
  return sentences;
}

void Scripts::add(std::string_view text) {
  std::uint64_t latin = 0, other = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    latin += (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= 0xc3 && byte <= 0xc9);   // leading bytes of Latin with accents
    other += byte >= 0xca;                                                                               // leading bytes of all that follows
  }
  texts_ += latin + other > 0;
  other_ += other > latin;
}

std::string Scripts::problem(const Settings& settings) const {
  const auto uses = [&](std::string_view name) { return std::find(settings.encoders.begin(), settings.encoders.end(), name) != settings.encoders.end(); };
  if (other_ * 2 <= texts_ || uses("e5") || !uses("minilm")) return "";
  std::string text = std::to_string(other_) + " of " + std::to_string(texts_) + " item texts are not in Latin letters, and minilm reads English only: set [encoders] use = [\"e5\", \"tfidf\"] in attune.toml, then attune fit";
  try {
    lm::find_model("e5.gguf");
  } catch (const Error& e) {
    text += std::string(" (e5 is not here yet: ") + e.what() + ")";
  }
  return text;
}

std::vector<std::pair<std::string, std::uint64_t>> event_types(const data::Store& store) {
  std::map<std::string, std::uint64_t> types;
  store.read_events(0, [&](const data::StoredEvent& stored) { ++types[stored.event.type]; });
  return {types.begin(), types.end()};
}

}  // namespace attune::engine
