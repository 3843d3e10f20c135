// What remains of cleaned invoice lines: purchases, products and customers, and the report (see clean.h).
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "attune/data/cleaning.h"
#include "attune/data/table.h"

namespace attune::data {
namespace {

constexpr std::uint32_t kNone = InvoiceLine::kNone;

}  // namespace

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
  std::map<Fate, std::uint64_t> became;  // of the purchases as they stand
  std::vector<std::uint8_t> item_left(ledger_.items.size(), 0);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const InvoiceLine& l = lines_[i];
    if (l.user == kNone || !(l.quantity > 0) || !(l.price > 0)) continue;
    ++purchase_rows;
    ++became[fate_[i]];
    user_seen[l.user] = item_seen[l.item] = 1;
    if (fate_[i] == Fate::sold) item_left[code_[l.item]] = 1;
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
  counts["customer_purchases"] = became[Fate::sold];
  counts["customer_products"] = ones(item_left);
  const auto n = [](std::uint64_t v) { return std::to_string(v); };
  Json sentences = Json::array();
  sentences.push_back("of " + n(lines_.size()) + " invoice lines, " + n(purchase_rows) + " are purchases as they stand (customer named, quantity and price above zero) by " +
                      n(ones(user_seen)) + " customers of " + n(ones(item_seen)) + " codes");
  sentences.push_back("of those, " + n(became[Fate::repeat]) + " are exact repeats, " + n(became[Fate::fee]) + " fees, " + n(became[Fate::taken_back]) +
                      " were taken back, " + n(became[Fate::merged]) + " added to another line; " + n(became[Fate::sold]) + " remain, by " +
                      n(batch.users.size()) + " customers of " + n(ones(item_left)) + " products");
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

}  // namespace attune::data
