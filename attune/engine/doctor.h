// Doctor: what is here, what it takes, what is wrong with it. For the command line and for the page.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attune/core/json.h"
#include "attune/data/store.h"
#include "attune/engine/settings.h"
#include "attune/engine/workspace.h"
#include "attune/rank/world.h"

namespace attune::engine {

std::uint64_t folder_bytes(const std::filesystem::path& folder);

// Rows that could not be read at an import: how many for each reason (without the values in it), and the first `most` of them.
struct RejectedRows {
  std::vector<std::pair<std::string, std::uint64_t>> reasons;   // by reason
  std::vector<data::Rejection> shown;
};
RejectedRows rejected_rows(const data::Store& store, std::size_t most);

// What one fit takes, model by model.
struct MemoryNeed {
  std::string what;
  double bytes = 0;
  std::string how;          // what was counted
};
std::vector<MemoryNeed> memory_needs(const data::StoreCounts& counts, const Settings& settings);

// A snapshot and whether it can be used: "sound", or what is wrong with it. Reads all of it.
std::vector<std::pair<std::string, std::string>> snapshot_states(const Workspace& workspace);

// Encoders of the settings that read with a model file, and where it is; empty path: it is missing, `problem` says more.
struct EncoderState {
  std::string name, path, problem;
};
std::vector<EncoderState> encoder_states(const Settings& settings);

// Something worth knowing about the data in use. `code` is stable: items_without_text, items_alike (their text is another's too),
// items_never_taken; unknown_event_type comes from event_types().
struct Finding {
  std::string code, what;
  std::uint64_t count = 0;
};
std::vector<Finding> findings(const rank::World& world);
// One sentence for each type of events that no setting is about and whose name is not one that plainly counts whole (event, purchase, rating),
// naming the key to set.
std::vector<std::string> unknown_types(const std::vector<std::pair<std::string, std::uint64_t>>& types, const Settings& settings);
// Which texts the encoders in use do not read: a sentence with the setting to change, or "". Counts texts as they are added.
class Scripts {
 public:
  void add(std::string_view text);
  std::string problem(const Settings& settings) const;

 private:
  std::uint64_t texts_ = 0, other_ = 0;   // other: most of their letters are not Latin
};
// Types of events in the log, each with how many there are. Reads all events.
std::vector<std::pair<std::string, std::uint64_t>> event_types(const data::Store& store);

}  // namespace attune::engine
