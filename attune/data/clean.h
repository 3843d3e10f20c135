// Cleaning: what a shop's books hold that no customer chose, taken out before a model learns from it; every row that
// goes is kept with its reason. Used by import unless ImportOptions::clean is false.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/interner.h"
#include "attune/data/store.h"

namespace attune::data {

// Takes events that are equal in all fields out of the batch, keeping the first. (The store would count them as repeats.)
// `lines[i]` is the line of event i, for the rejections. At most 2^32 - 2 events. O(n).
void drop_repeats(Batch& batch, const std::string& file, const std::vector<std::uint64_t>& lines, const Run& run);

// For files that do not say when: events equal in all fields are told apart by their times, the second 1 ms after the first,
// so that the store keeps each, and the same ones when the file is read again. O(n).
void keep_repeats(Batch& batch, const Run& run);

// One line of an invoice, names as numbers of the ledger's interners.
struct InvoiceLine {
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint64_t line = 0;  // of the file
  std::int64_t time_ms = 0;
  double quantity = 0, price = 0;  // price NaN = not known
  std::uint32_t invoice = kNone, item = kNone, text = kNone, user = kNone, country = kNone;  // kNone = empty
  std::string_view row;    // as it stands in the file, kept in `rows_text`
};

struct Ledger {
  Interner invoices, items, texts, users, countries;
  Arena rows_text;
  std::vector<InvoiceLine> lines;
};

// Invoice lines into purchases, products and customers. In this order, each row leaving for the first reason that fits:
//   1. exact repeats of a row go;
//   2. codes that differ only in case and carry the same text become one code, the most frequent spelling;
//   3. fees and other non-products go: see is_fee;
//   4. rows without a price (gifts, corrections of stock) or quantity go;
//   5. returns and cancellations (negative quantity, or an invoice number that is a C and digits) take back the latest
//      earlier purchase of the same customer and item that has enough left; if none has, several, the latest first.
//      A purchase taken back in whole goes, one taken back in part keeps the rest. A return without purchases goes;
//   6. lines of one invoice with the same item and time become one purchase with their sum.
// What remains becomes Event{type "purchase", value = quantity, session = invoice}; a buyer without a name is
// "session:INVOICE". An item's text is its most frequent one on sold lines (ties: the latest), blanks squeezed; its price
// the median over them; its creation the first sale. A customer's country is the most frequent one.
// batch.report: counts {rows, purchase_rows, ...} that add up, and sentences. Deterministic. O(n log n).
Batch clean_invoices(const Ledger& ledger, const std::string& file, const std::string& event_type, const Run& run);
// The same rows without steps 1 to 6: every line with a quantity above zero is an event.
Batch invoices_as_they_are(const Ledger& ledger, const std::string& file, const std::string& event_type, const Run& run);

// Is `code` a fee, a discount or another entry of the books rather than a product?
//   shape: letters and digits of a code collapsed, "85123A" is 9A. A shape is usual when at least 10 % of the shop's
//   distinct codes have it.
// A fee is a code
//   - whose text ends in a fee word once amounts are left out ("Next Day Carriage", "Gift Voucher 100.00"), or that is
//     itself a fee word ("POSTAGE"), or
//   - of an unusual shape that has one or two characters ("M", "C2"), or no digit unless a code with digits begins with
//     the same four letters ("BANK CHARGES" goes, "DCGSSBOY" stays beside "DCGS0003"), or a fee word in its text.
class FeeRule {
 public:
  explicit FeeRule(const std::vector<std::string_view>& codes);
  bool is_fee(std::string_view code, std::string_view text) const;

 private:
  std::vector<std::string> usual_shapes_;
  std::vector<std::string> stems_;  // first four letters, in lower case, of codes with digits; sorted
};

}  // namespace attune::data
