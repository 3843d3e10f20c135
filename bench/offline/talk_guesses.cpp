// What words mean that the catalogue does not have: of phrases with the values they may mean, how many are guessed, and how many of
// the guesses are right (tests/worlds/guesses/README.md). English by MiniLM, Chinese by E5, thresholds of both halves.
//   bench_talk_guesses [--folder tests/worlds/guesses]
#include <algorithm>
#include <cmath>
#include <fstream>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/encode/encoder.h"
#include "attune/engine/registry.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

struct Phrase {
  std::string words;
  std::vector<std::string> meant;      // empty = none of the values
};
struct Guessed {
  bool is_right = false, is_none = false;
  double stands_out = 0;
};

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}
std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> list = split_at(text, ',');
  for (std::string& entry : list) entry = trimmed(entry);
  return list;
}

void go(const Arguments& arguments) {
  for (const auto& [language, name] : {std::pair("en", "minilm"), std::pair("en", "e5"), std::pair("zh", "e5")}) {
    std::ifstream in(std::filesystem::path(arguments.get("folder", "tests/worlds/guesses")) / (std::string(language) + ".txt"));
    std::string line;
    if (!std::getline(in, line) || !line.starts_with("values: ")) throw Error(Code::bad_data, "guesses: no values in the first line");
    const std::vector<std::string> values = list_of(line.substr(8));
    const auto encoder = engine::encoder_named(name).make(std::span<const std::string>(), Json(), Run{});
    const Matrix vectors = encode::item_vectors(*encoder, values, "", Run{});
    std::vector<Guessed> all;
    while (std::getline(in, line)) {
      const std::size_t bar = line.find('|');
      const std::string words = trimmed(line.substr(0, bar));
      const std::vector<std::string> meant = list_of(line.substr(bar + 1));
      const Matrix asked = encode::item_vectors(*encoder, std::span(&words, 1), "", Run{});
      std::vector<double> cosines;
      for (std::size_t v = 0; v < values.size(); ++v) cosines.push_back(dot(asked.row(0), vectors.row(v)));
      double mean = 0, squares = 0;
      for (const double c : cosines) mean += c / static_cast<double>(cosines.size()), squares += c * c / static_cast<double>(cosines.size());
      const auto best = static_cast<std::size_t>(std::max_element(cosines.begin(), cosines.end()) - cosines.begin());
      all.push_back({std::find(meant.begin(), meant.end(), values[best]) != meant.end(), meant[0] == "-", (cosines[best] - mean) / std::sqrt(squares - mean * mean)});
    }
    for (const double threshold : {0.0, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 3.2, 3.4})
      for (const std::size_t half : {0u, 1u}) {
        std::size_t guesses = 0, right = 0, meaningful = 0;
        for (std::size_t i = half; i < all.size(); i += 2) {
          meaningful += all[i].is_none ? 0 : 1;
          guesses += all[i].stands_out >= threshold ? 1 : 0;
          right += all[i].stands_out >= threshold && all[i].is_right ? 1 : 0;
        }
        Json json = Json::object();
        json["language"] = language;
        json["encoder"] = name;
        json["half"] = half == 0 ? "first (the threshold was chosen by it)" : "second (only counted)";
        json["threshold"] = threshold;
        json["phrases"] = (all.size() + 1 - half) / 2;
        json["meaningful"] = meaningful;
        json["guessed"] = guesses;
        json["right_of_guessed"] = guesses > 0 ? Json(rounded(static_cast<double>(right) / static_cast<double>(guesses), 4)) : Json();
        json["found_of_meaningful"] = rounded(static_cast<double>(right) / static_cast<double>(meaningful), 4);
        emit("talk/guesses", json);
      }
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
