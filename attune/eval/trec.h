// TREC files: runs and relevance judgements that trec_eval, ranx and ir-measures read.
#pragma once
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "attune/core/types.h"
#include "attune/data/catalogue.h"
#include "attune/data/split.h"

namespace attune::eval {

// One line a target: "user 0 item 1".
void write_qrels(std::ostream& out, const data::Split& split);

// An item of a list by name.
struct RunLine {
  std::string item;
  float score = 0;
};

// One line an item of the list, best first: "user Q0 item rank score tag". trec_eval reads scores as 32-bit floats, orders by
// them alone and breaks ties by name; so a score that does not fall below the one before is written a millionth below it.
void write_run(std::ostream& out, std::string_view user, std::span<const RunLine> list, std::string_view tag);
void write_run(std::ostream& out, std::string_view user, std::span<const Scored> list, const data::Catalogue& catalogue,
               std::string_view tag);

// A name as one field: spaces, control characters and '%' become %20 and its like. "" becomes "%".
std::string trec_name(std::string_view name);

}  // namespace attune::eval
