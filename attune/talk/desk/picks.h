// Picks: what agents answered, a JSON line each in the workspace's desk/picks.jsonl; appended durably, read from where one stopped.
#pragma once
#include <filesystem>
#include <vector>

#include "attune/talk/desk/desk.h"

namespace attune::talk::desk {

// Lines from byte `from` on, which moves to where the next call is to begin; a last line without its end is left for later (a crash
// cut it, or somebody is writing it). A file that is not there holds none.
std::vector<Pick> read_picks(const std::filesystem::path& path, std::size_t& from);
// Durable on return. Throws Error: io.
void append_pick(const std::filesystem::path& path, const Pick& pick);

}  // namespace attune::talk::desk
