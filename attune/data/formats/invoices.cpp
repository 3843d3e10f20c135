// Invoices: a shop's books, one line an article: invoice, article, text, quantity, time, price, customer, country.
// Source: the shape of the "Online Retail" data sets (UCI) and of shop exports; recognised by its columns, cleaned by clean.h.
#include <cmath>
#include <limits>

#include "attune/data/clean.h"
#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/peek.h"

namespace attune::data {
namespace {

constexpr std::size_t kLongestName = 512;

class LedgerReader {
 public:
  LedgerReader(const Mapping& m, const std::vector<std::string>& header, const std::string& file) : m_(m), file_(file) {
    const auto place = [&](const char* field) -> std::size_t {
      const auto it = m.columns.find(field);
      if (it == m.columns.end()) return kNowhere;
      const auto at = place_of(it->second, header);
      if (!at) throw Error(Code::bad_data, "'" + file + "' has no column '" + it->second + "' for the " + field);
      return *at;
    };
    invoice_ = place("invoice"), item_ = place("item"), text_ = place("text"), quantity_ = place("quantity"), time_ = place("time");
    price_ = place("price"), user_ = place("user"), country_ = place("country");
    const auto is_number = [&](const char* field) { return m.types.count(field) && m.types.at(field) == "number"; };
    user_is_number_ = is_number("user"), item_is_number_ = is_number("item");
    format_ = time_format_named(m.time_format).value_or(TimeFormat::iso);
    zone_ms_ = m.time_zone.empty() ? 0 : parse_zone(m.time_zone);
  }

  // False: `reason` says why the row cannot be read.
  bool add(const Row& row, Ledger& ledger, std::string& reason) {
    InvoiceLine l;
    l.line = row.line;
    if (!name(row, invoice_, "invoice", false, reason) || !name(row, item_, "item", item_is_number_, reason)) return false;
    const std::string_view time = cell(row, time_);
    if (time != last_time_ || !has_last_) {
      const ParsedTime parsed = parse_time(time, format_, zone_ms_);
      if (parsed.problem) {
        reason = reason_for("time", time, parsed.problem);
        return false;
      }
      last_time_ = time;
      last_ms_ = parsed.ms;
      has_last_ = true;
    }
    l.time_ms = last_ms_;
    if (!number(row, quantity_, "quantity", l.quantity, reason)) return false;
    l.price = std::numeric_limits<double>::quiet_NaN();
    if (price_ != kNowhere && !cell(row, price_).empty() && !number(row, price_, "price", l.price, reason)) return false;
    l.invoice = ledger.invoices.id(plain(row, invoice_, false));
    l.item = ledger.items.id(plain(row, item_, item_is_number_));
    l.text = id_or_none(ledger.texts, text_ == kNowhere ? std::string_view() : row.fields[text_]);
    l.user = id_or_none(ledger.users, plain(row, user_, user_is_number_));
    l.country = id_or_none(ledger.countries, cell(row, country_));
    l.row = ledger.rows_text.keep(row.text.substr(0, 500));
    ledger.lines.push_back(l);
    return true;
  }

 private:
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  static std::string_view cell(const Row& row, std::size_t place) {
    return place == kNowhere ? std::string_view() : trim(row.fields[place]);
  }
  static std::string_view plain(const Row& row, std::size_t place, bool is_number) {
    std::string_view s = cell(row, place);
    if (is_number && s.size() > 2 && s.ends_with(".0")) s.remove_suffix(2);
    return s;
  }
  static bool name(const Row& row, std::size_t place, const char* field, bool is_number, std::string& reason) {
    const std::string_view s = plain(row, place, is_number);
    if (s.empty()) reason = std::string(field) + " is empty";
    else if (s.size() > kLongestName) reason = std::string(field) + " is longer than 512 bytes";
    else return true;
    return false;
  }
  bool number(const Row& row, std::size_t place, const char* field, double& out, std::string& reason) const {
    const std::string_view s = cell(row, place);
    const ParsedNumber parsed = parse_number(s, m_.decimal_comma);
    if (parsed.problem) {
      reason = reason_for(field, s, parsed.problem);
      return false;
    }
    out = parsed.value;
    return true;
  }
  static std::uint32_t id_or_none(Interner& names, std::string_view s) { return s.empty() ? InvoiceLine::kNone : names.id(s); }

  const Mapping& m_;
  const std::string& file_;
  std::size_t invoice_, item_, text_, quantity_, time_, price_, user_, country_;
  bool user_is_number_ = false, item_is_number_ = false, has_last_ = false;
  TimeFormat format_ = TimeFormat::iso;
  std::int64_t zone_ms_ = 0, last_ms_ = 0;
  std::string last_time_;  // the lines of an invoice share their time: it is parsed once
};

}  // namespace

std::optional<Mapping> recognise_invoices(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json || (!options.kind.empty() && options.kind != "invoices")) return std::nullopt;
  Mapping m{.format = "invoices"};
  m.separator = guess_separator(peek);
  if (m.separator.empty() || m.separator == " ") return std::nullopt;
  const Table rows = sample(peek, {.separator = m.separator}, 20);
  if (!has_header(rows)) return std::nullopt;
  // By the rule that guess_columns goes by: were it another, a table could be taken for invoices and read by nobody.
  const auto there = [&](std::string_view field) { return options.map.count(std::string(field)) > 0 || !best_column(field, rows[0]).empty(); };
  for (const std::string_view field : {"invoice", "item", "quantity", "price", "time"})
    if (!there(field)) return std::nullopt;
  m.kind = "invoices";
  m.event_type = "purchase";
  m = guess_table(peek, std::move(m), options);
  if (m.event_type.empty()) m.event_type = "purchase";
  return m;
}

Batch read_invoices(const std::filesystem::path& file, const Mapping& m, const ImportOptions& options, const Run& run) {
  const std::string name = file.string();
  TableReader reader(file, m, run);
  LedgerReader lines(m, reader.header(), name);
  Ledger ledger;
  std::vector<Rejection> unreadable;
  Row row;
  std::string reason;
  std::uint64_t rows = 0;
  while (reader.next(row)) {
    ++rows;
    if (row.problem) reason = row.problem;
    else if (!fits(row, reader.header().size())) reason = count_problem(row, reader.header().size());
    else if (lines.add(row, ledger, reason)) continue;
    unreadable.push_back(reject(name, row.line, reason, row.text));
  }
  const std::string type = m.event_type.empty() ? "purchase" : m.event_type;
  Batch batch = options.clean ? clean_invoices(ledger, name, type, run) : invoices_as_they_are(ledger, name, type, run);
  batch.rejections.insert(batch.rejections.begin(), std::make_move_iterator(unreadable.begin()), std::make_move_iterator(unreadable.end()));
  finish_report(batch, name, rows, reader.converted());
  return batch;
}

}  // namespace attune::data
