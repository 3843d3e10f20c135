// Cleaning of invoice lines: what becomes of each row (see clean.h). Everything works on row numbers; texts are looked at once
// per distinct text.
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "attune/data/cleaning.h"
#include "attune/core/ascii.h"
#include "attune/data/table.h"

namespace attune::data {
namespace {

constexpr std::uint32_t kNone = InvoiceLine::kNone;


}  // namespace

std::string squeezed(std::string_view s) {
  std::string out;
  for (const char c : s) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool is_cancellation(std::string_view invoice) {
  if (invoice.size() < 2 || (invoice[0] != 'C' && invoice[0] != 'c')) return false;
  return std::all_of(invoice.begin() + 1, invoice.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void Cleaning::mark_repeats() {
  std::size_t size = 64;
  while (size < lines_.size() * 2) size *= 2;
  std::vector<std::uint32_t> slots(size, kNone);
  const auto same = [](const InvoiceLine& a, const InvoiceLine& b) {
    return a.invoice == b.invoice && a.item == b.item && a.text == b.text && a.user == b.user && a.country == b.country &&
           a.time_ms == b.time_ms && a.quantity == b.quantity && (a.price == b.price || (std::isnan(a.price) && std::isnan(b.price)));
  };
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    const InvoiceLine& l = lines_[i];
    struct {
      std::uint32_t names[4];
      std::int64_t time;
      double quantity;
    } key{{l.invoice, l.item, l.text, l.user}, l.time_ms, l.quantity};
    std::size_t at = XXH3_64bits(&key, sizeof key) & (size - 1);
    while (slots[at] != kNone && !same(lines_[slots[at]], l)) at = (at + 1) & (size - 1);
    if (slots[at] == kNone) {
      slots[at] = i;
    } else {
      fate_[i] = Fate::repeat;
      other_[i] = slots[at];
    }
  }
}

// The text each code has most often on sold lines; the latest wins ties.
void Cleaning::choose_texts() {
  struct Use {
    std::uint32_t count = 0, last = 0;
  };
  const std::size_t items = ledger_.items.size();
  std::vector<std::string> plain(ledger_.texts.size());
  std::unordered_map<std::string, std::uint32_t> first_of;  // spellings that differ only in blanks are one
  std::vector<std::uint32_t> same(ledger_.texts.size());
  for (std::uint32_t t = 0; t < plain.size(); ++t) {
    plain[t] = squeezed(ledger_.texts.name(t));
    same[t] = first_of.emplace(plain[t], t).first->second;
  }
  std::unordered_map<std::uint64_t, Use> uses;
  std::vector<std::uint32_t> order;  // rows that count
  first_ms_.assign(items, 0);
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    const InvoiceLine& l = lines_[i];
    if (fate_[i] != Fate::open || !is_sale(l)) continue;
    const std::uint32_t item = code_[l.item];
    if (first_ms_[item] == 0 || l.time_ms < first_ms_[item]) first_ms_[item] = l.time_ms;
    if (l.text == kNone || plain[l.text].empty()) continue;
    Use& use = uses[std::uint64_t{item} << 32 | same[l.text]];
    ++use.count;
    use.last = i;
  }
  text_.assign(items, "");
  std::vector<Use> best(items);
  std::vector<std::uint32_t> texts_of(items, 0);
  for (const auto& [key, use] : uses) {
    const auto item = static_cast<std::uint32_t>(key >> 32);
    ++texts_of[item];
    if (use.count < best[item].count || (use.count == best[item].count && use.last < best[item].last)) continue;
    best[item] = use;
    text_[item] = plain[static_cast<std::uint32_t>(key)];
  }
  several_texts_ = static_cast<std::size_t>(std::count_if(texts_of.begin(), texts_of.end(), [](auto n) { return n > 1; }));
}

// "85123a" and "85123A" are one code when their texts are the same; the more frequent spelling stands for both.
void Cleaning::merge_codes() {
  const std::size_t items = ledger_.items.size();
  code_.resize(items);
  for (std::uint32_t i = 0; i < items; ++i) code_[i] = i;
  choose_texts();
  std::vector<std::uint32_t> rows(items, 0);
  for (const InvoiceLine& l : lines_) ++rows[l.item];
  std::unordered_map<std::string, std::uint32_t> first;
  for (std::uint32_t i = 0; i < items; ++i) {
    const auto [it, is_new] = first.emplace(lowered(ledger_.items.name(i)) + '\n' + lowered(text_[i]), i);
    if (is_new || text_[i].empty()) continue;
    ++spellings_;
    std::uint32_t& leader = it->second;
    if (rows[i] > rows[leader]) leader = i;
  }
  if (spellings_ == 0) return;
  for (std::uint32_t i = 0; i < items; ++i)
    if (!text_[i].empty()) code_[i] = first.at(lowered(ledger_.items.name(i)) + '\n' + lowered(text_[i]));
}

void Cleaning::mark_by_row() {
  std::vector<std::string_view> codes;
  std::vector<std::string> any_text = text_;  // a code that was never sold has no text yet: take what there is
  for (std::uint32_t i = 0; i < ledger_.items.size(); ++i) codes.push_back(ledger_.items.name(i));
  for (const InvoiceLine& l : lines_)
    if (any_text[l.item].empty() && l.text != kNone) any_text[l.item] = squeezed(ledger_.texts.name(l.text));
  const FeeRule rule(codes);
  is_fee_.resize(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) is_fee_[i] = rule.is_fee(codes[i], text_[code_[i]].empty() ? any_text[i] : text_[code_[i]]);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (fate_[i] != Fate::open) continue;
    const InvoiceLine& l = lines_[i];
    if (is_fee_[l.item]) fate_[i] = Fate::fee;
    else if (l.quantity == 0) fate_[i] = Fate::no_quantity;
    else if (l.quantity < 0 && !has_price(l) && l.user == kNone) fate_[i] = Fate::stock;
    else if (!has_price(l)) fate_[i] = Fate::no_price;
    else if (is_sale(l)) fate_[i] = Fate::sold;
    else fate_[i] = Fate::returned;
  }
}

void Cleaning::take_back() {
  std::vector<std::uint32_t> sold, returned;
  for (std::uint32_t i = 0; i < lines_.size(); ++i) {
    if (fate_[i] == Fate::sold) sold.push_back(i);
    if (fate_[i] == Fate::returned) returned.push_back(i);
  }
  const auto key = [&](std::uint32_t i) { return std::uint64_t{lines_[i].user} << 32 | code_[lines_[i].item]; };
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    if (key(a) != key(b)) return key(a) < key(b);
    return lines_[a].time_ms != lines_[b].time_ms ? lines_[a].time_ms < lines_[b].time_ms : a < b;
  };
  std::sort(sold.begin(), sold.end(), before);
  std::sort(returned.begin(), returned.end(), before);
  for (std::size_t n = 0; n < returned.size(); ++n) {
    if (n % 1024 == 0) run_.check();
    const std::uint32_t row = returned[n];
    fate_[row] = Fate::unmatched;
    if (lines_[row].user == kNone) continue;  // nobody knows whose it was
    const auto first = std::lower_bound(sold.cbegin(), sold.cend(), key(row), [&](std::uint32_t s, std::uint64_t k) { return key(s) < k; });
    const auto last = std::upper_bound(first, sold.cend(), row, [&](std::uint32_t r, std::uint32_t s) {
      return key(s) != key(r) ? key(r) < key(s) : lines_[r].time_ms < lines_[s].time_ms;  // the same minute still counts
    });
    take(first, last, row);
  }
  merge_lines(sold);
}

