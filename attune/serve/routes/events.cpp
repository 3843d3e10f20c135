// POST /v1/events: one event, a JSON array of them, or one a line (NDJSON). Durable and in the next answer when acknowledged.
#include <algorithm>
#include <map>
#include <set>

#include "attune/data/event_json.h"
#include "attune/serve/metrics.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostBody = std::size_t{64} << 20;
constexpr std::size_t kMostTold = 1000;            // rejected lines in an answer; the rest is counted
constexpr std::size_t kSmallBody = 16 * 1024;      // read on the network thread; more goes to the pool

struct Batch {
  std::vector<data::Event> events;
  Json rejected = Json::array();
  std::uint64_t rejected_count = 0;
  std::map<std::string, std::uint64_t> by_field;   // of the rejected
};

// Only names that an event has: what callers make up must not become a label.
std::string label_of(const std::string& field) {
  static const std::set<std::string> known = {"user", "item", "type", "value", "time", "session", "request"};
  return field.empty() ? "json" : known.contains(field) ? field : "other";
}

void reject(Batch& batch, std::uint64_t line, const std::string& reason, const std::string& field) {
  ++batch.by_field[label_of(field)];
  if (++batch.rejected_count > kMostTold) return;
  Json one = Json::object();
  one["line"] = line;
  one["reason"] = reason;
  batch.rejected.push_back(std::move(one));
}

void read_lines(std::string_view body, data::EventJson& reader, Batch& batch) {
  std::uint64_t line = 0;
  data::Event event;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    ++line;
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (const data::EventProblem problem = reader.read(text, event); !problem.empty()) reject(batch, line, problem.reason, problem.field);
    else batch.events.push_back(std::move(event));
  }
}

// Entries are counted from 1, as lines are.
void read_array(const std::string& body, data::EventJson& reader, Batch& batch) {
  Json list;
  try {
    list = Json::parse(body, "the body");
  } catch (const Error& e) {
    throw Refusal(400, "bad_json", e.what(), "", "send a JSON array of events, or one event a line");
  }
  std::uint64_t line = 0;
  data::Event event;
  for (const Json& entry : list.as_array()) {
    ++line;
    if (const data::EventProblem problem = reader.read(entry.dump(), event); !problem.empty()) reject(batch, line, problem.reason, problem.field);
    else batch.events.push_back(std::move(event));
  }
}

void count(const Batch& batch, const Context& context) {
  Metrics* metrics = context.find_part<Metrics>();
  for (const auto& [field, n] : batch.by_field)
    if (metrics != nullptr) metrics->count("attune_events_rejected_total", "Events that were not taken, by the field that was wrong", {{"field", field}}, static_cast<double>(n));
}

void read_body(const HttpRequest& request, std::int64_t now_ms, Batch& batch) {
  const std::size_t first = request.body.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) throw Refusal(400, "bad_json", "the body is empty", "", "send an event: {\"user\": \"ana\", \"item\": \"mug-7\"}");
  data::EventJson reader(now_ms);
  const std::string_view type = request.header("content-type");
  const bool is_lines = type.find("ndjson") != std::string_view::npos || type.find("jsonl") != std::string_view::npos || type.find("json-seq") != std::string_view::npos;
  if (request.body[first] == '[') {
    read_array(request.body, reader, batch);
  } else if (is_lines) {
    read_lines(request.body, reader, batch);
  } else {
    data::Event event;
    const data::EventProblem problem = reader.read(request.body, event);
    if (!problem.empty() && !(problem.field.empty() && request.body.find('\n', first) < request.body.find_last_not_of(" \t\r\n"))) {
      reject(batch, 1, problem.reason, problem.field);
      throw Refusal(400, problem.field.empty() ? "bad_json" : "bad_field", problem.field.empty() ? "the body " + problem.reason : problem.reason, problem.field,
                    "an event is {\"user\", \"item\", \"type\"?, \"value\"?, \"time\"?, \"session\"?, \"request\"?}");
    }
    if (problem.empty()) batch.events.push_back(std::move(event));
    else read_lines(request.body, reader, batch);
  }
  if (!batch.events.empty() || batch.rejected_count == 0) return;
  throw Refusal(400, "all_rejected", "none of " + std::to_string(batch.rejected_count) + " events could be taken; line 1: " + batch.rejected.as_array()[0].at("reason").as_string(),
                "", "an event is {\"user\", \"item\", \"type\"?, \"value\"?, \"time\"?, \"session\"?, \"request\"?}");
}

void take(std::shared_ptr<const HttpRequest> request, Context& context, Reply reply) {
  Batch batch;
  try {
    read_body(*request, context.now_ms(), batch);
  } catch (...) {
    count(batch, context);
    throw;
  }
  count(batch, context);
  const auto told = std::make_shared<Batch>();
  told->rejected = std::move(batch.rejected);
  told->rejected_count = batch.rejected_count;
  context.commits.append(std::move(batch.events), [request, told, reply, &context](const data::Appended& done, std::exception_ptr failed) {
    if (failed) return reply(context.refused(*request, failed));
    Json json = Json::object();
    json["sequence"] = done.last;
    json["accepted"] = done.accepted;
    json["repeated"] = done.repeated;
    json["rejected"] = std::move(told->rejected);
    if (told->rejected_count > kMostTold) json["rejected_count"] = told->rejected_count;
    reply(json_response(201, json));
  });
}

void post_events(std::shared_ptr<const HttpRequest> request, Context& context, Reply reply) {
  if (request->body.size() <= kSmallBody) return take(std::move(request), context, std::move(reply));
  const bool is_taken = context.pool.post([request, &context, reply] {
    try {
      take(request, context, reply);
    } catch (...) {
      reply(context.refused(*request, std::current_exception()));
    }
  });
  if (is_taken) return;
  Refusal busy(503, "busy", "too many requests wait already", "", "send it again in a second");
  busy.headers.emplace_back("Retry-After", "1");
  throw busy;
}

}  // namespace

void add_events(Router& router, Context&) {
  router.add({.method = "POST", .pattern = "/v1/events", .need = Role::write, .async_handler = post_events, .body_bytes = kMostBody,
              .summary = "Take what happened: one event, an array, or one a line", .body_schema = "Events", .answer_schema = "Taken", .answer_status = 201});
}

}  // namespace attune::serve
