// Search space: which values of a setting may be tried, written as a person would.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"

namespace attune::eval {

// One setting and what it may be: alternatives parted by '|', each a text in which LOW..HIGH stands for any number between.
//   "lambda=20..500"   "weighting=cosine|bm25"   "half_life_days=0|7..90"   "priors=tfidf=4..32,minilm=20..80|tfidf=4..64"
// A range over a factor of ten or more, above zero, is searched on a log scale; one between whole numbers without a point
// gives whole numbers when it is at least 10 wide, else (and with a point) numbers of three figures.
struct Choice {
  std::string setting;
  std::string text;            // the values as written
  struct Piece {               // text, then a number if there is one
    std::string text;
    bool has_number = false;
    double low = 0, high = 0;
    bool is_whole = false;
  };
  std::vector<std::vector<Piece>> alternatives;

  // Coordinates in [0, 1) that it takes: which alternative, then the numbers of the longest. What is left over is ignored.
  std::size_t dimensions() const;
  Json at(std::span<const double> point) const;  // [dimensions()]
  // A point that gives this value, or one as near as drawn numbers are; nullopt when the value is not among the choices.
  std::optional<std::vector<double>> find(const Json& value) const;
};

// Throws Error: bad_request saying what is wrong with the text.
Choice parse_choice(std::string_view text);
// Several, parted by blanks.
std::vector<Choice> parse_space(std::string_view text);
// The SPACE line of plugins.def, or "" when there is none.
std::string usual_space(std::string_view model);
// The CHEAP line of plugins.def: settings that cost little to change while the others stay.
std::vector<std::string> cheap_settings(std::string_view model);

}  // namespace attune::eval
