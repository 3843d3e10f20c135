// Memory store: the log in vectors and maps. For tests and for evaluation of files that need no workspace.
// Cost: append O(1) an event, user_events O(events of the user), erase one pass.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <tuple>
#include <unordered_set>

#include "attune/core/error.h"
#include "attune/data/amend.h"
#include "attune/data/catalogue.h"
#include "attune/data/store_rules.h"
#include "attune/data/store.h"

namespace attune::data {
namespace {

std::size_t hash_of(const Event& event) noexcept {
  std::size_t hash = 0;
  const auto mix = [&](std::size_t more) { hash = (hash ^ more) * 0x9e3779b97f4a7c15u + (hash >> 29); };
  const std::hash<std::string_view> text;
  mix(text(event.user));
  mix(text(event.item));
  mix(text(event.type));
  mix(event.value ? std::hash<double>()(*event.value) : 1);
  mix(static_cast<std::size_t>(event.time_ms));
  mix(text(event.session));
  mix(text(event.request));
  return hash;
}

class MemoryStore final : public Store, public Amending {
 public:
  Appended append(std::span<const Event> events) override {
    check(events);
    const std::unique_lock lock(mutex_);
    return add(events);
  }

  Appended amend(std::span<const Event> events, Amend how) override {
    check(events);
    const std::unique_lock lock(mutex_);
    if (how == Amend::add_up)
      for (Event trial : events) add_value(trial, sum_of(trial));   // refused before anything changes
    Appended done;
    for (Event event : events) {
      if (how == Amend::add_up) add_value(event, sum_of(event));
      done.repeated += take_out(event.user, event.item, event.type);
      done.accepted += add(std::span(&event, 1)).accepted;
    }
    done.last = last_;
    return done;
  }

  std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type) override {
    const std::unique_lock lock(mutex_);
    return take_out(user, item, type);
  }

  void put(Kind kind, std::span<const Record> records) override {
    check(records);
    const std::unique_lock lock(mutex_);
    put_all(kind, records);
  }

  Appended take(const Batch& batch) override {
    check(std::span(batch.events));
    check(std::span(batch.items));
    check(std::span(batch.users));
    const std::unique_lock lock(mutex_);
    bool is_new = put_all(Kind::item, batch.items);
    is_new |= put_all(Kind::user, batch.users);
    const Appended done = add(batch.events);
    for (const Rejection& row : batch.rejections)
      if (rejection_keys_.emplace(row.file, row.line, row.reason, row.text).second) {
        rejections_.push_back(row);
        is_new = true;
      }
    if (is_new || done.accepted > 0) ++imports_;
    return done;
  }

  void read_events(Sequence from, const std::function<void(const StoredEvent&)>& sink) const override {
    const std::shared_lock lock(mutex_);
    const auto after = [](Sequence sequence, const StoredEvent& stored) { return sequence < stored.sequence; };
    for (auto at = std::upper_bound(events_.begin(), events_.end(), from, after); at != events_.end(); ++at) sink(*at);
  }

  std::vector<StoredEvent> user_events(std::string_view user) const override {
    const std::shared_lock lock(mutex_);
    std::vector<StoredEvent> found;
    const auto places = places_of_user_.find(user);
    if (places == places_of_user_.end()) return found;
    for (const std::size_t place : places->second) found.push_back(events_[place]);
    const auto earlier = [](const StoredEvent& a, const StoredEvent& b) { return a.event.time_ms < b.event.time_ms; };
    std::stable_sort(found.begin(), found.end(), earlier);
    return found;
  }

  void read_records(Kind kind, const std::function<void(const Record&)>& sink) const override {
    const std::shared_lock lock(mutex_);
    for (const Record& record : table(kind).records) sink(record);
  }

  std::optional<Record> find(Kind kind, std::string_view name) const override {
    const std::shared_lock lock(mutex_);
    const Table& known = table(kind);
    const auto found = known.places.find(name);
    return found == known.places.end() ? std::nullopt : std::optional(known.records[found->second]);
  }

