// Advisor: the ranker that is open, the view of the world it was last asked about, and when to make either anew.
#include "attune/talk/ranking/advisor.h"

#include <mutex>
#include <optional>

#include "attune/core/error.h"
#include "attune/rank/scores.h"

namespace attune::talk::ranking {
namespace fs = std::filesystem;
namespace {

// Items put since the view was made are without a score until they are this share of all: a view costs more than they lose.
constexpr double kNew = 0.01;

bool is_near(const View& view, const rank::World& world) {
  if (view.world().catalogue != world.catalogue || view.item_count() > world.item_count()) return false;
  return static_cast<double>(world.item_count() - view.item_count()) <= kNew * static_cast<double>(world.item_count());
}

}  // namespace

struct Advisor::State {
  fs::path file;
  std::mutex mutex;
  std::shared_ptr<const Ranker> ranker;
  std::shared_ptr<const View> view;
  fs::file_time_type made_from;

  // nullptr: nothing was learned.
  std::shared_ptr<const Ranker> open() {
    if (file.empty()) return ranker;
    std::error_code missing;
    const auto time = fs::last_write_time(file, missing);
    if (missing) return ranker = nullptr;
    if (ranker != nullptr && time == made_from) return ranker;
    ranker = nullptr;
    try {
      ranker = std::make_shared<const Ranker>(Ranker::load(file));
    } catch (const Error& e) {
      if (e.code() == Code::not_found) return nullptr;      // deleted just now
      throw Error(e.code(), "what was learned from dialogues cannot be read (" + std::string(e.what()) + "): learn again with attune dialogues FILE, or delete " + file.string());
    }
    made_from = time;
    return ranker;
  }

  std::shared_ptr<const View> look(const std::shared_ptr<const rank::World>& world, const std::shared_ptr<const engine::Reader>& reader) {
    if (view == nullptr || !is_near(*view, *world)) view = std::make_shared<const View>(world, reader, Run{});
    return view;
  }
};

Advisor::Advisor(fs::path file) : state_(std::make_unique<State>()) { state_->file = std::move(file); }
Advisor::Advisor(Ranker ranker) : state_(std::make_unique<State>()) { state_->ranker = std::make_shared<const Ranker>(std::move(ranker)); }
Advisor::~Advisor() = default;

std::vector<float> Advisor::score(const std::shared_ptr<const rank::World>& world, const std::shared_ptr<const engine::Reader>& reader, const Conversation& said) const {
  if (said.turns.empty()) return {};
  std::shared_ptr<const Ranker> ranker;
  std::shared_ptr<const View> view;
  {
    const std::lock_guard lock(state_->mutex);
    ranker = state_->open();
    if (ranker != nullptr) view = state_->look(world, reader);
  }
  if (ranker == nullptr) return {};
  Conversation known = said;      // of what the view has
  for (Said& turn : known.turns) std::erase_if(turn.mentions, [&](const Mention& m) { return to_index(m.item) >= view->item_count(); });
  std::vector<float> scores = ranker->score(*view, view->hear(known, Run{.threads = 1}));
  const rank::Scale scale = rank::scale_of(scores);
  if (!(scale.sd > 0)) return {};
  for (float& score : scores) score = static_cast<float>((score - scale.mean) / scale.sd);
  scores.resize(world->item_count(), 0.0f);
  return scores;
}

}  // namespace attune::talk::ranking
