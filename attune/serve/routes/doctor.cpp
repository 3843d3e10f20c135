// GET /v1/doctor: what is here, what it takes, what is wrong: codes and counts, which the page puts into words.
#include <filesystem>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/engine/doctor.h"
#include "attune/serve/fields.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

constexpr double kBehindShare = 0.2;                       // events after the fit, of all: worth saying
constexpr std::uint64_t kLowDisk = std::uint64_t{1} << 30;

// severity: bad (something does not work), warm (worse than it could be), note.
class Report {
 public:
  void problem(const std::string& severity, const std::string& code, const std::string& what, std::uint64_t count = 0) {
    Json one = Json::object();
    one["severity"] = severity;
    one["code"] = code;
    one["what"] = what;
    one["count"] = count;
    problems_.push_back(std::move(one));
  }
  Json problems() { return std::move(problems_); }

 private:
  Json problems_ = Json::array();
};

Json store_json(const data::StoreCounts& counts) {
  Json json = Json::object();
  json["events"] = counts.events;
  json["users"] = counts.users;
  json["items"] = counts.items;
  json["exposures"] = counts.exposures;
  json["rejections"] = counts.rejections;
  json["imports"] = counts.imports;
  json["size_bytes"] = counts.size_bytes;
  json["first_ms"] = counts.events == 0 ? Json() : Json(counts.first_ms);
  json["last_ms"] = counts.events == 0 ? Json() : Json(counts.last_ms);
  return json;
}

void look_at_rejections(const data::Store& store, std::size_t most, Json& json) {
  const engine::RejectedRows rows = engine::rejected_rows(store, most);
  json["rejections"] = Json::array();
  for (const auto& [reason, count] : rows.reasons) {
    Json one = Json::object();
    one["reason"] = reason;
    one["rows"] = count;
    json["rejections"].push_back(std::move(one));
  }
  json["rejected_rows"] = Json::array();
  for (const data::Rejection& row : rows.shown) {
    Json one = Json::object();
    one["file"] = row.file;
    one["line"] = row.line;
    one["reason"] = row.reason;
    one["text"] = row.text;
    json["rejected_rows"].push_back(std::move(one));
  }
}

void look_at_memory(const data::StoreCounts& counts, const engine::Settings& settings, Report& report, Json& json) {
  json["memory"] = Json::array();
  const auto budget = static_cast<double>(settings.memory_bytes());
  for (const engine::MemoryNeed& need : engine::memory_needs(counts, settings)) {
    Json one = Json::object();
    one["what"] = need.what;
    one["bytes"] = need.bytes;
    one["how"] = need.how;
    json["memory"].push_back(std::move(one));
    if (need.bytes > budget) report.problem("warm", "memory_over", need.what);
  }
  json["memory_budget_bytes"] = static_cast<std::uint64_t>(budget);
}

// What takes as long as the store and the snapshots are large.
void look_deep(Context& context, Report& report) {
  for (const std::string& damage : context.engine.store().damage()) report.problem("bad", "store_damaged", damage);
  for (const auto& [name, state] : engine::snapshot_states(context.workspace))
    if (state != "sound") report.problem("bad", "snapshot_damaged", name);
  for (const auto& [type, count] : engine::event_types(context.engine.store()))
    if (!context.engine.settings().events.contains(type)) report.problem("note", "unknown_event_type", type, count);
}

HttpResponse doctor(const HttpRequest& request, Context& context) {
  const auto most = static_cast<std::size_t>(query_integer(request, "rows", 20, 0, 1000));
  const bool is_deep = query_flag(request, "deep", false);
  const data::StoreCounts counts = context.engine.store().counts();
  const engine::Settings& settings = context.engine.settings();
  const auto snapshot = context.engine.snapshot();
  Report report;
  Json json = Json::object();
  json["checked_ms"] = context.now_ms();
  json["is_deep"] = is_deep;
  json["store"] = store_json(counts);
  json["snapshot"] = snapshot->name;
  json["snapshots_bytes"] = engine::folder_bytes(context.workspace.snapshots_path());
  json["events_since_fit"] = counts.last - std::min(counts.last, snapshot->until);
  if (is_deep) look_deep(context, report);
  for (const engine::EncoderState& encoder : engine::encoder_states(settings))
    if (!encoder.problem.empty()) report.problem("bad", "encoder_missing", encoder.name);
  std::error_code problem;
  const auto disk = std::filesystem::space(context.workspace.folder(), problem);
  if (!problem && disk.available < kLowDisk) report.problem("bad", "disk_low", std::to_string(disk.available >> 20) + " MB");
  json["disk_free_bytes"] = problem ? Json() : Json(static_cast<std::uint64_t>(disk.available));
  if (const std::string pinned = engine::pinned(context.workspace.snapshots_path()); !pinned.empty()) report.problem("warm", "pinned", pinned);
  look_at_memory(counts, settings, report, json);
  look_at_rejections(context.engine.store(), most, json);
  if (counts.rejections > 0) report.problem("warm", "rows_rejected", "", counts.rejections);
  for (const engine::Finding& finding : engine::findings(*context.engine.world())) report.problem(finding.code == "items_without_text" ? "warm" : "note", finding.code, finding.what, finding.count);
  if (const std::uint64_t behind = counts.last - std::min(counts.last, snapshot->until); static_cast<double>(behind) > kBehindShare * static_cast<double>(counts.last))
    report.problem("warm", "behind", "", behind);
  json["problems"] = report.problems();
  json["machine"]["cores"] = core_count();
  json["machine"]["threads"] = context.pool.threads();
  json["machine"]["kernels"] = kernel_name();
  json["machine"]["blas"] = blas_name();
  return json_response(200, json);
}

}  // namespace

void add_doctor(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/doctor", .handler = doctor, .summary = "What is here, what it takes, what is wrong",
              .query = {{"rows", "integer", "how many rows that were set aside to show; 0..1000"}, {"deep", "boolean", "read the whole store and every snapshot: takes as long as they are large"}},
              .answer_schema = "Doctor"});
}

}  // namespace attune::serve
