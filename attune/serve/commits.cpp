// Commits: see the header. One thread writes; a batch is whatever came while the last one was written.
#include "attune/serve/commits.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostEvents = 1000000;        // waiting; about 200 MB
constexpr std::size_t kMostShown = 20000;           // waiting; about 20 MB
constexpr std::size_t kBatchEvents = 20000;         // in one commit, unless one request brings more
constexpr auto kShownWait = std::chrono::milliseconds(50);

}  // namespace

Commits::Commits(engine::Engine& engine) : engine_(engine), thread_([this] { work(); }) {}

Commits::~Commits() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Commits::append(std::vector<data::Event> events, Done done) { add({std::move(events), std::move(done)}); }

void Commits::add(Group group) {
  {
    const std::lock_guard lock(mutex_);
    if (events_waiting_ + group.events.size() > kMostEvents || is_over_) {
      Refusal busy(503, "busy", std::to_string(events_waiting_) + " events wait for the disk", "", "send them again in a second");
      busy.headers.emplace_back("Retry-After", "1");
      throw busy;
    }
    events_waiting_ += group.events.size();
    groups_.push_back(std::move(group));
  }
  wake_.notify_one();
}

namespace {

// Told by `done`, waited for by get().
struct Outcome {
  std::promise<data::Appended> promise;
  Commits::Done done() {
    return [this](const data::Appended& appended, std::exception_ptr failed) {
      if (failed) promise.set_exception(failed);
      else promise.set_value(appended);
    };
  }
};

}  // namespace

data::Appended Commits::append(std::vector<data::Event> events) {
  Outcome outcome;
  add({std::move(events), outcome.done()});
  return outcome.promise.get_future().get();
}

data::Appended Commits::amend(std::vector<data::Event> events, data::Amend how) {
  Outcome outcome;
  add({std::move(events), outcome.done(), how});
  return outcome.promise.get_future().get();
}

void Commits::shown(data::Exposure exposure) {
  const std::lock_guard lock(mutex_);
  if (shown_.size() >= kMostShown) {
    ++counts_.dropped_exposures;
    return;
  }
  shown_.push_back(std::move(exposure));
  if (shown_.size() == 1) wake_.notify_one();
}

Commits::Counts Commits::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Commits::work() {
  for (;;) {
    std::vector<Group> groups;
    std::vector<data::Exposure> shown;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return is_over_ || !groups_.empty() || !shown_.empty(); });
      // Lists alone gather for a while; events do not wait.
      if (groups_.empty()) wake_.wait_for(lock, kShownWait, [this] { return is_over_ || !groups_.empty(); });
      if (is_over_ && groups_.empty() && shown_.empty()) return;
      std::size_t taken = 0, events = 0;
      while (taken < groups_.size() && (taken == 0 || events + groups_[taken].events.size() <= kBatchEvents)) events += groups_[taken++].events.size();
      const auto end = groups_.begin() + static_cast<std::ptrdiff_t>(taken);
      groups.assign(std::make_move_iterator(groups_.begin()), std::make_move_iterator(end));
      groups_.erase(groups_.begin(), end);
      events_waiting_ -= events;
      shown.swap(shown_);
    }
    if (!shown.empty()) log(std::move(shown));   // first: its commit rides on the sync of the events'
    if (!groups.empty()) commit(std::move(groups));
  }
}

void Commits::commit(std::vector<Group> groups) {
  for (std::size_t begin = 0, end = 0; begin < groups.size(); begin = end) {
    end = begin + 1;
    while (!groups[begin].how && end < groups.size() && !groups[end].how) ++end;
    commit(std::span(groups).subspan(begin, end - begin));
  }
}

void Commits::commit(std::span<Group> groups) {
  std::vector<std::vector<data::Event>> events;
  for (Group& group : groups) events.push_back(std::move(group.events));
  std::vector<data::Appended> done(groups.size());
  std::exception_ptr failed;
  try {
    if (groups[0].how) done = {engine_.amend(events[0], *groups[0].how)};
    else done = engine_.observe(std::span<const std::vector<data::Event>>(events));
    for (const Listener& listener : listeners_) listener(events);
  } catch (...) {
    failed = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    ++counts_.commits;
    for (const data::Appended& one : done) counts_.events += one.accepted;
    counts_.failed += failed ? events.size() : 0;
  }
  for (std::size_t g = 0; g < groups.size(); ++g) groups[g].done(done[g], failed);
}

void Commits::log(std::vector<data::Exposure> shown) {
  bool is_kept = true;
  try {
    engine_.log(shown);
  } catch (const std::exception&) {
    is_kept = false;   // another process writes, or the disk is full: tried again with the next
  }
  const std::lock_guard lock(mutex_);
  if (is_kept) {
    counts_.exposures += shown.size();
    return;
  }
  const std::size_t room = is_over_ ? 0 : kMostShown - std::min(kMostShown, shown_.size()), again = std::min(room, shown.size());
  counts_.dropped_exposures += shown.size() - again;
  shown_.insert(shown_.begin(), std::make_move_iterator(shown.end() - static_cast<std::ptrdiff_t>(again)), std::make_move_iterator(shown.end()));
}

}  // namespace attune::serve
