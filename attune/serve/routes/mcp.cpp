// MCP over streamable HTTP: POST /mcp, one JSON-RPC message a request; answers are JSON at once, so there is no stream to GET and no session to DELETE.
#include "attune/serve/mcp.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse post(const HttpRequest& request, Context& context) {
  const std::string_view version = request.header("mcp-protocol-version");
  if (!version.empty() && !is_mcp_version(version))
    throw Refusal(400, "bad_field", "this version of MCP is not spoken here", "MCP-Protocol-Version", "initialize tells which: " + std::string(kMcpVersion));
  auto answer = answer_mcp(std::string_view(request.body), request.principal.role, context);
  if (answer) return json_response(200, *answer);
  HttpResponse accepted;
  accepted.status = 202;   // a notification
  return accepted;
}

HttpResponse no_stream(const HttpRequest& request, Context&) {
  Refusal refusal(405, "method_not_allowed", "/mcp does not take " + request.method, "", "POST a JSON-RPC message; answers come at once, there is no stream and no session");
  refusal.headers.emplace_back("Allow", "POST");
  throw refusal;
}

}  // namespace

void add_mcp(Router& router, Context&) {
  router.add({.method = "POST", .pattern = "/mcp", .handler = post, .summary = "Model Context Protocol: tools and resources for assistants (JSON-RPC 2.0)", .is_hidden = true});
  for (const char* method : {"GET", "DELETE"}) router.add({.method = method, .pattern = "/mcp", .handler = no_stream, .any_query = true, .is_hidden = true});
}

}  // namespace attune::serve
