// The session cookie of a login, and the token that shows that a write came from our own page.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "attune/serve/http.h"

namespace attune::serve {

std::optional<std::string_view> session_token(const HttpRequest& request);
// Set-Cookie; an empty token takes the cookie away. Scripts cannot read it, other sites cannot make the browser send it.
std::string session_cookie(std::string_view token, bool is_tls, int seconds);
// Made of the session's token, so that nothing more needs keeping; does not give the token away.
std::string csrf_token(std::string_view token);

}  // namespace attune::serve
