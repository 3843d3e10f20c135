// Service: see the header.
#include "attune/serve/service.h"

#include <algorithm>
#include <future>

#include "attune/core/bytes.h"
#include "attune/core/clock.h"
#include "attune/core/request_id.h"
#include "attune/serve/follower.h"
#include "attune/serve/kafka_feed.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kGzipFrom = 1024;   // bytes; smaller bodies gain nothing

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
}

bool takes_gzip(const HttpRequest& request) {
  const std::string_view accepted = request.header("accept-encoding");
  const std::size_t at = accepted.find("gzip");
  return at != std::string_view::npos && accepted.substr(at, 8) != "gzip;q=0";
}

bool is_text(const std::string& type) {
  return type.starts_with("application/json") || type.starts_with("text/") || type.starts_with("application/javascript") || type.starts_with("image/svg") ||
         type.starts_with("application/x-ndjson") || type.starts_with("application/yaml");
}

void pack(const HttpRequest& request, HttpResponse& response) {
  if (response.stream || response.body.size() < kGzipFrom || !is_text(response.type) || !takes_gzip(request)) return;
  for (const auto& [name, value] : response.headers)
    if (name == "Content-Encoding") return;
  response.body = gzipped(response.body);
  response.with("Content-Encoding", "gzip").with("Vary", "Accept-Encoding");
}

}  // namespace

Service::Service(const engine::Workspace& workspace, const ServeSettings& settings, const Run& run, std::function<void(const Json&)> log)
    : settings_(settings), workspace_(workspace) {
  engine_ = std::make_unique<engine::Engine>(workspace_, workspace_.settings(), run);
  commits_ = std::make_unique<Commits>(*engine_);
  pool_ = std::make_unique<Pool>(settings_.threads, settings_.queue);
  context_ = std::make_unique<Context>(workspace_, *engine_, *commits_, *pool_, settings_, router_);
  context_->now_ms = now_ms;
  context_->log = std::move(log);
#define MIDDLEWARE(name) middleware_.push_back(make_##name(*context_));
#include "attune/serve/middleware.def"
#define ROUTES(name) add_##name(router_, *context_);
#include "attune/serve/routes.def"
  Follower* follower = engine_->is_shared() ? &context_->add<Follower>(*context_) : nullptr;
  KafkaFeed* feed = settings_.kafka.empty() ? nullptr : &context_->add<KafkaFeed>(*context_, settings_.kafka);
  if (follower != nullptr) follower->start();
  if (feed != nullptr) feed->start();
}

Service::~Service() { close(); }

void Service::close() {
  if (auto* follower = context_->find_part<Follower>()) follower->stop();
  if (auto* feed = context_->find_part<KafkaFeed>()) feed->stop();     // before the commits it waits for
  pool_.reset();      // first: its jobs may wait for a commit
  commits_.reset();
}

void Service::draining() { context_->is_draining = true; }

HttpResponse Service::finished(const HttpRequest& request, const Route* route, HttpResponse response) {
  try {
    if (route != nullptr && route->has_etag && response.status == 200) {
      const std::string tag = '"' + hash_hex(response.body).substr(0, 32) + '"';
      response.with("ETag", tag);
      const std::string_view known = request.header("if-none-match");
      if (known == "*" || known.find(tag) != std::string_view::npos) {
        response.status = 304;
        response.body.clear();
      }
    }
    for (auto it = middleware_.rbegin(); it != middleware_.rend(); ++it) (*it)->after(request, route, response, *context_);
    pack(request, response);
    return response;
  } catch (...) {
    return context_->refused(request, std::current_exception());
  }
}

HttpResponse Context::refused(const HttpRequest& request, std::exception_ptr thrown) const {
  std::string detail;
  HttpResponse response = to_response(thrown, request, &detail);
  if (!detail.empty() && log) {
    Json line = Json::object();
    line["level"] = "error";
    line["request"] = request.id;
    if (settings.log_paths) line["path"] = request.path;
    line["message"] = detail;
    log(line);
  }
  return response;
}

