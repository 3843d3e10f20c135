// Refusal: why a request is not answered as asked; becomes {"error": {"code", "message", "field", "fix", "request"}}.
#pragma once
#include <exception>
#include <string>

#include "attune/core/error.h"
#include "attune/serve/http.h"

namespace attune::serve {

class Refusal : public Error {
 public:
  // `code` is stable, callers compare it: "bad_request", "unknown_field", "not_found", "too_large", "busy", ...
  // `field` names what was wrong ("k", "items[2].text"), `fix` what to do; both may be empty.
  Refusal(int status, std::string code, const std::string& message, std::string field = "", std::string fix = "")
      : Error(Code::bad_request, message), status(status), code(std::move(code)), field(std::move(field)), fix(std::move(fix)) {}
  int status;
  std::string code, field, fix;
  Pairs headers;              // Retry-After, WWW-Authenticate, Allow
};

HttpResponse to_response(const Refusal& refusal, const HttpRequest& request);
// Of whatever was thrown. What is our own mistake or the disk's is told without its details, which `detail` gets for the log.
HttpResponse to_response(std::exception_ptr thrown, const HttpRequest& request, std::string* detail = nullptr);

}  // namespace attune::serve
