// BERT encoders in our own kernels: the whole forward pass over packed sequences, in memory order made for two cores.
// Source: Devlin et al. 2019; mean pooling as in Sentence-BERT (Reimers and Gurevych 2019). Beside llama.cpp and onnxruntime: bench/offline/embed.py.
#pragma once
#include <memory>
#include <string>

#include "attune/lm/gguf_file.h"
#include "attune/lm/language_model.h"

namespace attune::lm {

// True when the file is of this family and in formats that are read here.
bool is_bert(const GgufFile& file);
// Throws Error: bad_data when a tensor is missing, of another shape or holds numbers that are none.
std::unique_ptr<LanguageModel> make_bert(std::shared_ptr<const GgufFile> file, const std::string& name, const std::string& prefix);

// Texts are cut to this many tokens, marks included: the length the encoders were trained and measured with.
inline constexpr std::size_t kMostTokens = 256;

}  // namespace attune::lm
