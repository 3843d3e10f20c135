// Memory: dialogues that users agreed to have kept, in their records.
#include "attune/core/error.h"
#include "attune/talk/chat.h"

namespace attune::talk {
namespace {

constexpr std::string_view kRemembered = "dialogue";   // attribute of the user's record

}  // namespace

std::optional<Dialogue> remembered(const engine::Engine& engine, const std::string& user) {
  const auto record = engine.store().find(data::Kind::user, user);
  const Json* json = record ? record->attributes.find(kRemembered) : nullptr;
  if (json == nullptr || !json->is_object()) return std::nullopt;
  try {
    return dialogue_from(*json);
  } catch (const Error&) {
    return std::nullopt;      // of another version, or changed by hand: begun anew
  }
}

void remember(engine::Engine& engine, const std::string& user, const Dialogue& dialogue) {
  data::Record record{.name = user};
  Dialogue kept = dialogue;
  kept.service = Json();      // what was told the desk is not kept
  record.attributes[kRemembered] = to_json(kept);
  engine.put_user(record);
}

void forget(engine::Engine& engine, const std::string& user) {
  const auto record = engine.store().find(data::Kind::user, user);
  if (!record || record->attributes.find(kRemembered) == nullptr) return;
  data::Record change{.name = user};
  change.attributes[kRemembered] = Json();
  engine.put_user(change);
}

}  // namespace attune::talk
