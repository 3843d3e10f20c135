// POST /v1/chat: one turn of a conversation; as JSON, or as server-sent events (Accept: text/event-stream): say, items, done.
#include <algorithm>

#include "attune/serve/fields.h"
#include "attune/serve/service.h"
#include "attune/serve/talking.h"
#include "attune/talk/chat.h"
#include "attune/talk/safety/guard.h"

namespace attune::serve {
namespace {

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

HttpResponse chat(const HttpRequest& request, Context& context) {
  const talk::Reply reply = talk_turn(body_object(request), request.principal.role, context);
  const std::string_view accept = request.header("accept");
  if (accept.find("text/event-stream") != std::string_view::npos) return streamed(reply);
  return json_response(200, talk::to_json(reply));
}

}  // namespace

void add_chat(Router& router, Context& context) {
  context.add<talk::Chat>(context.engine, &context.workspace);
  context.pool.post([] { talk::safety::prepare(Run{}); });     // beside the first requests, before the first message
  router.add({.method = "POST", .pattern = "/v1/chat", .handler = chat, .body_bytes = std::size_t{1} << 20, .summary = "One turn of a conversation: a message in, a reply with items and the next dialogue out; Accept: text/event-stream streams it (say, items, done)",
              .body_schema = "ChatBody", .answer_schema = "ChatReply"});
}

}  // namespace attune::serve
