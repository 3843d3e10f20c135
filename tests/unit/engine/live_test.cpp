// Live: what it keeps of users while events come in.
#include "attune/engine/live.h"

#include <gtest/gtest.h>

#include <functional>

#include "attune/data/event_type.h"

namespace attune::engine {
namespace {

// A store in memory that lets something happen between its reading of a user's events and its answer.
class Interrupted final : public data::Store {
 public:
  mutable std::function<void()> before_answer;

  std::vector<data::StoredEvent> user_events(std::string_view user) const override {
    std::vector<data::StoredEvent> events = store_->user_events(user);
    if (before_answer) std::exchange(before_answer, nullptr)();
    return events;
  }
  data::Appended append(std::span<const data::Event> events) override { return store_->append(events); }
  void put(data::Kind kind, std::span<const data::Record> records) override { store_->put(kind, records); }
  data::Appended take(const data::Batch& batch) override { return store_->take(batch); }
  void read_events(data::Sequence from, const std::function<void(const data::StoredEvent&)>& sink) const override { store_->read_events(from, sink); }
  void read_records(data::Kind kind, const std::function<void(const data::Record&)>& sink) const override { store_->read_records(kind, sink); }
  std::optional<data::Record> find(data::Kind kind, std::string_view name) const override { return store_->find(kind, name); }
  void read_rejections(std::size_t limit, const std::function<void(const data::Rejection&)>& sink) const override { store_->read_rejections(limit, sink); }
  void log_exposure(const data::Exposure& exposure) override { store_->log_exposure(exposure); }
  void read_exposures(const std::function<void(const data::Exposure&)>& sink) const override { store_->read_exposures(sink); }
  data::Receipt erase(data::Kind kind, std::string_view name) override { return store_->erase(kind, name); }
  std::vector<data::Receipt> receipts() const override { return store_->receipts(); }
  void put_trial(const data::StoredTrial& trial) override { store_->put_trial(trial); }
  std::vector<data::StoredTrial> trials(std::string_view study) const override { return store_->trials(study); }
  std::uint64_t forget_trials(std::string_view study) override { return store_->forget_trials(study); }
  data::StoreCounts counts() const override { return store_->counts(); }
  std::optional<std::string> meta(std::string_view key) const override { return store_->meta(key); }
  void set_meta(std::string_view key, std::string_view value) override { store_->set_meta(key, value); }

 private:
  std::unique_ptr<data::Store> store_ = data::open_memory();
};

std::shared_ptr<const Snapshot> two_books() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->catalogue = std::make_shared<const data::Catalogue>(std::vector<data::CatalogueItem>{{.name = "solaris"}, {.name = "eden"}},
                                                                std::vector<std::string>{});
  snapshot->reader = std::make_shared<const Reader>(std::vector<Reading>{});
  return snapshot;
}

data::Event took(const std::string& item, std::int64_t time_ms) {
  return {.user = "ana", .item = item, .type = "purchase", .value = {}, .time_ms = time_ms, .session = "", .request = ""};
}

TEST(Live, an_event_that_comes_while_a_history_is_read_is_in_the_next_answer) {
  Interrupted store;
  Live live(two_books(), store, standard_settings(), attune::Run{});
  const data::Event first = took("solaris", 1000), second = took("eden", 2000);
  store.append(std::span(&first, 1));
  store.before_answer = [&] {
    store.append(std::span(&second, 1));
    live.observe(second);
  };
  EXPECT_EQ(live.user("ana").history.size(), 1u);
  EXPECT_EQ(live.user("ana").history.size(), 2u);
}

TEST(Live, a_user_erased_while_the_history_is_read_is_not_kept) {
  Interrupted store;
  Live live(two_books(), store, standard_settings(), attune::Run{});
  const data::Event first = took("solaris", 1000);
  store.append(std::span(&first, 1));
  store.before_answer = [&] {
    store.erase(data::Kind::user, "ana");
    live.forget_user("ana");
  };
  live.user("ana");
  EXPECT_TRUE(live.user("ana").history.empty());
}

}  // namespace
}  // namespace attune::engine
