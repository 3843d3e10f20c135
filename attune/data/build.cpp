// Build: the log into a dataset. Cost: one pass over the log, two hash look-ups an event; 29 bytes an event at its peak,
// because events are put in order where they lie instead of being copied.
#include <algorithm>
#include <limits>

#include "attune/core/error.h"
#include "attune/data/dataset.h"

namespace attune::data {
namespace {

class Builder {
 public:
  Builder(const Store& store, const BuildOptions& options) : store_(store), options_(options), now_ms_(now()) {}

  Dataset dataset() {
    read_items();
    read_log();
    read_users();
    put_in_order();
    if (options_.collapse_sessions) collapse();
    Histories histories{std::move(offsets_), std::move(touches_), std::move(sessions_), std::move(hides_)};
    return Dataset(std::make_shared<const Catalogue>(std::move(items_), std::move(users_)), std::move(histories), until_);
  }

 private:
  // Only half-lives ask what time it is; finding the newest event of a cut log takes a pass of its own.
  std::int64_t now() const {
    if (options_.now_ms != 0) return options_.now_ms;
    const bool fades = std::any_of(options_.types.begin(), options_.types.end(),
                                   [](const auto& type) { return type.second.half_life_days > 0; });
    if (!fades) return 0;
    if (options_.until == 0) return store_.counts().last_ms;
    std::int64_t newest = std::numeric_limits<std::int64_t>::min();
    store_.read_events(0, [&](const StoredEvent& stored) {
      if (stored.sequence <= options_.until) newest = std::max(newest, stored.event.time_ms);
    });
    return newest;
  }

  void read_items() {
    store_.read_records(Kind::item, [&](const Record& record) {
      item_ids_.emplace(record.name, static_cast<std::uint32_t>(items_.size()));
      items_.push_back({record.name, record.text, record.attributes, record.created_ms, record.hidden});
    });
  }

  void read_users() {
    store_.read_records(Kind::user, [&](const Record& record) { user_id(record.name); });
  }

  void read_log() {
    const auto expected = static_cast<std::size_t>(store_.counts().events);
    users_of_.reserve(expected);
    touches_.reserve(expected);
    sessions_.reserve(expected);
    hides_.reserve(expected);
    store_.read_events(0, [&](const StoredEvent& stored) {
      if (options_.until == 0 || stored.sequence <= options_.until) add(stored);
    });
    if (touches_.size() > std::numeric_limits<std::uint32_t>::max())
      throw Error(Code::unsupported, "the log has " + std::to_string(touches_.size()) + " events, at most 4294967295 fit one dataset");
  }

  void add(const StoredEvent& stored) {
    const Event& event = stored.event;
    const EventType& type = type_named(event.type);
    users_of_.push_back(user_id(event.user));
    touches_.push_back({item_at(item_id(event.item)), event_weight(type, event.value, event.time_ms, now_ms_), event.time_ms});
    sessions_.push_back(event.session.empty() ? 0 : session_id(event.session));
    hides_.push_back(type.hides ? 1 : 0);
    until_ = stored.sequence;
  }

  // Neighbours in a log share type, user and session more often than not, so the last answer is kept.
  const EventType& type_named(const std::string& type) {
    if (last_type_ == nullptr || type != last_type_name_) {
      const auto found = options_.types.find(type);
      last_type_ = found == options_.types.end() ? &standard_type_ : &found->second;
      last_type_name_ = type;
    }
    return *last_type_;
  }

  std::uint32_t user_id(const std::string& name) {
    if (!users_.empty() && users_[last_user_] == name) return last_user_;
    const auto [found, is_new] = user_ids_.try_emplace(name, static_cast<std::uint32_t>(users_.size()));
    if (is_new) users_.push_back(name);
    return last_user_ = found->second;
  }

  std::uint32_t item_id(const std::string& name) {
    const auto [found, is_new] = item_ids_.try_emplace(name, static_cast<std::uint32_t>(items_.size()));
    if (is_new) items_.push_back({.name = name});
    return found->second;
  }

  // Sessions are told apart by a 64-bit hash: keeping millions of their names would cost more than the events.
  std::uint32_t session_id(const std::string& name) {
    const std::uint64_t hash = std::hash<std::string_view>()(name);
    if (last_session_ != 0 && hash == last_session_hash_) return last_session_;
    last_session_hash_ = hash;
    return last_session_ = session_ids_.try_emplace(hash, static_cast<std::uint32_t>(session_ids_.size() + 1)).first->second;
  }

