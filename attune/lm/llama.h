// Models run by llama.cpp: generators, and encoders of families that bert.cpp does not read. No type of llama.cpp shows here.
#pragma once
#include <memory>
#include <string>

#include "attune/lm/gguf_file.h"
#include "attune/lm/language_model.h"

namespace attune::lm {

// Loads a checked file. Embedding is there for models with mean pooling, generating and scoring for models with a decoder.
// For encoders this is the twin that tests hold bert.cpp against.
// Throws Error: bad_data when llama.cpp refuses the file, unsupported when it does not know the family.
std::unique_ptr<LanguageModel> open_llama(std::shared_ptr<const GgufFile> file, const std::string& name, const std::string& prefix);

}  // namespace attune::lm
