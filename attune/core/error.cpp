// Errors: names and exit codes of the one table.
#include "attune/core/error.h"

namespace attune {

int exit_code(Code code) noexcept {
  switch (code) {
    case Code::bad_request: return 2;
    case Code::not_found: return 3;
    case Code::bad_data: return 4;
    case Code::io: return 5;
    case Code::unsupported: return 6;
    case Code::cancelled: return 7;
    case Code::internal: break;
  }
  return 70;
}

std::string_view name(Code code) noexcept {
  switch (code) {
    case Code::bad_request: return "bad_request";
    case Code::not_found: return "not_found";
    case Code::bad_data: return "bad_data";
    case Code::io: return "io";
    case Code::unsupported: return "unsupported";
    case Code::cancelled: return "cancelled";
    case Code::internal: break;
  }
  return "internal";
}

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  const std::string path = file;
  throw Error(Code::internal, "this should not happen: " + std::string(condition) + " (" + why + ") at " +
                                  path.substr(path.rfind("attune/") == std::string::npos ? 0 : path.rfind("attune/")) +
                                  ":" + std::to_string(line));
}

}  // namespace attune
