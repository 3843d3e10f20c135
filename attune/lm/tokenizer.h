// Tokenizers: a text as the numbers of its pieces, exactly as the encoder saw them in its training.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "attune/lm/gguf_file.h"

namespace attune::lm {

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // The pieces of `text` between the model's opening and closing marks, cut to `most` (>= 3) keeping the closing mark.
  // Empty when the text says nothing (blank, or only marks that are dropped). Any bytes are allowed.
  virtual std::vector<std::int32_t> tokens(std::string_view text, std::size_t most) const = 0;
};

// WordPiece of the BERT family (tokenizer.ggml.model "bert"), uncased: text is cleaned, accents and case are dropped, words
// split at spaces, punctuation and Chinese characters; longest piece first. Words over 100 characters are unknown.
std::unique_ptr<const Tokenizer> make_wordpiece(std::shared_ptr<const GgufFile> file);
// Unigram of SentencePiece ("t5"): the segmentation with the greatest sum of scores.
std::unique_ptr<const Tokenizer> make_unigram(std::shared_ptr<const GgufFile> file);
// Either, as the file says. Throws Error: bad_data (vocabulary that does not hold together) or unsupported.
std::unique_ptr<const Tokenizer> make_tokenizer(std::shared_ptr<const GgufFile> file);

}  // namespace attune::lm
