// Store rules: see the header.
#include "attune/data/store_rules.h"

#include <xxhash.h>

#include <algorithm>

#include "attune/core/ascii.h"
#include "attune/core/bytes.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"

namespace attune::data {

std::vector<Appended> Store::append_groups(std::span<const std::vector<Event>> groups) {
  std::vector<Appended> done;
  for (const std::vector<Event>& events : groups) check(std::span(events));
  for (const std::vector<Event>& events : groups) done.push_back(append(events));
  return done;
}

void Store::log_exposures(std::span<const Exposure> exposures) {
  for (const Exposure& exposure : exposures) check(exposure);
  for (const Exposure& exposure : exposures) log_exposure(exposure);
}

std::optional<Exposure> Store::exposure(std::string_view request) const {
  std::optional<Exposure> found;
  read_exposures([&](const Exposure& exposure) {
    if (exposure.request == request) found = exposure;
  });
  return found;
}

std::vector<Exposure> Store::user_exposures(std::string_view user, std::size_t most) const {
  std::vector<Exposure> found;
  read_exposures([&](const Exposure& exposure) {
    if (exposure.user == user) found.push_back(exposure);
  });
  std::reverse(found.begin(), found.end());
  if (found.size() > most) found.resize(most);
  return found;
}

std::vector<StoredEvent> Store::request_events(std::string_view request) const {
  std::vector<StoredEvent> found;
  read_events(0, [&](const StoredEvent& stored) {
    if (stored.event.request == request) found.push_back(stored);
  });
  return found;
}

std::uint64_t Store::forget_exposures(std::int64_t, std::size_t) { return 0; }
void Store::rate(const ListRating&) { throw Error(Code::unsupported, "this store keeps no ratings of lists"); }
std::optional<ListRating> Store::rating(std::string_view) const { return std::nullopt; }
void Store::read_ratings(std::size_t, const std::function<void(const ListRating&)>&) const {}

namespace {

bool is_word(char c) noexcept {
  return is_alnum(c) || c == '_' || (c & 0x80) != 0;
}

}  // namespace

void check(std::span<const Event> events) {
  for (const Event& event : events) check(event);
}

void check(std::span<const Record> records) {
  for (const Record& record : records)
    if (record.name.empty()) throw Error(Code::bad_request, "a record has an empty name (its text: '" + record.text.substr(0, 80) + "')");
}

void check(const Exposure& exposure) {
  if (exposure.items.size() != exposure.scores.size() || exposure.items.size() != exposure.propensities.size())
    throw Error(Code::bad_request, "exposure '" + exposure.request + "' has " + std::to_string(exposure.items.size()) + " items, " +
                                       std::to_string(exposure.scores.size()) + " scores and " +
                                       std::to_string(exposure.propensities.size()) + " propensities, expected as many of each");
}

bool names(std::string_view text, std::string_view name) noexcept {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || !is_word(name.front()) || !is_word(text[at - 1]);
    const bool ends = end == text.size() || !is_word(name.back()) || !is_word(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

namespace {
std::string receipt_hash(const std::string& id, std::string_view name) { return hash_hex(id + ":" + std::string(name)); }
}  // namespace

bool proves(const Receipt& receipt, std::string_view name) { return receipt.name_hash == receipt_hash(receipt.id, name); }

std::int64_t hash_of(const Rejection& row) {
  std::string all = row.file;
  all += '\n' + std::to_string(row.line) + '\n' + row.reason + '\n' + row.text;
  return static_cast<std::int64_t>(XXH3_64bits(all.data(), all.size()));
}

Receipt begin_receipt(Kind kind, std::string_view name, std::uint64_t number, Sequence last) {
  Receipt receipt;
  receipt.time_ms = now_ms();
  receipt.id = "erase-" + std::to_string(number) + "-" + std::to_string(receipt.time_ms);
  receipt.kind = kind;
  receipt.name_hash = receipt_hash(receipt.id, name);
  receipt.sequence = last;
  return receipt;
}

void nothing_to_erase(Kind kind, std::string_view name) {
  throw Error(Code::not_found, std::string("there is no ") + (kind == Kind::user ? "user" : "item") + " '" + std::string(name) +
                                   "' in the store; nothing was erased");
}

}  // namespace attune::data
