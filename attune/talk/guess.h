// Guess: what words that the catalogue does not have may mean there ("something scary" of books whose genre is horror): the value
// of an attribute that the sentence encoder finds nearest. A guess: it moves the list and bars nothing.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/encode/encoder.h"
#include "attune/engine/reader.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/reading.h"

namespace attune::talk {

// Holds the vectors of the values by each sentence encoder; const after it is built, safe from any thread. Cost of a guess: one text encoded.
class Guesser {
 public:
  using Encoders = std::vector<std::shared_ptr<const encode::Encoder>>;
  // `cache_folder`: where vectors are kept over runs; "" = nowhere. The values that most items have are known, kMostValues of them;
  // names of makers are none: what they sound like says nothing.
  Guesser(const Lexicon& lexicon, Encoders encoders, const std::string& cache_folder, const Run& run);
  // nullopt: nothing stands out, the catalogue has too few values to tell, or no encoder reads the language.
  std::optional<Guess> guess(const std::string& words, const Run& run) const;

 private:
  struct Value {
    std::string attribute, text;
  };
  struct Reader {
    std::shared_ptr<const encode::Encoder> encoder;
    Matrix vectors;               // [values, dim]
  };
  std::vector<Value> values_;
  std::vector<Reader> readers_;
};

// Those that read sentences.
Guesser::Encoders sentence_encoders(const engine::Reader& reader);

// Adds to a reading what its wish may mean, when the catalogue has none of the wish's words.
void add_guess(const Lexicon& lexicon, const Guesser& guesser, Reading& reading);

}  // namespace attune::talk
