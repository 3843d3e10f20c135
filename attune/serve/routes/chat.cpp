// POST /v1/chat: one turn of a conversation; as JSON, or as server-sent events (Accept: text/event-stream): say, items, done.
#include <algorithm>

#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/talk/chat.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostMessage = 64 * 1024;   // bytes taken; the reader looks at the first 4,000
constexpr std::size_t kPiece = 24;                // bytes of an answer sent at once, more to the end of a word

std::string event(std::string_view name, const Json& data) { return "event: " + std::string(name) + "\ndata: " + data.dump() + "\n\n"; }

// The sentence in pieces of some words, the items, then the whole reply.
std::vector<std::string> events_of(const talk::Reply& reply) {
  std::vector<std::string> events;
  for (std::size_t at = 0; at < reply.say.size();) {
    std::size_t end = std::min(at + kPiece, reply.say.size());
    while (end < reply.say.size() && (static_cast<unsigned char>(reply.say[end]) & 0xc0u) == 0x80u) ++end;
    while (end < reply.say.size() && end < at + 2 * kPiece && reply.say[end] != ' ' && static_cast<unsigned char>(reply.say[end]) < 0x80) ++end;
    Json piece = Json::object();
    piece["text"] = reply.say.substr(at, end - at);
    events.push_back(event("say", piece));
    at = end;
  }
  const Json whole = talk::to_json(reply);
  events.push_back(event("items", whole.at("items")));
  events.push_back(event("done", whole));
  return events;
}

HttpResponse streamed(const talk::Reply& reply) {
  HttpResponse response;
  response.type = "text/event-stream";
  response.with("Cache-Control", "no-store").with("X-Accel-Buffering", "no");
  const auto events = std::make_shared<std::vector<std::string>>(events_of(reply));
  const auto next = std::make_shared<std::size_t>(0);
  response.stream = [events, next](std::function<void(std::optional<std::string>)> then) {
    if (*next < events->size()) then((*events)[(*next)++]);
    else then(std::nullopt);
  };
  return response;
}

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

HttpResponse chat(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"message", "user", "dialogue", "language", "k", "learn", "remember"});
  const Json* message = body.find("message");
  if (message == nullptr || !message->is_string()) throw Refusal(400, "bad_field", "message is missing", "message", R"({"message": "a red bag under 10"})");
  talk::Turn turn{.message = json_text(body, "message", "", kMostMessage), .user = json_text(body, "user", "", 512), .language = json_text(body, "language", "", 8),
                  .k = static_cast<int>(json_integer(body, "k", 5, 1, 50)), .now_ms = context.now_ms()};
  if (!turn.user.empty()) turn.user = checked_name(turn.user, "user");
  if (!turn.language.empty() && turn.language != "en" && turn.language != "zh")
    throw Refusal(400, "bad_field", "language must be en or zh, not '" + turn.language + "'", "language");
  const bool may_write = request.principal.role >= Role::write;
  const Json* said = body.find("remember");
  const bool says = said != nullptr && said->is_bool();
  const bool remembers = json_flag(body, "remember", false);
  if (says && turn.user.empty() && remembers) throw Refusal(400, "bad_field", "a dialogue is kept with a user; give user with remember", "user");
  if (says && !may_write) throw Refusal(403, "forbidden", "keeping a dialogue needs the role write", "remember");
  const talk::Reply reply = context.part<talk::Chat>().turn(dialogue_of(body, context, turn.user, remembers), turn);
  if (may_write && json_flag(body, "learn", true) && !reply.feedback.empty()) context.commits.append(reply.feedback);
  if (!reply.shown.items.empty()) context.commits.shown(reply.shown);
  if (remembers) talk::remember(context.engine, turn.user, reply.dialogue);
  else if (says && !turn.user.empty()) talk::forget(context.engine, turn.user);
  const std::string_view accept = request.header("accept");
  if (accept.find("text/event-stream") != std::string_view::npos) return streamed(reply);
  return json_response(200, talk::to_json(reply));
}

}  // namespace

void add_chat(Router& router, Context& context) {
  context.add<talk::Chat>(context.engine, &context.workspace);
  router.add({.method = "POST", .pattern = "/v1/chat", .handler = chat, .body_bytes = std::size_t{1} << 20, .summary = "One turn of a conversation: a message in, a reply with items and the next dialogue out; Accept: text/event-stream streams it (say, items, done)",
              .body_schema = "ChatBody", .answer_schema = "ChatReply"});
}

}  // namespace attune::serve
