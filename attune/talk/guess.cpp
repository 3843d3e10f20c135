// Guess: the nearest value must stand out from all of them, since the cosines of encoders have no common scale.
#include "attune/talk/guess.h"

#include <algorithm>
#include <cmath>

#include "attune/core/kernels.h"

namespace attune::talk {
namespace {

constexpr std::size_t kMostValues = 1000, kLeastValues = 8;
// Standard deviations above the mean cosine from which nine guesses of ten are right on the first half of tests/worlds/guesses (bench_talk_guesses):
// of MiniLM in English, of E5 in Chinese.
constexpr double kStandsOutMinilm = 2.6, kStandsOut = 3.2;
constexpr std::size_t kLongest = 120;    // bytes; more words than that mean more than one value

bool is_minilm(const encode::Encoder& encoder) { return encoder.name() == "minilm"; }      // it reads English alone

bool has_known_word(const Lexicon& lexicon, const std::string& words) {
  const std::vector<Token> tokens = tokens_of(words);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (tokens[t].kind == Token::word && lexicon.rareness(tokens[t].text) > 0) return true;
    // two characters in a row that some text has; one alone says too little
    if (tokens[t].kind == Token::han && t + 1 < tokens.size() && tokens[t + 1].kind == Token::han && lexicon.rareness(tokens[t].text + tokens[t + 1].text) > 0) return true;
  }
  return false;
}

}  // namespace

Guesser::Guesser(const Lexicon& lexicon, Encoders encoders, const std::string& cache_folder, const Run& run) {
  struct Found {
    const Attribute* attribute;
    const Attribute::Value* value;
  };
  std::vector<Found> found;
  for (const Attribute& attribute : lexicon.attributes()) {
    if (attribute.is_number || attribute.is_flag || attribute.role == Role::maker) continue;
    for (const Attribute::Value& value : attribute.values)
      if (!lexicon.values(key_of(cleaned(value.text, 200))).empty()) found.push_back({&attribute, &value});
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.value->items.size() > b.value->items.size(); });
  if (found.size() > kMostValues) found.resize(kMostValues);
  std::vector<std::string> texts;
  for (const Found& f : found) values_.push_back({f.attribute->name, f.value->text}), texts.push_back(f.value->text);
  if (texts.size() < kLeastValues) return;
  for (auto& encoder : encoders) {
    Matrix vectors = encode::item_vectors(*encoder, texts, cache_folder, run);
    readers_.push_back({std::move(encoder), std::move(vectors)});
  }
}

std::optional<Guess> Guesser::guess(const std::string& words, const Run& run) const {
  const bool han = has_han(words);
  const auto reader = std::find_if(readers_.begin(), readers_.end(), [&](const Reader& r) { return !han || !is_minilm(*r.encoder); });
  if (reader == readers_.end() || words.empty() || words.size() > kLongest) return std::nullopt;
  const Matrix asked = encode::item_vectors(*reader->encoder, std::span(&words, 1), "", run);
  std::vector<double> cosines;
  double sum = 0, squares = 0;
  for (std::size_t v = 0; v < values_.size(); ++v) {
    cosines.push_back(dot(asked.row(0), reader->vectors.row(v)));
    sum += cosines.back(), squares += cosines.back() * cosines.back();
  }
  const double n = static_cast<double>(values_.size()), mean = sum / n, sd = std::sqrt(std::max(0.0, squares / n - mean * mean));
  const auto best = static_cast<std::size_t>(std::max_element(cosines.begin(), cosines.end()) - cosines.begin());
  const double out = sd > 0 ? (cosines[best] - mean) / sd : 0;
  if (out < (is_minilm(*reader->encoder) ? kStandsOutMinilm : kStandsOut)) return std::nullopt;
  return Guess{.said = words, .attribute = values_[best].attribute, .value = values_[best].text, .stands_out = out};
}

Guesser::Encoders sentence_encoders(const engine::Reader& reader) {
  Guesser::Encoders encoders;
  for (const engine::Reading& reading : reader.readings())
    if (!reading.encoder->is_sparse()) encoders.push_back(reading.encoder);
  return encoders;
}

void add_guess(const Lexicon& lexicon, const Guesser& guesser, Reading& reading) {
  if (reading.wish.empty() || reading.intent != Intent::wish || has_known_word(lexicon, reading.wish)) return;
  if (const auto found = guesser.guess(reading.wish, Run{})) reading.guesses.push_back(*found);
}

}  // namespace attune::talk
