// What an engine holds. For engine.cpp (which changes it) and engine_lists.cpp (which answers from it) only.
#pragma once
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "attune/data/changes.h"
#include "attune/engine/engine.h"
#include "attune/engine/pipeline_settings.h"

namespace attune::engine {

// What one snapshot needs to answer; replaced as a whole by reload().
struct Serving {
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<Live> live;
};

struct Engine::State {
  Workspace workspace;
  Settings settings;
  std::unique_ptr<data::Store> store;
  rank::Pipeline pipeline;
  Published<Serving> serving;
  std::mutex change;   // of items: the store and the live state agree, also while a snapshot is taken
  // How far this process has seen what all processes wrote, and which places of the log after that are its own.
  data::FollowedStore* followed = nullptr;
  data::Marks seen;
  std::mutex own_mutex;               // of the two below
  std::string passed_over;            // a snapshot that could not be taken into service: not read again and again
  std::vector<std::pair<data::Sequence, data::Sequence>> own;   // after, up to; ascending

  State(const Workspace& w, const Settings& s) : workspace(w), settings(s), store(w.store()), pipeline(standard_pipeline()) {
    followed = dynamic_cast<data::FollowedStore*>(store.get());
    if (followed != nullptr) seen = followed->marks();   // before anything is read
  }
  void wrote(const data::Appended& done) {
    if (followed == nullptr || done.accepted == 0) return;
    const std::lock_guard lock(own_mutex);
    if (!own.empty() && own.back().second == done.last - done.accepted) own.back().second = done.last;
    else own.emplace_back(done.last - done.accepted, done.last);
  }
  std::vector<std::pair<data::Sequence, data::Sequence>> foreign_until(data::Sequence last);
  std::shared_ptr<const Serving> open(std::shared_ptr<const Snapshot> snapshot, const Run& run) const {
    auto made = std::make_shared<Serving>();
    made->live = std::make_unique<Live>(snapshot, *store, settings, run);
    made->snapshot = std::move(snapshot);
    return made;
  }
  // engine_lists.cpp
  rank::Request request_for(const Serving& serving, const rank::World& world, const Ask& ask) const;
  List list_of(const Serving& serving, const rank::World& world, const Ask& ask, const rank::Request& request, rank::Slate slate) const;
};

}  // namespace attune::engine
