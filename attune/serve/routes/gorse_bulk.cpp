// Gorse's import and export: /api/bulk/users, items, feedback as lines of JSON, and its health paths. Only with --gorse.
#include <cstring>

#include "attune/data/later.h"
#include "attune/data/names.h"
#include "attune/serve/gorse.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

using data::Kind;

constexpr std::size_t kMostBody = std::size_t{256} << 20;   // more: attune import, which reads files of any size
constexpr std::size_t kBatch = 2000, kPageRows = 1000;

// The content of the form's part called "file".
std::string_view file_of(const HttpRequest& request) {
  const std::string_view type = request.header("content-type");
  const std::size_t at = type.find("boundary=");
  if (!type.starts_with("multipart/form-data") || at == std::string_view::npos) throw Refusal(400, "bad_form", "expected multipart/form-data with the field 'file'");
  std::string_view boundary = type.substr(at + std::strlen("boundary="));
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  else boundary = boundary.substr(0, boundary.find(';'));
  const std::string line = "--" + std::string(boundary);
  std::string_view body = request.body;
  for (std::size_t begin = body.find(line); begin != std::string_view::npos;) {
    const std::size_t head = begin + line.size(), head_end = body.find("\r\n\r\n", head);
    const std::size_t next = body.find("\r\n" + line, head);
    if (head_end == std::string_view::npos || next == std::string_view::npos || head_end > next) break;
    const std::string_view headers = body.substr(head, head_end - head);
    if (headers.find("name=\"file\"") != std::string_view::npos || headers.find("name=file") != std::string_view::npos) return body.substr(head_end + 4, next - head_end - 4);
    begin = next + 2;
  }
  throw Refusal(400, "bad_form", "the form has no field 'file', or was cut off");
}

// One JSON value after another, with or without line breaks between them.
class Values {
 public:
  explicit Values(std::string_view text) : text_(text) {}
  bool next(std::string_view& value) {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr) ++at_;
    if (at_ == text_.size()) return false;
    const std::size_t begin = at_;
    int depth = 0;
    bool in_text = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (in_text) {
        if (c == '\\') ++at_;
        else if (c == '"') in_text = false;
      } else if (c == '"') {
        in_text = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth <= 0) {
        ++at_;
        break;
      } else if (c == '\n' && depth == 0) {
        break;   // something that is no object: its line
      }
    }
    at_ = std::min(at_, text_.size());
    value = text_.substr(begin, at_ - begin);
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

void keep(Context& context, Kind kind, std::vector<data::Record>& records) {
  if (records.empty()) return;
  for (data::Record& record : records) record = gorse::replacing(std::move(record), context.engine.store().find(kind, record.name));
  if (kind == Kind::user) context.engine.put_users(records);
  else context.engine.put(records);
  records.clear();
}

void keep(Context& context, std::vector<data::Event>& events) {
  if (!events.empty()) context.commits.amend(std::move(events), data::Amend::overwrite);
  events.clear();
}

// A bad row leaves the batches before it stored.
template <class Take, class Keep>
HttpResponse import(const HttpRequest& request, Take take, Keep keep_batch) {
  Values values(file_of(request));
  std::string_view text;
  std::uint64_t rows = 0;
  for (; values.next(text); ++rows) {
    try {
      take(Json::parse(text, "the row"));
    } catch (const Error& e) {
      throw Refusal(400, "bad_row", "line " + std::to_string(rows) + ": " + e.what());
    }
    if (rows % kBatch == kBatch - 1) keep_batch();
  }
  keep_batch();
  return gorse::rows_affected(rows);
}

HttpResponse import_records(const HttpRequest& request, Context& context, Kind kind) {
  std::vector<data::Record> batch;
  return import(request, [&](const Json& row) { batch.push_back(kind == Kind::user ? gorse::user_of(row) : gorse::item_of(row)); }, [&] { keep(context, kind, batch); });
}

HttpResponse import_feedback(const HttpRequest& request, Context& context) {
  std::vector<data::Event> batch;
  return import(
      request,
      [&](const Json& row) {
        Json bare = row;
        if (const Json* labels = gorse::member(row, "Labels"); labels != nullptr && row.is_object()) {   // not taken over, as there
          bare = Json::object();
          for (const auto& [key, value] : row.as_object())
            if (&value != labels) bare[key] = value;
        }
        data::mark_later(batch.emplace_back(gorse::feedback_of(bare)), context.now_ms());
      },
      [&] { keep(context, batch); });
}

