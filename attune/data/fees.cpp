// Fees: which codes of a shop's books are no products (see clean.h). The words are those of invoices in English, German,
// French, Spanish, Italian and Dutch.
#include <algorithm>
#include <array>
#include <map>

#include "attune/data/clean.h"

#include "attune/core/ascii.h"

namespace attune::data {
namespace {

constexpr std::array kFeeWords = {
    "carriage",   "postage",   "post",     "delivery", "shipping", "freight",  "voucher",  "vouchers", "charge",  "charges",   "commission",
    "discount",   "fee",       "fees",     "manual",   "sample",   "samples",  "adjust",   "adjustment", "debt",  "refund",    "deposit",
    "surcharge",  "handling",  "rabatt",   "versand",  "porto",    "gutschein", "gutschrift", "pfand", "livraison", "remise",  "frais",
    "envio",      "descuento", "spedizione", "sconto", "verzendkosten", "korting", "kadobon"};
// "post" ends the name of real things ("BED POST", "LAMP POST"), "sample" and "deposit" too: enough for an odd code only.
constexpr std::array kWeakWords = {"post", "sample", "samples", "manual", "adjust", "deposit", "charge"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; }

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}


std::string shape(std::string_view code) {
  std::string out;
  for (const char c : code) {
    const char kind = is_digit(c) ? '9' : is_letter(c) ? 'A' : c;
    if (out.empty() || out.back() != kind) out += kind;
  }
  return out;
}

// Words of letters, in lower case; numbers and signs left out.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const std::string s = lowered(text);
  for (std::size_t i = 0; i <= s.size(); ++i) {
    const bool inside = i < s.size() && s[i] >= 'a' && s[i] <= 'z';
    if (inside) word += s[i];
    else if (!word.empty()) out.push_back(std::exchange(word, ""));
  }
  return out;
}

std::string stem(std::string_view code) {
  if (code.size() < 5 || !std::all_of(code.begin(), code.begin() + 4, is_letter)) return "";
  return lowered(code.substr(0, 4));
}

}  // namespace

FeeRule::FeeRule(const std::vector<std::string_view>& codes) {
  std::map<std::string, std::size_t> shapes;
  for (const std::string_view code : codes) {
    ++shapes[shape(code)];
    if (std::any_of(code.begin(), code.end(), is_digit))
      if (std::string s = stem(code); !s.empty()) stems_.push_back(std::move(s));
  }
  std::sort(stems_.begin(), stems_.end());
  for (const auto& [s, n] : shapes)
    if (n * 10 >= codes.size()) usual_shapes_.push_back(s);
}

bool FeeRule::is_fee(std::string_view code, std::string_view text) const {
  const std::vector<std::string> in_text = words(text);
  const auto is_strong = [](std::string_view w) { return is_one_of(w, kFeeWords) && !is_one_of(w, kWeakWords); };
  if (is_one_of(lowered(code), kFeeWords)) return true;
  if (!in_text.empty()) {
    if (is_strong(in_text.back())) return true;
    // "PACKING CHARGE": a weak word counts when everything before it is of the same trade.
    const bool is_short = in_text.size() == 2 && (in_text[0] == "packing" || in_text[0] == "bank" || in_text[0] == "service");
    if (is_short && is_one_of(in_text.back(), kFeeWords)) return true;
  }
  const std::string s = shape(code);
  if (std::find(usual_shapes_.begin(), usual_shapes_.end(), s) != usual_shapes_.end()) return false;
  if (code.size() <= 2) return true;
  const bool has_digit = std::any_of(code.begin(), code.end(), is_digit);
  if (!has_digit && !std::binary_search(stems_.begin(), stems_.end(), stem(code))) return true;
  return std::any_of(in_text.begin(), in_text.end(), [](const std::string& w) { return is_one_of(w, kFeeWords); });
}

}  // namespace attune::data
