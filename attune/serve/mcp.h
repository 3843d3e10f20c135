// MCP: the Model Context Protocol (JSON-RPC 2.0), so that assistants may search, recommend, explain, rate and talk. Messages in, messages out; the
// transports are routes/mcp.cpp (streamable HTTP) and cli/commands/mcp.cpp (standard input and output).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/serve/http.h"

namespace attune::serve {

struct Context;

// One thing an assistant may do. Arguments were checked against the names and kinds in `input`.
struct McpTool {
  std::string name, title, description;
  Json input;                                      // JSON Schema of the arguments
  Role need = Role::read;
  bool writes = false;                             // where the role allows it
  std::function<Json(const Json& arguments, Role role, Context&)> run;   // throws Refusal or Error: told to the assistant as the tool's error
};
const std::vector<McpTool>& mcp_tools();           // mcp_tools.cpp

// What can be read by its address: {"uri", "mimeType", "text"}; nullopt: no such. Texts of the catalogue come without orders in them.
std::optional<Json> read_mcp_resource(const std::string& uri, Context& context);

// The newest version of the protocol that is spoken here, and whether another one is.
inline constexpr std::string_view kMcpVersion = "2025-06-18";
bool is_mcp_version(std::string_view version) noexcept;

// The answer to one message, an array of them where it is an array (2025-03-26), nullopt where none is due (notifications).
// Never throws for what the message says: what is wrong becomes a JSON-RPC error.
std::optional<Json> answer_mcp(const Json& message, Role role, Context& context);
// The same for a text that may be no JSON at all.
std::optional<Json> answer_mcp(std::string_view text, Role role, Context& context);

}  // namespace attune::serve
