// Cleaning of invoice lines: see the header. Everything works on row numbers; texts are looked at once per distinct text.
#include "attune/data/clean.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>

#include "attune/data/table.h"

namespace attune::data {
namespace {

constexpr std::uint32_t kNone = InvoiceLine::kNone;

enum class Fate : std::uint8_t { open, sold, returned, repeat, fee, no_price, no_quantity, stock, unmatched, taken_back, merged };

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

std::string lowered(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_cancellation(std::string_view invoice) {
  if (invoice.size() < 2 || (invoice[0] != 'C' && invoice[0] != 'c')) return false;
  return std::all_of(invoice.begin() + 1, invoice.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Cleaning {
 public:
  Cleaning(const Ledger& ledger, const std::string& file, const std::string& type, const Run& run)
      : ledger_(ledger), lines_(ledger.lines), file_(file), type_(type), run_(run), fate_(lines_.size(), Fate::open),
        other_(lines_.size(), kNone), left_(lines_.size()) {
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
    return l.quantity > 0 && has_price(l) && !is_cancelled_invoice(l.invoice);
  }
  bool is_cancelled_invoice(std::uint32_t id) const { return id != kNone && is_cancellation(ledger_.invoices.name(id)); }

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

void Cleaning::reject_row(Batch& batch, std::size_t row) const {
  const InvoiceLine& l = lines_[row];
  const auto line_of = [&](std::uint32_t other) { return std::to_string(lines_[other].line); };
  std::string reason;
  switch (fate_[row]) {
    case Fate::repeat: reason = "exact repeat of an earlier row: line " + line_of(other_[row]); break;
    case Fate::fee: reason = "fee or other entry that is no product: " + std::string(ledger_.items.name(l.item)); break;
    case Fate::no_price: reason = l.price < 0 ? "price is below zero" : "price is zero: a gift or a correction, not a purchase"; break;
    case Fate::no_quantity: reason = "quantity is zero"; break;
    case Fate::stock: reason = "correction of stock without customer and price"; break;
    case Fate::unmatched: reason = "return without an earlier purchase to take back"; break;
    case Fate::taken_back: reason = "purchase taken back by a later return: line " + line_of(other_[row]); break;
    default: return;
  }
  batch.rejections.push_back(reject(file_, l.line, std::move(reason), l.row));
}

Batch Cleaning::collect() {
  Batch batch;
  batch.source = file_;
  std::size_t sold = 0;
  for (const Fate f : fate_) sold += f == Fate::sold;
  batch.events.reserve(sold);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (i % 65536 == 0) run_.check();
    if (fate_[i] != Fate::sold) {
      reject_row(batch, i);
      continue;
    }
    const InvoiceLine& l = lines_[i];
    Event& event = batch.events.emplace_back();
    if (l.user != kNone) event.user = ledger_.users.name(l.user);
    else event.user = "session:" + std::string(ledger_.invoices.name(l.invoice));
    event.item = ledger_.items.name(code_[l.item]);
    event.type = type_;
    event.value = left_[i];
    event.time_ms = l.time_ms;
    event.session = ledger_.invoices.name(l.invoice);
  }
  collect_items(batch);
  collect_users(batch);
  report(batch);
  return batch;
}

void Cleaning::collect_items(Batch& batch) const {
  // Median price over sold lines, whether or not they were taken back later: the item was on offer at that price.
  std::vector<std::pair<std::uint32_t, double>> prices;
  std::vector<std::uint8_t> is_sold(ledger_.items.size(), 0);
  std::vector<std::uint32_t> order;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const bool was_sale = fate_[i] == Fate::sold || fate_[i] == Fate::merged || fate_[i] == Fate::taken_back;
    if (!was_sale) continue;
    const std::uint32_t item = code_[lines_[i].item];
    if (!std::isnan(lines_[i].price)) prices.emplace_back(item, lines_[i].price);
    if (fate_[i] != Fate::sold || is_sold[item]) continue;
    is_sold[item] = 1;
    order.push_back(item);
  }
  std::sort(prices.begin(), prices.end());
  std::unordered_map<std::uint32_t, double> median;
  for (std::size_t a = 0; a < prices.size();) {
    std::size_t b = a;
    while (b < prices.size() && prices[b].first == prices[a].first) ++b;
    median[prices[a].first] = prices[a + (b - a - 1) / 2].second;  // the lower one of two, so that it is a price that was asked
    a = b;
  }
  for (const std::uint32_t item : order) {
    Record& record = batch.items.emplace_back();
    record.name = ledger_.items.name(item);
    record.text = text_[item];
    record.created_ms = first_ms_[item];
    if (const auto it = median.find(item); it != median.end()) record.attributes["price"] = it->second;
  }
}

void Cleaning::collect_users(Batch& batch) const {
  std::unordered_map<std::uint64_t, std::uint32_t> counts;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> best(ledger_.users.size(), {0, kNone});  // rows, country
  std::vector<std::uint8_t> is_there(ledger_.users.size(), 0);
  std::vector<std::uint32_t> order;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const InvoiceLine& l = lines_[i];
    if (fate_[i] != Fate::sold || l.user == kNone) continue;
    if (!is_there[l.user]) order.push_back(l.user);
    is_there[l.user] = 1;
    if (l.country == kNone) continue;
    const std::uint32_t n = ++counts[std::uint64_t{l.user} << 32 | l.country];
    if (n >= best[l.user].first) best[l.user] = {n, l.country};  // ties: the latest
  }
  for (const std::uint32_t user : order) {
    Record& record = batch.users.emplace_back();
    record.name = ledger_.users.name(user);
    if (best[user].second != kNone) record.attributes["country"] = Json(ledger_.countries.name(best[user].second));
  }
}

void Cleaning::report(Batch& batch) const {
  const auto count = [&](Fate fate) { return static_cast<std::uint64_t>(std::count(fate_.begin(), fate_.end(), fate)); };
  std::vector<std::uint8_t> user_seen(ledger_.users.size(), 0), item_seen(ledger_.items.size(), 0);
  std::uint64_t purchase_rows = 0, sessions = 0;
  for (const InvoiceLine& l : lines_) {
    if (l.user == kNone || !(l.quantity > 0) || !(l.price > 0)) continue;
    ++purchase_rows;
    user_seen[l.user] = item_seen[l.item] = 1;
  }
  std::vector<std::uint8_t> session_seen(ledger_.invoices.size(), 0);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (fate_[i] != Fate::sold || lines_[i].user != kNone || session_seen[lines_[i].invoice]) continue;
    session_seen[lines_[i].invoice] = 1;
    ++sessions;
  }
  const auto ones = [](const std::vector<std::uint8_t>& v) { return static_cast<std::uint64_t>(std::count(v.begin(), v.end(), 1)); };
  Json counts = Json::object();
  counts["before_purchase_rows"] = purchase_rows;
  counts["before_customers"] = ones(user_seen);
  counts["before_products"] = ones(item_seen);
  counts["lines_merged"] = count(Fate::merged);
  counts["returns_applied"] = matched_;
  counts["purchases_reduced"] = part_returns_;
  counts["spellings_of_codes"] = spellings_;
  counts["sessions"] = sessions;
  const auto n = [](std::uint64_t v) { return std::to_string(v); };
  Json sentences = Json::array();
  sentences.push_back("of " + n(lines_.size()) + " invoice lines, " + n(purchase_rows) + " are purchases as they stand (customer named, quantity and price above zero) by " +
                      n(ones(user_seen)) + " customers of " + n(ones(item_seen)) + " codes");
  sentences.push_back(n(matched_) + " returns took back earlier purchases: " + n(count(Fate::taken_back)) + " in whole, " + n(part_returns_) +
                      " in part; " + n(spread_returns_) + " of them needed several purchases");
  sentences.push_back(n(count(Fate::merged)) + " lines were added to another line of the same invoice, item and time");
  if (spellings_ > 0) sentences.push_back(n(spellings_) + " codes differ from another only in case and were taken for the same product");
  if (several_texts_ > 0) sentences.push_back(n(several_texts_) + " products have several texts: the most frequent one was taken");
  sentences.push_back(n(sessions) + " invoices name no customer and were kept as visits, session:INVOICE");
  sentences.push_back(n(batch.events.size()) + " purchases of " + n(batch.items.size()) + " products remain, by " + n(batch.users.size()) +
                      " customers and " + n(sessions) + " visits");
  batch.report["counts"] = std::move(counts);
  batch.report["sentences"] = std::move(sentences);
}

std::uint64_t hash_of(const Event& e) {
  std::uint64_t h = static_cast<std::uint64_t>(e.time_ms);
  for (const std::string* s : {&e.user, &e.item, &e.type, &e.session, &e.request}) h = XXH3_64bits_withSeed(s->data(), s->size(), h);
  const double value = e.value.value_or(-0.5);
  return XXH3_64bits_withSeed(&value, sizeof value, h);
}

}  // namespace

void drop_repeats(Batch& batch, const std::string& file, const std::vector<std::uint64_t>& lines) {
  std::vector<Event>& events = batch.events;
  std::size_t size = 64, kept = 0;
  while (size < events.size() * 2) size *= 2;
  std::vector<std::uint32_t> slots(size, kNone);
  std::vector<std::uint64_t> line_of;  // of the events kept
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::size_t at = hash_of(events[i]) & (size - 1);
    while (slots[at] != kNone && !(events[slots[at]] == events[i])) at = (at + 1) & (size - 1);
    if (slots[at] != kNone) {
      const std::string first = std::to_string(line_of[slots[at]]);
      batch.rejections.push_back(reject(file, lines[i], "exact repeat of an earlier row: line " + first, events[i].user + " " + events[i].item));
      continue;
    }
    slots[at] = static_cast<std::uint32_t>(kept);
    line_of.push_back(lines[i]);
    if (kept != i) events[kept] = std::move(events[i]);
    ++kept;
  }
  events.resize(kept);
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
