// Chat: the newest lexicon, the desk and the generator of a workspace, and a turn with them.
#include "attune/talk/chat.h"

#include <mutex>

#include "attune/core/published.h"
#include "attune/talk/generator.h"
#include "attune/talk/named.h"
#include "attune/talk/rewrite.h"
#include "attune/talk/teller.h"

namespace attune::talk {

// What is made anew when the world changes.
struct Chat::Words {
  std::shared_ptr<const Lexicon> lexicon;
  std::shared_ptr<const Guesser> guesser;      // nullptr: no encoder reads sentences
};

struct Chat::State {
  Published<Words> words;
  std::string vectors;                         // folder of the encoders' cache; "" = none
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
  if (workspace != nullptr) state_->vectors = workspace->vectors_path().string();
  words();
}
Chat::~Chat() = default;

std::shared_ptr<const Chat::Words> Chat::words() const {
  const auto world = engine_.world();
  const auto same = [&](const std::shared_ptr<const Words>& w) { return w != nullptr && w->lexicon->world().catalogue == world->catalogue && w->lexicon->world().version == world->version; };
  auto now = state_->words.read();
  if (same(now)) return now;
  // Others go on with the ones there are while they are made anew.
  std::unique_lock lock(state_->building, std::defer_lock);
  if (now == nullptr) lock.lock();
  else if (!lock.try_lock()) return now;
  if (const auto made = state_->words.read(); same(made)) return made;
  auto made = std::make_shared<Words>();
  made->lexicon = std::make_shared<const Lexicon>(world);
  if (auto encoders = sentence_encoders(*engine_.snapshot()->reader); !encoders.empty()) made->guesser = std::make_shared<const Guesser>(*made->lexicon, std::move(encoders), state_->vectors, Run{});
  state_->words.publish(made);
  return made;
}

std::shared_ptr<const Lexicon> Chat::lexicon() const { return words()->lexicon; }

Reply Chat::turn(const Dialogue& dialogue, const Turn& turn) const {
  const auto words = this->words();
  const Aids aids{.guesser = words->guesser.get(), .desk = state_->desk ? &*state_->desk : nullptr, .advisor = state_->advisor ? &*state_->advisor : nullptr};
  Reply reply = tell(engine_, *words->lexicon, aids, dialogue, turn);
  if (state_->generator.model != nullptr && reply.act != "refuse" && reply.act != "service") {
    // The desk's answers stay as the shop wrote them.
    reply.say = rewrite(*state_->generator.model, reply.say, facts_of(*words->lexicon, reply), reply.dialogue.language, state_->generator.most_ms, Run{}).text;
  }
  return reply;
}

}  // namespace attune::talk
