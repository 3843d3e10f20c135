// Reading and drawing from a search space.
#include "attune/eval/search_space.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "attune/core/error.h"

namespace attune::eval {
namespace {

bool is_number_part(char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'; }

double number_of(std::string_view text, std::string_view whole) {
  double v = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(v))
    throw Error(Code::bad_request, "expected numbers around '..' in '" + std::string(whole) + "', got '" + std::string(text) + "'");
  return v;
}

// Where the number before `dots` begins: digits, one point, a sign, an exponent.
std::size_t number_begin(std::string_view text, std::size_t dots) {
  std::size_t begin = dots;
  while (begin > 0 && is_number_part(text[begin - 1])) --begin;
  while (begin < dots && (text[begin] == 'e' || text[begin] == 'E' || text[begin] == '+')) ++begin;  // the end of a word, not a number
  return begin;
}

std::vector<Choice::Piece> parse_pieces(std::string_view text) {
  std::vector<Choice::Piece> pieces;
  std::size_t from = 0;
  for (std::size_t dots = text.find(".."); dots != std::string_view::npos; dots = text.find("..", from)) {
    const std::size_t begin = std::max(from, number_begin(text, dots));
    std::size_t end = dots + 2;
    while (end < text.size() && is_number_part(text[end])) ++end;
    const std::string_view low = text.substr(begin, dots - begin), high = text.substr(dots + 2, end - dots - 2);
    Choice::Piece piece{std::string(text.substr(from, begin - from)), true, number_of(low, text), number_of(high, text)};
    if (piece.low >= piece.high) throw Error(Code::bad_request, "expected LOW..HIGH with LOW below HIGH, got '" + std::string(text) + "'");
    const bool has_point = (std::string(low) + std::string(high)).find_first_of(".eE") != std::string::npos;
    piece.is_whole = !has_point && piece.high - piece.low >= 10;
    pieces.push_back(std::move(piece));
    from = end;
  }
  if (from < text.size() || pieces.empty()) pieces.push_back({std::string(text.substr(from))});
  return pieces;
}

bool is_log(const Choice::Piece& piece) { return piece.low > 0 && piece.high / piece.low >= 10; }

// The numbers of the text where it is what the pieces say.
std::optional<std::vector<double>> matched(const std::vector<Choice::Piece>& pieces, std::string_view text) {
  std::vector<double> coordinates;
  for (const Choice::Piece& piece : pieces) {
    if (!text.starts_with(piece.text)) return std::nullopt;
    text.remove_prefix(piece.text.size());
    if (!piece.has_number) continue;
    double v = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (problem != std::errc() || !(v >= piece.low && v <= piece.high)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const double u = is_log(piece) ? std::log(v / piece.low) / std::log(piece.high / piece.low) : (v - piece.low) / (piece.high - piece.low);
    coordinates.push_back(std::clamp(u, 0.0, 0.999999));
  }
  return text.empty() ? std::optional(coordinates) : std::nullopt;
}

std::string drawn(const Choice::Piece& piece, double u) {
  const double v = is_log(piece) ? piece.low * std::pow(piece.high / piece.low, u) : piece.low + u * (piece.high - piece.low);
  if (piece.is_whole) return fmt::format("{:.0f}", std::clamp(std::round(v), piece.low, piece.high));
  return fmt::format("{}", std::clamp(std::stod(fmt::format("{:.3g}", v)), piece.low, piece.high));
}

}  // namespace

std::size_t Choice::dimensions() const {
  std::size_t numbers = 0;
  for (const auto& pieces : alternatives)
    numbers = std::max(numbers, static_cast<std::size_t>(std::count_if(pieces.begin(), pieces.end(), [](const Piece& p) { return p.has_number; })));
  return numbers + (alternatives.size() > 1 ? 1 : 0);
}

Json Choice::at(std::span<const double> point) const {
  std::size_t next = 0, which = 0;
  if (alternatives.size() > 1) {
    which = std::min(static_cast<std::size_t>(point[next] * static_cast<double>(alternatives.size())), alternatives.size() - 1);
    ++next;
  }
  std::string text;
  for (const Piece& piece : alternatives[which]) {
    text += piece.text;
    if (piece.has_number) text += drawn(piece, point[next++]);
  }
  return text;  // settings read numbers and booleans from text
}

std::optional<std::vector<double>> Choice::find(const Json& value) const {
  const std::string text = value.is_string() ? value.as_string() : value.dump();
  for (std::size_t a = 0; a < alternatives.size(); ++a) {
    const auto numbers = matched(alternatives[a], text);
    if (!numbers) continue;
    std::vector<double> point;
    if (alternatives.size() > 1) point.push_back((static_cast<double>(a) + 0.5) / static_cast<double>(alternatives.size()));
    point.insert(point.end(), numbers->begin(), numbers->end());
    point.resize(dimensions(), 0.5);
    return point;
  }
  return std::nullopt;
}

Choice parse_choice(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    throw Error(Code::bad_request, "expected setting=LOW..HIGH or setting=a|b|c, got '" + std::string(text) + "'");
  Choice choice{.setting = std::string(text.substr(0, equals)), .text = std::string(text.substr(equals + 1))};
  for (std::string_view rest = text.substr(equals + 1);;) {
    const std::size_t bar = rest.find('|');
    choice.alternatives.push_back(parse_pieces(rest.substr(0, bar)));
    if (bar == std::string_view::npos) return choice;
    rest.remove_prefix(bar + 1);
  }
}

std::vector<Choice> parse_space(std::string_view text) {
  std::vector<Choice> space;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) space.push_back(parse_choice(text.substr(0, blank)));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return space;
}

std::string usual_space(std::string_view model) {
#define SPACE(name, text) \
  if (model == #name) return text;
#include "attune/plugins.def"
  return "";
}

std::vector<std::string> cheap_settings(std::string_view model) {
  std::string_view text;
#define CHEAP(name, settings) \
  if (model == #name) text = settings;
#include "attune/plugins.def"
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) names.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return names;
}

}  // namespace attune::eval
