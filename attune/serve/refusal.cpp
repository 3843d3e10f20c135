// Refusals as JSON, and which status each kind of error has.
#include "attune/serve/refusal.h"

#include <new>

#include "attune/core/printable.h"

namespace attune::serve {
namespace {

constexpr std::size_t kLongestMessage = 1000;   // names in it may be of any length

// "...; what to do" of the engine's messages, told apart.
Refusal from_error(const Error& error, std::string* detail) {
  const std::string text = error.what();
  switch (error.code()) {
    case Code::bad_request: return {400, "bad_request", text};
    case Code::bad_data: return {400, "bad_data", text};
    case Code::not_found: return {404, "not_found", text};
    case Code::unsupported: return {400, "unsupported", text};
    case Code::cancelled: {
      Refusal stopped(503, "stopping", "the service is stopping", "", "ask again in a few seconds");
      stopped.headers.emplace_back("Retry-After", "5");
      return stopped;
    }
    case Code::io: {
      if (detail != nullptr) *detail = text;
      Refusal unavailable(503, "unavailable", "the store cannot take or give this now", "", "ask again later; the operator finds the reason in the log");
      unavailable.headers.emplace_back("Retry-After", "5");
      return unavailable;
    }
    case Code::internal: break;
  }
  if (detail != nullptr) *detail = text;
  return {500, "internal", "something went wrong on our side", "", "the operator finds the reason in the log under the request's id"};
}

}  // namespace

HttpResponse to_response(const Refusal& refusal, const HttpRequest& request) {
  Json json = Json::object();
  Json& error = json["error"];
  error["code"] = refusal.code;
  error["message"] = printable(refusal.what(), Lines::keep, kLongestMessage);
  error["field"] = refusal.field;
  error["fix"] = refusal.fix;
  error["request"] = request.id;
  HttpResponse response = json_response(refusal.status, json);
  response.headers = refusal.headers;
  return response;
}

HttpResponse to_response(std::exception_ptr thrown, const HttpRequest& request, std::string* detail) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Refusal& refusal) {
    return to_response(refusal, request);
  } catch (const Error& error) {
    return to_response(from_error(error, detail), request);
  } catch (const std::bad_alloc&) {
    if (detail != nullptr) *detail = "out of memory";
    Refusal full(503, "unavailable", "out of memory", "", "ask for less at once");
    full.headers.emplace_back("Retry-After", "5");
    return to_response(full, request);
  } catch (const std::exception& error) {
    return to_response(from_error(Error(Code::internal, error.what()), detail), request);
  }
}

}  // namespace attune::serve
