// Talking: one turn of a conversation as the service takes it, over /v1/chat and as a tool of assistants (MCP).
#pragma once
#include "attune/core/json.h"
#include "attune/serve/http.h"
#include "attune/talk/chat.h"

namespace attune::serve {

struct Context;

// `body`: {"message", "user", "dialogue", "language", "k", "learn", "remember"}; only message must be there, and others than these are refused.
// Likes and dislikes of a user are stored and the dialogue kept only for a caller who may write; lists shown are logged for all.
// Throws Refusal naming the field and the fix.
talk::Reply talk_turn(const Json& body, Role role, Context& context);

}  // namespace attune::serve