Application::Opening Service::open(HttpRequest& request) {
  const std::string_view given = request.header("x-request-id");
  request.is_own_id = !is_plain_id(given);
  request.id = request.is_own_id ? new_request_id() : std::string(given);
  Router::Match match = router_.match(request.method, request.path);
  request.params = std::move(match.params);
  Opening opening;
  try {
    for (const auto& each : middleware_) {
      opening.answer = each->before(request, match.route, *context_);
      if (opening.answer) break;
    }
    if (!opening.answer && match.route == nullptr) {
      if (match.allowed.empty()) throw Refusal(404, "no_such_path", "there is nothing at " + request.path, "", "see /v1/openapi.json for all paths");
      std::string allowed;
      for (const std::string& method : match.allowed) allowed += (allowed.empty() ? "" : ", ") + method;
      Refusal refusal(405, "method_not_allowed", request.path + " does not take " + request.method, "", "it takes " + allowed);
      refusal.headers.emplace_back("Allow", allowed);
      throw refusal;
    }
    if (!opening.answer && request.principal.role < match.route->need) {
      if (request.principal.role == Role::none)
        throw Refusal(401, "unauthorized", "this needs a key", "Authorization", "send the header 'Authorization: Bearer KEY'");
      throw Refusal(403, "forbidden", "this needs the role " + std::string(name(match.route->need)) + ", the key has " + std::string(name(request.principal.role)),
                    "Authorization", "use a key with that role");
    }
    if (!opening.answer) {
      check_query(*match.route, request);
      opening.body_bytes = match.route->body_bytes;
    }
  } catch (...) {
    opening.answer = context_->refused(request, std::current_exception());
  }
  if (opening.answer) opening.answer = finished(request, match.route, std::move(*opening.answer));
  return opening;
}

void Service::answer(std::shared_ptr<HttpRequest> request, Reply reply) {
  // The route was found at the opening; finding it again costs a microsecond and keeps HttpRequest free of it.
  const Route* route = router_.match(request->method, request->path).route;
  const Reply finish([this, request, route, reply](HttpResponse response) { reply(finished(*request, route, std::move(response))); });
  try {
    if (request->header("content-encoding") == "gzip") request->body = gunzipped(request->body, route->body_bytes);
    for (const auto& each : middleware_)
      if (auto answered = each->arrived(*request, route, *context_)) return finish(std::move(*answered));
    if (route->async_handler) {
      route->async_handler(request, *context_, finish);
      return;
    }
    const auto arrived = std::chrono::steady_clock::now();
    const bool is_taken = pool_->post([this, request, route, finish, arrived] {
      try {
        if (std::chrono::steady_clock::now() - arrived > std::chrono::milliseconds(settings_.queue_wait_ms)) {
          Refusal busy(503, "busy", "the request waited too long for a thread", "", "ask again in a second, or give the service more threads");
          busy.headers.emplace_back("Retry-After", "1");
          throw busy;
        }
        finish(route->handler(*request, *context_));
      } catch (...) {
        finish(context_->refused(*request, std::current_exception()));
      }
    });
    if (is_taken) return;
    Refusal busy(503, "busy", std::to_string(settings_.queue) + " requests wait already", "", "ask again in a second");
    busy.headers.emplace_back("Retry-After", "1");
    throw busy;
  } catch (...) {
    finish(context_->refused(*request, std::current_exception()));
  }
}

HttpResponse Service::refuse(const HttpRequest& request, int status, const std::string& code, const std::string& message) {
  return finished(request, nullptr, to_response(Refusal(status, code, message), request));
}

HttpResponse Service::ask(HttpRequest given) {
  const auto request = std::make_shared<HttpRequest>(std::move(given));
  const std::size_t question = std::min(request->target.find('?'), request->target.size());
  request->path = request->target.substr(0, question);
  if (question < request->target.size()) request->query = parse_query(std::string_view(request->target).substr(question + 1));
  request->received = std::chrono::steady_clock::now();
  Opening opening = open(*request);
  if (opening.answer) return std::move(*opening.answer);
  if (request->body.size() > opening.body_bytes) return refuse(*request, 413, "too_large", "the body is longer than this path takes");
  std::promise<HttpResponse> promise;
  answer(request, Reply([&promise](HttpResponse response) { promise.set_value(std::move(response)); }));
  return promise.get_future().get();
}

}  // namespace attune::serve
