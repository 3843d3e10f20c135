// TREC files, written so that every reader sees the same order.
#include "attune/eval/trec.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>
#include <vector>

#include "attune/core/error.h"

namespace attune::eval {
namespace {

// Below `score` by a little more than readers may round away: the next float down would be lost around zero, where programs
// flush the smallest numbers.
float next_below(float score) { return score - std::max(std::abs(score), 1.0f) * 1e-6f; }

}  // namespace

std::string trec_name(std::string_view name) {
  if (name.empty()) return "%";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte != '%' && byte != 0x7f) {
      out += c;
      continue;
    }
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", byte);
    out += code;
  }
  return out;
}

void write_qrels(std::ostream& out, const data::Split& split) {
  const data::Catalogue& catalogue = split.train->catalogue();
  for (const data::Case& asked : split.cases)
    for (const ItemId target : asked.targets)
      out << trec_name(catalogue.user(asked.user)) << " 0 " << trec_name(catalogue.item(target).name) << " 1\n";
  if (!out) throw Error(Code::io, "the relevance judgements could not be written: is the disk full?");
}

void write_run(std::ostream& out, std::string_view user, std::span<const RunLine> list, std::string_view tag) {
  const std::string query = trec_name(user), system = trec_name(tag);
  float before = std::numeric_limits<float>::infinity();
  int rank = 0;
  for (const RunLine& hit : list) {
    if (!std::isfinite(hit.score)) throw Error(Code::bad_data, "expected finite scores in the list of user '" + std::string(user) + "'");
    const float score = hit.score < before ? hit.score : next_below(before);
    before = score;
    char digits[32];  // nine digits bring every 32-bit float back exactly
    std::snprintf(digits, sizeof digits, "%.9g", static_cast<double>(score));
    out << query << " Q0 " << trec_name(hit.item) << ' ' << ++rank << ' ' << digits << ' ' << system << '\n';
  }
  if (!out) throw Error(Code::io, "the run could not be written: is the disk full?");
}

void write_run(std::ostream& out, std::string_view user, std::span<const Scored> list, const data::Catalogue& catalogue,
               std::string_view tag) {
  std::vector<RunLine> lines;
  for (const Scored& hit : list) lines.push_back({catalogue.item(hit.item).name, hit.score});
  write_run(out, user, lines, tag);
}

}  // namespace attune::eval
