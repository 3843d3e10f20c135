// Session cookie: see the header.
#include "attune/serve/session_cookie.h"

#include "attune/serve/secrets.h"

namespace attune::serve {
namespace {
constexpr std::string_view kName = "attune_session";
constexpr std::size_t kTokenBytes = 64;
}  // namespace

std::optional<std::string_view> session_token(const HttpRequest& request) {
  std::string_view rest = request.header("cookie");
  while (!rest.empty()) {
    std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.size() == kName.size() + 1 + kTokenBytes && one.starts_with(kName) && one[kName.size()] == '=') return one.substr(kName.size() + 1);
  }
  return std::nullopt;
}

std::string session_cookie(std::string_view token, bool is_tls, int seconds) {
  return std::string(kName) + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) + (is_tls ? "; Secure" : "");
}

std::string csrf_token(std::string_view token) { return derived(token, "csrf"); }

}  // namespace attune::serve