  void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const override {
    const std::shared_lock lock(mutex_);
    for (std::size_t i = 0; i < std::min(limit, rejections_.size()); ++i) sink(rejections_[i]);
  }

  void log_exposure(const Exposure& exposure) override {
    check(exposure);
    const std::unique_lock lock(mutex_);
    exposures_.push_back(exposure);
  }

  void rate(const ListRating& rating) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(ratings_, [&](const ListRating& r) { return r.request == rating.request; });
    ratings_.push_back(rating);
  }

  std::optional<ListRating> rating(std::string_view request) const override {
    const std::lock_guard lock(mutex_);
    for (const ListRating& r : ratings_)
      if (r.request == request) return r;
    return std::nullopt;
  }

  void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const override {
    const std::lock_guard lock(mutex_);
    for (std::size_t n = 0; n < std::min(most, ratings_.size()); ++n) sink(ratings_[ratings_.size() - 1 - n]);
  }

  void read_exposures(const std::function<void(const Exposure&)>& sink) const override {
    const std::shared_lock lock(mutex_);
    for (const Exposure& exposure : exposures_) sink(exposure);
  }

  Receipt erase(Kind kind, std::string_view name) override {
    const std::unique_lock lock(mutex_);
    Table& known = table(kind);
    Receipt receipt = begin_receipt(kind, name, receipts_.size() + 1, last_);
    const std::size_t names_before = known.names.size();
    if (const auto at = known.names.find(std::string(name)); at != known.names.end()) known.names.erase(at);
    const bool was_known = known.names.size() < names_before;
    if (const auto found = known.places.find(name); found != known.places.end()) {
      known.records.erase(known.records.begin() + static_cast<std::ptrdiff_t>(found->second));
      known.index_records();
      receipt.records = 1;
    }
    receipt.events = std::erase_if(events_, [&](const StoredEvent& stored) {
      return (kind == Kind::user ? stored.event.user : stored.event.item) == name;
    });
    if (kind == Kind::user) {
      std::erase_if(ratings_, [&](const ListRating& r) { return r.user == name; });
      receipt.exposures = std::erase_if(exposures_, [&](const Exposure& exposure) { return exposure.user == name; });
      receipt.rejections = std::erase_if(rejections_, [&](const Rejection& row) { return names(row.text, name) || names(row.reason, name); });
      index_rejections();
    }
    if (!was_known && receipt.events + receipt.records + receipt.exposures + receipt.rejections == 0) nothing_to_erase(kind, name);
    index_events();
    receipts_.push_back(receipt);
    return receipt;
  }

  std::vector<Receipt> receipts() const override {
    const std::shared_lock lock(mutex_);
    return receipts_;
  }

  void put_trial(const StoredTrial& trial) override {
    const std::unique_lock lock(mutex_);
    trials_.insert_or_assign({trial.study, trial.number}, trial);
  }

  std::vector<StoredTrial> trials(std::string_view study) const override {
    const std::shared_lock lock(mutex_);
    std::vector<StoredTrial> all;
    for (const auto& [key, trial] : trials_)
      if (trial.study == study) all.push_back(trial);
    return all;
  }

  std::uint64_t forget_trials(std::string_view study) override {
    const std::unique_lock lock(mutex_);
    return std::erase_if(trials_, [&](const auto& entry) { return entry.second.study == study; });
  }

  StoreCounts counts() const override {
    const std::shared_lock lock(mutex_);
    StoreCounts counts{.events = events_.size(), .users = users_.names.size(), .items = items_.names.size(), .exposures = exposures_.size(),
                       .rejections = rejections_.size(), .imports = imports_, .last = last_};
    for (const StoredEvent& stored : events_) {
      const std::int64_t time = stored.event.time_ms;
      counts.first_ms = &stored == &events_.front() ? time : std::min(counts.first_ms, time);
      counts.last_ms = &stored == &events_.front() ? time : std::max(counts.last_ms, time);
    }
    return counts;
  }

