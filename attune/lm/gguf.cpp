// Opening a GGUF file: ours where we have the forward pass (bert.cpp), llama.cpp for the rest.
#include <unistd.h>

#include <cstdlib>

#include "attune/core/error.h"
#include "attune/lm/bert.h"
#include "attune/lm/language_model.h"
#include "attune/lm/llama.h"

namespace attune::lm {
namespace {

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

std::unique_ptr<LanguageModel> open_gguf(const std::filesystem::path& file, const std::string& name, const std::string& prefix) {
  auto opened = std::make_shared<const GgufFile>(file);
  return is_bert(*opened) ? make_bert(std::move(opened), name, prefix) : open_llama(std::move(opened), name, prefix);
}

std::filesystem::path find_model(const std::string& file_name) {
  namespace fs = std::filesystem;
  if (fs::path(file_name).is_absolute() && fs::exists(file_name)) return file_name;
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& base, const char* below) {
    if (!base.empty()) folders.push_back(*below == '\0' ? base : base / below);
  };
  add(from_environment("ATTUNE_MODELS"), "");
  add(from_environment("ATTUNE_HOME"), "models");
  add(from_environment("XDG_CACHE_HOME"), "attune/models");
  add(from_environment("HOME"), ".cache/attune/models");
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  add(program.parent_path(), "models");
  std::string tried;
  for (const fs::path& folder : folders) {
    if (fs::exists(folder / file_name, ignored)) return folder / file_name;
    tried += "\n  " + folder.string();
  }
  throw Error(Code::not_found, "the model file " + file_name + " is in none of these folders:" + tried +
                                   "\nscripts/setup fetches it; or set ATTUNE_MODELS to the folder that has it");
}

}  // namespace attune::lm
