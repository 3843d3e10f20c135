// Talking: see the header.
#include "attune/serve/talking.h"

#include "attune/serve/context.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostMessage = 64 * 1024;   // bytes taken; the reader looks at the first 4,000

talk::Dialogue dialogue_of(const Json& body, const Context& context, const std::string& user, bool remembers) {
  const Json* given = body.find("dialogue");
  try {
    if (given != nullptr && !given->is_null()) return talk::dialogue_from(*given);
  } catch (const Error& e) {
    throw Refusal(400, "bad_field", e.what(), "dialogue", "send the dialogue of the last reply, or leave it out");
  }
  if (remembers)
    if (auto kept = talk::remembered(context.engine, user)) return std::move(*kept);
  return {};
}

}  // namespace

talk::Reply talk_turn(const Json& body, Role role, Context& context) {
  only(body, {"message", "user", "dialogue", "language", "k", "learn", "remember"});
  const Json* message = body.find("message");
  if (message == nullptr || !message->is_string()) throw Refusal(400, "bad_field", "message is missing", "message", R"({"message": "a red bag under 10"})");
  talk::Turn turn{.message = json_text(body, "message", "", kMostMessage), .user = json_text(body, "user", "", 512), .language = json_text(body, "language", "", 8),
                  .k = static_cast<int>(json_integer(body, "k", 5, 1, 50)), .now_ms = context.now_ms()};
  if (!turn.user.empty()) turn.user = checked_name(turn.user, "user");
  if (!turn.language.empty() && turn.language != "en" && turn.language != "zh")
    throw Refusal(400, "bad_field", "language must be en or zh, not '" + turn.language + "'", "language");
  const bool may_write = role >= Role::write;
  const Json* said = body.find("remember");
  const bool says = said != nullptr && said->is_bool();
  const bool remembers = json_flag(body, "remember", false);
  if (says && turn.user.empty() && remembers) throw Refusal(400, "bad_field", "a dialogue is kept with a user; give user with remember", "user");
  if (says && !may_write) throw Refusal(403, "forbidden", "keeping a dialogue needs the role write", "remember");
  talk::Reply reply = context.part<talk::Chat>().turn(dialogue_of(body, context, turn.user, remembers), turn);
  if (may_write && json_flag(body, "learn", true) && !reply.feedback.empty()) context.commits.append(reply.feedback);
  if (!reply.shown.items.empty()) context.commits.shown(reply.shown);
  if (remembers) talk::remember(context.engine, turn.user, reply.dialogue);
  else if (says && !turn.user.empty()) talk::forget(context.engine, turn.user);
  return reply;
}

}  // namespace attune::serve