  // By user, then time, then place in the log. order[k] = the event that belongs at place k.
  void put_in_order() {
    offsets_.assign(users_.size() + 1, 0);
    for (const std::uint32_t u : users_of_) ++offsets_[u + 1];
    for (std::size_t u = 0; u < users_.size(); ++u) offsets_[u + 1] += offsets_[u];
    std::vector<std::uint32_t> order(users_of_.size());
    {
      std::vector<std::uint64_t> next(offsets_.begin(), offsets_.end() - 1);
      for (std::size_t k = 0; k < users_of_.size(); ++k) order[next[users_of_[k]]++] = static_cast<std::uint32_t>(k);
    }
    std::vector<std::uint32_t>().swap(users_of_);
    const auto earlier = [&](std::uint32_t a, std::uint32_t b) { return touches_[a].time_ms < touches_[b].time_ms; };
    for (std::size_t u = 0; u + 1 < offsets_.size(); ++u) {
      const auto begin = order.begin() + static_cast<std::ptrdiff_t>(offsets_[u]);
      const auto end = order.begin() + static_cast<std::ptrdiff_t>(offsets_[u + 1]);
      if (!std::is_sorted(begin, end, earlier)) std::stable_sort(begin, end, earlier);
    }
    move_into_place(order);
  }

  // Follows the cycles of the permutation; a place that is done points at itself.
  void move_into_place(std::vector<std::uint32_t>& order) {
    for (std::uint32_t start = 0; start < order.size(); ++start) {
      if (order[start] == start) continue;
      const Touch touch = touches_[start];
      const std::uint32_t session = sessions_[start];
      const std::uint8_t hides = hides_[start];
      std::uint32_t at = start;
      while (order[at] != start) {
        const std::uint32_t from = order[at];
        touches_[at] = touches_[from];
        sessions_[at] = sessions_[from];
        hides_[at] = hides_[from];
        order[at] = at;
        at = from;
      }
      touches_[at] = touch;
      sessions_[at] = session;
      hides_[at] = hides;
      order[at] = at;
    }
  }

  void collapse() {
    std::unordered_map<std::uint64_t, std::size_t> first_place;  // (session, item) of one user
    std::size_t kept = 0;
    for (std::size_t u = 0; u + 1 < offsets_.size(); ++u) {
      const std::uint64_t begin = offsets_[u], end = offsets_[u + 1];
      offsets_[u] = kept;
      first_place.clear();
      for (std::uint64_t k = begin; k < end; ++k) {
        if (sessions_[k] != 0) {
          const std::uint64_t key = std::uint64_t{sessions_[k]} << 32 | to_index(touches_[k].item);
          const auto [found, is_new] = first_place.try_emplace(key, kept);
          if (!is_new) {
            float& weight = touches_[found->second].weight;
            if (std::abs(touches_[k].weight) > std::abs(weight)) weight = touches_[k].weight;
            hides_[found->second] |= hides_[k];
            continue;
          }
        }
        touches_[kept] = touches_[k];
        sessions_[kept] = sessions_[k];
        hides_[kept] = hides_[k];
        ++kept;
      }
    }
    offsets_.back() = kept;
    touches_.resize(kept);
    sessions_.resize(kept);
    hides_.resize(kept);
  }

  const Store& store_;
  const BuildOptions& options_;
  const std::int64_t now_ms_;
  const EventType standard_type_{};

  std::vector<CatalogueItem> items_;
  std::vector<std::string> users_;
  NameMap<std::uint32_t> item_ids_, user_ids_;
  std::unordered_map<std::uint64_t, std::uint32_t> session_ids_;
  std::vector<std::uint32_t> users_of_;   // [events] in log order
  std::vector<Touch> touches_;            // [events] as are the next two
  std::vector<std::uint32_t> sessions_;
  std::vector<std::uint8_t> hides_;
  std::vector<std::uint64_t> offsets_;
  Sequence until_ = 0;

  std::string last_type_name_;
  const EventType* last_type_ = nullptr;
  std::uint32_t last_user_ = 0, last_session_ = 0;
  std::uint64_t last_session_hash_ = 0;
};

}  // namespace

Dataset build(const Store& store, const BuildOptions& options) { return Builder(store, options).dataset(); }

}  // namespace attune::data
