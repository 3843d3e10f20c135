// Column content: which column of a table is which field by what it holds, where names do not tell. For columns.cpp only.
#pragma once
#include <string>
#include <vector>

#include "attune/data/columns.h"

namespace attune::data {

// Without a header: one column of times, at most one of small numbers, at most one of few words, two of names. Fills the kind where it has none.
void columns_by_content(Mapping& mapping, const Table& rows);
// A time under a name nobody could guess shows by what it holds; numbers do not count, which may be anything. With a header.
void find_time(Mapping& mapping, const std::vector<std::string>& header, const Table& rows);

}  // namespace attune::data
