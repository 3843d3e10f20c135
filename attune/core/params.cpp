// Params: turning Json into fields, and naming the setting somebody probably meant.
#include "attune/core/params.h"
#include "attune/core/did_you_mean.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

namespace attune {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

[[noreturn]] void wrong(std::string_view name, const Json& json, std::string_view wanted) {
  throw Error(Code::bad_request,
              "setting '" + std::string(name) + "' takes " + std::string(wanted) + ", not " + json.dump());
}

double number(std::string_view name, const Json& json) {
  double v = 0;
  if (json.is_number()) {
    v = json.as_number();
  } else if (json.is_string()) {
    const std::string& s = json.as_string();
    const auto [end, problem] = std::from_chars(s.data(), s.data() + s.size(), v);
    if (problem != std::errc() || end != s.data() + s.size()) wrong(name, json, "a number");
  } else {
    wrong(name, json, "a number");
  }
  if (!std::isfinite(v)) wrong(name, json, "a finite number");
  return v;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = word.size() / 2 + 1;
  for (const std::string& k : known) {
    const std::size_t d = k.starts_with(word) && word.size() >= 2 ? 1 : edit_distance(word, k);
    if (d < best_distance) {
      best_distance = d;
      best = k;
    }
  }
  return best;
}

namespace detail {

void assign(std::string_view name, const Json& json, bool& field) {
  if (json.is_bool()) field = json.as_bool();
  else if (json.is_string() && (json.as_string() == "true" || json.as_string() == "false")) field = json.as_string() == "true";
  else wrong(name, json, "true or false");
}
void assign(std::string_view name, const Json& json, std::int64_t& field) {
  const double v = number(name, json);
  if (v != std::trunc(v) || std::abs(v) > 0x1p53) wrong(name, json, "a whole number");
  field = static_cast<std::int64_t>(v);
}
void assign(std::string_view name, const Json& json, int& field) {
  std::int64_t wide = 0;
  assign(name, json, wide);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) wrong(name, json, "a smaller number");
  field = static_cast<int>(wide);
}
void assign(std::string_view name, const Json& json, double& field) { field = number(name, json); }
void assign(std::string_view name, const Json& json, float& field) {
  const double v = number(name, json);
  if (std::abs(v) > static_cast<double>(std::numeric_limits<float>::max())) wrong(name, json, "a smaller number");
  field = static_cast<float>(v);
}
void assign(std::string_view name, const Json& json, std::string& field) {
  if (!json.is_string()) wrong(name, json, "text");
  field = json.as_string();
}

void unknown_setting(std::string_view name, const std::vector<std::string>& known) {
  std::string message = "unknown setting '" + std::string(name) + "'";
  const std::string meant = did_you_mean(name, known);
  if (!meant.empty()) {
    message += meant;
  } else if (known.empty()) {
    message += "; there are no settings here";
  } else {
    message += "; known: ";
    for (std::size_t i = 0; i < known.size(); ++i) message += (i == 0 ? "" : ", ") + known[i];
  }
  throw Error(Code::bad_request, message);
}

}  // namespace detail
}  // namespace attune