  std::optional<std::string> meta(std::string_view key) const override {
    const std::shared_lock lock(mutex_);
    const auto found = meta_.find(key);
    return found == meta_.end() ? std::nullopt : std::optional(found->second);
  }

  void set_meta(std::string_view key, std::string_view value) override {
    const std::unique_lock lock(mutex_);
    meta_.insert_or_assign(std::string(key), std::string(value));
  }

 private:
  struct Table {
    std::vector<Record> records;
    NameMap<std::size_t> places;              // of the records
    std::unordered_set<std::string> names;    // known from records or events
    void index_records() {
      places.clear();
      for (std::size_t i = 0; i < records.size(); ++i) places.emplace(records[i].name, i);
    }
  };
  Table& table(Kind kind) { return kind == Kind::item ? items_ : users_; }
  const Table& table(Kind kind) const { return kind == Kind::item ? items_ : users_; }

  std::optional<double> sum_of(const Event& event) const {
    std::optional<double> sum;
    for (const StoredEvent& stored : events_)
      if (stored.event.user == event.user && stored.event.item == event.item && stored.event.type == event.type && stored.event.value)
        sum = sum.value_or(0) + *stored.event.value;
    return sum;
  }

  std::uint64_t take_out(std::string_view user, std::string_view item, std::string_view type) {
    const std::uint64_t gone = std::erase_if(events_, [&](const StoredEvent& stored) {
      return stored.event.user == user && stored.event.item == item && (type.empty() || stored.event.type == type);
    });
    if (gone > 0) index_events();
    return gone;
  }

  Appended add(std::span<const Event> events) {
    Appended done;
    for (const Event& event : events) {
      const std::size_t hash = hash_of(event);
      const auto [begin, end] = places_of_hash_.equal_range(hash);
      if (std::any_of(begin, end, [&](const auto& entry) { return events_[entry.second].event == event; })) {
        ++done.repeated;
        continue;
      }
      places_of_hash_.emplace(hash, events_.size());
      places_of_user_[event.user].push_back(events_.size());
      users_.names.insert(event.user);
      items_.names.insert(event.item);
      events_.push_back({++last_, event});
      ++done.accepted;
    }
    done.last = last_;
    return done;
  }

  bool put_all(Kind kind, std::span<const Record> records) {
    Table& known = table(kind);
    bool is_new = false;
    for (const Record& record : records) {
      const auto [found, is_first] = known.places.try_emplace(record.name, known.records.size());
      if (is_first) {
        known.records.push_back({.name = record.name});
        known.names.insert(record.name);
      }
      is_new |= merge(known.records[found->second], record) || is_first;
    }
    return is_new;
  }

  void index_events() {
    places_of_hash_.clear();
    places_of_user_.clear();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      places_of_hash_.emplace(hash_of(events_[i].event), i);
      places_of_user_[events_[i].event.user].push_back(i);
    }
  }

  void index_rejections() {
    rejection_keys_.clear();
    for (const Rejection& row : rejections_) rejection_keys_.emplace(row.file, row.line, row.reason, row.text);
  }

  mutable std::shared_mutex mutex_;
  std::vector<StoredEvent> events_;  // ascending sequences
  std::unordered_multimap<std::size_t, std::size_t> places_of_hash_;
  NameMap<std::vector<std::size_t>> places_of_user_;
  Table items_, users_;
  std::vector<Rejection> rejections_;
  std::set<std::tuple<std::string, std::uint64_t, std::string, std::string>> rejection_keys_;
  std::vector<Exposure> exposures_;
  std::vector<ListRating> ratings_;   // oldest first
  std::vector<Receipt> receipts_;
  NameMap<std::string> meta_;
  std::map<std::pair<std::string, std::uint64_t>, StoredTrial> trials_;
  std::uint64_t imports_ = 0;
  Sequence last_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_memory(const std::string&) { return std::make_unique<MemoryStore>(); }

}  // namespace attune::data