// Pieces made on the pool, one after the other: `piece` gives the next, empty at the end.
HttpResponse exported(Context& context, const std::string& name, std::function<std::string()> piece) {
  HttpResponse response{.status = 200, .type = "application/jsonl"};
  response.with("Content-Disposition", "attachment;filename=" + name);
  auto make = std::make_shared<std::function<std::string()>>(std::move(piece));
  response.stream = [&context, make](std::function<void(std::optional<std::string>)> then) {
    const auto job = [&context, make, then] {
      try {
        std::string text = (*make)();
        then(text.empty() ? std::nullopt : std::optional(std::move(text)));
      } catch (const std::exception& e) {
        Json line = Json::object();
        line["level"] = "error";
        line["message"] = std::string("an export ended early: ") + e.what();
        if (context.log) context.log(line);
        then(std::nullopt);
      }
    };
    if (!context.pool.post(job)) job();   // full: made here rather than cut off
  };
  return response;
}

HttpResponse export_records(Context& context, Kind kind) {
  return exported(context, kind == Kind::user ? "users.jsonl" : "items.jsonl", [&context, kind, after = std::string()]() mutable {
    std::string text;
    for (const std::string& name : data::names_of(context.engine.store(), kind, "", after, kPageRows)) {
      after = name;
      if (const auto record = gorse::find(context.engine.store(), kind, name)) text += (kind == Kind::user ? gorse::user_json(*record) : gorse::item_json(*record)).dump() + "\n";
    }
    return text;
  });
}

HttpResponse export_feedback(const HttpRequest&, Context& context) {
  return exported(context, "feedback.jsonl", [&context, from = data::Sequence{0}, is_over = false]() mutable {
    std::string text;
    while (text.empty() && !is_over) {   // a page may hold rows of the future alone
      const gorse::FeedbackPage page = gorse::feedback_page(context.engine.store(), from, kPageRows, "");
      for (const data::StoredEvent& row : page.rows) {
        if (row.event.time_ms > context.now_ms()) continue;
        Json json = gorse::feedback_json(row.event), bare = Json::object();
        for (const auto& [key, value] : json.as_object())
          if (key != "Updated") bare[key] = value;
        text += bare.dump() + "\n";
      }
      from = page.until;
      is_over = page.is_last;
    }
    return text;
  });
}

HttpResponse health(Context& context, bool with_status) {
  Json json = Json::object();
  bool is_ready = !context.is_draining;
  Json problem;
  try {
    context.engine.store().counts();
  } catch (const Error& e) {
    is_ready = false;
    problem = "unavailable";
  }
  json["Ready"] = is_ready;
  json["DataStoreError"] = problem;
  json["CacheStoreError"] = Json();
  json["DataStoreConnected"] = problem.is_null();
  json["CacheStoreConnected"] = true;
  HttpResponse response = json_response(with_status && !is_ready ? 503 : 200, json);
  if (response.status == 503) response.type = "text/plain; charset=utf-8";
  return response;
}

}  // namespace

void add_gorse_bulk(Router& router, Context& context) {
  if (!context.settings.gorse) return;
  const auto add = [&](const char* method, const char* pattern, Role need, Handler handler, std::size_t body_bytes = 0) {
    router.add({.method = method, .pattern = pattern, .need = need, .handler = std::move(handler), .body_bytes = body_bytes, .any_query = true, .is_hidden = true});
  };
  add("GET", "/api/bulk/users", Role::read, [](const HttpRequest&, Context& c) { return export_records(c, Kind::user); });
  add("GET", "/api/bulk/items", Role::read, [](const HttpRequest&, Context& c) { return export_records(c, Kind::item); });
  add("GET", "/api/bulk/feedback", Role::read, export_feedback);
  add("POST", "/api/bulk/users", Role::write, [](const HttpRequest& request, Context& c) { return import_records(request, c, Kind::user); }, kMostBody);
  add("POST", "/api/bulk/items", Role::write, [](const HttpRequest& request, Context& c) { return import_records(request, c, Kind::item); }, kMostBody);
  add("POST", "/api/bulk/feedback", Role::write, import_feedback, kMostBody);
  add("GET", "/api/health/live", Role::none, [](const HttpRequest&, Context& c) { return health(c, false); });
  add("GET", "/api/health/ready", Role::none, [](const HttpRequest&, Context& c) { return health(c, true); });
}

}  // namespace attune::serve
