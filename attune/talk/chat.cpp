// Chat: the newest lexicon, the desk and the generator of a workspace, and a turn with them.
#include "attune/talk/chat.h"

#include <mutex>

#include "attune/core/published.h"
#include "attune/talk/generator.h"
#include "attune/talk/named.h"
#include "attune/talk/rewrite.h"
#include "attune/talk/teller.h"

namespace attune::talk {

struct Chat::State {
  Published<Lexicon> lexicon;
  std::optional<Service> desk;
  std::optional<ranking::Advisor> advisor;
  std::mutex building;
  Generator generator;
};

Chat::Chat(const engine::Engine& engine, const engine::Workspace* workspace) : engine_(engine), state_(std::make_unique<State>()) {
  if (workspace != nullptr) {
    state_->desk.emplace(workspace->folder() / "desk", workspace->vectors_path());
    state_->advisor.emplace(workspace->folder() / "talk" / "ranker.bin");
  }
  state_->generator = open_generator(engine.settings());
  lexicon();
}
Chat::~Chat() = default;

std::shared_ptr<const Lexicon> Chat::lexicon() const {
  const auto world = engine_.world();
  const auto same = [&](const std::shared_ptr<const Lexicon>& l) { return l != nullptr && l->world().catalogue == world->catalogue && l->world().version == world->version; };
  auto now = state_->lexicon.read();
  if (same(now)) return now;
  // Others go on with the one there is while it is made anew.
  std::unique_lock lock(state_->building, std::defer_lock);
  if (now == nullptr) lock.lock();
  else if (!lock.try_lock()) return now;
  if (const auto made = state_->lexicon.read(); same(made)) return made;
  auto made = std::make_shared<const Lexicon>(world);
  state_->lexicon.publish(made);
  return made;
}

Reply Chat::turn(const Dialogue& dialogue, const Turn& turn) const {
  const auto words = lexicon();
  Reply reply = tell(engine_, *words, state_->desk ? &*state_->desk : nullptr, state_->advisor ? &*state_->advisor : nullptr, dialogue, turn);
  if (state_->generator.model != nullptr && reply.act != "refuse" && reply.act != "service") {
    // The desk's answers stay as the shop wrote them.
    reply.say = rewrite(*state_->generator.model, reply.say, facts_of(*words, reply), reply.dialogue.language, state_->generator.most_ms, Run{}).text;
  }
  return reply;
}

}  // namespace attune::talk