// Takes the quantity of the return `row` from the purchases first..last, oldest first in that range.
void Cleaning::take(std::vector<std::uint32_t>::const_iterator first, std::vector<std::uint32_t>::const_iterator last, std::uint32_t row) {
  double wanted = std::abs(lines_[row].quantity);
  const auto reduce = [&](std::uint32_t sale) {
    const double part = std::min(left_[sale], wanted);
    left_[sale] -= part;
    wanted -= part;
    other_[sale] = row;
    if (left_[sale] <= 0) fate_[sale] = Fate::taken_back;
    else ++part_returns_;
  };
  for (auto it = last; it != first; --it) {
    if (left_[*(it - 1)] < wanted) continue;
    reduce(*(it - 1));
    fate_[row] = Fate::returned;
    ++matched_;
    return;
  }
  double there = 0;
  for (auto it = first; it != last; ++it) there += left_[*it];
  if (there < wanted) return;
  for (auto it = last; it != first && wanted > 0; --it)
    if (left_[*(it - 1)] > 0) reduce(*(it - 1));
  fate_[row] = Fate::returned;
  ++matched_;
  ++spread_returns_;
}

// Lines of one invoice, item and moment become the first of them.
void Cleaning::merge_lines(const std::vector<std::uint32_t>& sold) {
  std::unordered_map<std::uint64_t, std::uint32_t> first;  // (item, invoice) within one customer and moment
  std::uint32_t head = kNone;
  for (const std::uint32_t row : sold) {
    if (fate_[row] != Fate::sold) continue;
    const InvoiceLine& l = lines_[row];
    const bool is_same_moment = head != kNone && lines_[head].user == l.user && code_[lines_[head].item] == code_[l.item] &&
                                lines_[head].time_ms == l.time_ms;
    if (!is_same_moment) {
      head = row;
      if (!first.empty()) first.clear();
      continue;
    }
    if (first.empty()) first.emplace(lines_[head].invoice, head);
    const auto [it, is_new] = first.emplace(l.invoice, row);
    if (is_new) continue;
    left_[it->second] += left_[row];
    fate_[row] = Fate::merged;
    other_[row] = it->second;
  }
}

Batch clean_invoices(const Ledger& ledger, const std::string& file, const std::string& event_type, const Run& run) {
  return Cleaning(ledger, file, event_type, run).run();
}

Batch invoices_as_they_are(const Ledger& ledger, const std::string& file, const std::string& event_type, const Run& run) {
  Batch batch;
  batch.source = file;
  std::vector<std::uint8_t> is_there(ledger.items.size(), 0);
  for (std::size_t i = 0; i < ledger.lines.size(); ++i) {
    if (i % 65536 == 0) run.check();
    const InvoiceLine& l = ledger.lines[i];
    if (!(l.quantity > 0)) {
      batch.rejections.push_back(reject(file, l.line, "quantity is not above zero", l.row));
      continue;
    }
    const std::string invoice(ledger.invoices.name(l.invoice));
    batch.events.push_back({.user = l.user != kNone ? std::string(ledger.users.name(l.user)) : "session:" + invoice,
                            .item = std::string(ledger.items.name(l.item)),
                            .type = event_type,
                            .value = l.quantity,
                            .time_ms = l.time_ms,
                            .session = invoice});
    if (is_there[l.item]) continue;
    is_there[l.item] = 1;
    Record& record = batch.items.emplace_back();
    record.name = ledger.items.name(l.item);
    if (l.text != kNone) record.text = squeezed(ledger.texts.name(l.text));
    if (l.price > 0) record.attributes["price"] = l.price;
  }
  return batch;
}

}  // namespace attune::data
