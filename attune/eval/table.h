// Table: rows of text cells with a name a column, drawn for a terminal, Markdown, CSV or JSON. Says nothing of what is in it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"

namespace attune::eval {

struct Column {
  std::string name;
  bool is_number = true;   // set to the right
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Json>> rows;   // each as long as columns; string, number or null (an empty cell)
  std::vector<std::string> notes;        // below the table, one a line

  // Aligned for a terminal. What is wider than `width` is broken into blocks of columns, the first column repeated.
  std::string text(std::size_t width = 100) const;
  std::string markdown() const;
  std::string csv() const;               // RFC 4180, no title or notes
  Json to_json() const;                  // {"title", "rows": [{column: value}], "notes"}
};

// A number as a cell shows it: at most `digits` significant places, no exponent in between 1e-4 and 1e7.
std::string number_text(double v, int digits = 4);
// Columns that the text takes on a terminal: wide East Asian characters count two.
std::size_t display_width(std::string_view utf8);

}  // namespace attune::eval
