// The steps of clean_invoices (clean.h) on one ledger: clean.cpp decides what becomes of each row, collect.cpp gathers what
// remains and tells of it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "attune/data/clean.h"

namespace attune::data {

// What became of a row.
enum class Fate : std::uint8_t { open, sold, returned, repeat, fee, no_price, no_quantity, stock, unmatched, taken_back, merged };

// A leading C and digits: how shop systems number cancellations.
bool is_cancellation(std::string_view invoice);
// Blanks at the ends gone, runs of blanks made one.
std::string squeezed(std::string_view s);

class Cleaning {
 public:
  Cleaning(const Ledger& ledger, const std::string& file, const std::string& type, const Run& run)
      : ledger_(ledger), lines_(ledger.lines), file_(file), type_(type), run_(run), fate_(lines_.size(), Fate::open),
        other_(lines_.size(), InvoiceLine::kNone), left_(lines_.size()) {
    for (std::size_t i = 0; i < lines_.size(); ++i) left_[i] = lines_[i].quantity;
  }

  Batch run() {
    step("repeats");
    mark_repeats();
    step("spellings");
    merge_codes();
    choose_texts();
    step("fees");
    mark_by_row();
    step("returns");
    take_back();
    step("purchases");
    return collect();
  }

 private:
  void step(std::string_view what) { run_.report(what, 0, 0); }
  bool has_price(const InvoiceLine& l) const { return std::isnan(l.price) || l.price > 0; }
  bool is_sale(const InvoiceLine& l) const {
    return l.quantity > 0 && has_price(l) && (l.invoice == InvoiceLine::kNone || !is_cancellation(ledger_.invoices.name(l.invoice)));
  }

  void mark_repeats();
  void merge_codes();
  void choose_texts();
  void mark_by_row();
  void take_back();
  void take(std::vector<std::uint32_t>::const_iterator first, std::vector<std::uint32_t>::const_iterator last, std::uint32_t row);
  void merge_lines(const std::vector<std::uint32_t>& sold);
  Batch collect();
  void collect_items(Batch& batch) const;
  void collect_users(Batch& batch) const;
  void reject_row(Batch& batch, std::size_t row) const;
  void report(Batch& batch) const;

  const Ledger& ledger_;
  const std::vector<InvoiceLine>& lines_;
  const std::string& file_;
  const std::string& type_;
  const Run& run_;
  std::vector<Fate> fate_;
  std::vector<std::uint32_t> other_;  // the row that this one repeats, or by which it was taken back
  std::vector<double> left_;          // quantity after returns and merging
  std::vector<std::uint32_t> code_;   // [items] the spelling of the code that stands for it
  std::vector<std::string> text_;     // [items] chosen text
  std::vector<std::int64_t> first_ms_;  // [items] first sale
  std::vector<std::uint8_t> is_fee_;  // [items]
  std::size_t spellings_ = 0, several_texts_ = 0, part_returns_ = 0, spread_returns_ = 0;
  std::size_t matched_ = 0;
};

}  // namespace attune::data
