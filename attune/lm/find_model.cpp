// Where model files live.
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "attune/core/error.h"
#include "attune/lm/language_model.h"

namespace attune::lm {
namespace fs = std::filesystem;

std::filesystem::path find_model(const std::string& file_name) {
  std::vector<fs::path> folders;
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  std::error_code problem;
  if (fs::path(file_name).is_absolute()) {
    if (fs::exists(file_name, problem)) return file_name;
    throw Error(Code::not_found, "there is no model file " + file_name);
  }
  if (const std::string models = variable("ATTUNE_MODELS"); !models.empty()) folders.emplace_back(models);
  if (const std::string home = variable("ATTUNE_HOME"); !home.empty()) folders.push_back(fs::path(home) / "models");
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) folders.push_back(fs::path(cache) / "attune/models");
  else if (const std::string home = variable("HOME"); !home.empty()) folders.push_back(fs::path(home) / ".cache/attune/models");
  if (const fs::path program = fs::read_symlink("/proc/self/exe", problem); !problem) {
    folders.push_back(program.parent_path() / "models");
    folders.push_back(program.parent_path().parent_path() / "share/attune/models");
  }
  std::string looked;
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / file_name, problem)) return folder / file_name;
    looked += " " + folder.string();
  }
  throw Error(Code::not_found, "the model file " + file_name + " is not here; scripts/setup fetches it. Looked in:" + looked);
}

}  // namespace attune::lm
