// Columns: which column of a table is which field, by its name and, without a header, by its content.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/import.h"
#include "attune/data/peek.h"

namespace attune::data {

using Table = std::vector<std::vector<std::string>>;

// "Customer ID", "customer_id", "CustomerID" are one name: letters and digits only, in lower case.
std::string plain_name(std::string_view column);
// The field a column of that name usually holds ("customer_id" -> "user"), or "".
std::string_view field_of(std::string_view column);

// The fields that records of a kind have.
const std::vector<std::string_view>& fields_of(std::string_view kind);
// The column whose name is the surest for `field`, or "".
std::string best_column(std::string_view field, const std::vector<std::string>& header);
// "show_id", "symbol": names a thing in a file of things, when there is a title or a text beside it; or "".
std::string id_column(const std::vector<std::string>& header);
// "items" for a header that begins "item,text", "users" for "user,text", "events" for "user,item" and fields of events: the shapes that attune
// itself writes (export.h). Whatever the other columns are called, they are attributes then. "" for others.
std::string_view own_kind(const std::vector<std::string>& header);

// Is the first row a header: its cells are names, or words above a column of numbers.
bool has_header(const Table& rows);

// Fills columns, kind, types, decimal_comma, time_format and event_type of `mapping` from the first rows; `rows` are
// without the header. Throws Error: bad_data when no user or item column can be found, naming the columns there are.
void guess_columns(Mapping& mapping, const std::vector<std::string>& header, const Table& rows, const ImportOptions& options,
                   const std::string& file);

// Puts the corrections of `--map` over the guess. Throws Error: bad_request for a field that the kind does not have or a
// column that the file does not have, naming the nearest.
void correct(Mapping& mapping, const std::vector<std::string>& columns, const ImportOptions& options, const std::string& file);

// Decides time_format from the values of the time column, types of the attributes and the decimal comma.
void guess_values(Mapping& mapping, const std::vector<std::string>& header, const Table& rows);

// "0", "1", ...: the columns of a file without a header.
std::vector<std::string> numbered(std::size_t count);

// Where a column is in the header; nothing when it is not.
std::optional<std::size_t> place_of(std::string_view column, const std::vector<std::string>& header);
// The places of "title+description": one or several columns.
std::vector<std::size_t> places_of(std::string_view columns, const std::vector<std::string>& header);

}  // namespace attune::data
