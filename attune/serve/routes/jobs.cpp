// Jobs: POST /v1/jobs starts a fit or a backup beside the service; GET /v1/jobs shows how far it is; DELETE /v1/jobs/{job} stops it.
#include <algorithm>
#include <set>

#include "attune/serve/fields.h"
#include "attune/serve/jobs.h"
#include "attune/serve/metrics.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

// Into a folder of the workspace, never where a caller says. The job's notes name the file.
HttpResponse back_up(const Json& body, Context& context) {
  only(body, {"kind", "keep"});
  const std::int64_t keep = json_integer(body, "keep", 7, 1, 1000);
  return json_response(202, to_json(context.part<Jobs>().start("backup", "asked", {"backup", (context.workspace.folder() / "backups").string() + "/", "--keep=" + std::to_string(keep)})));
}

HttpResponse start(const HttpRequest& request, Context& context) {
  const Json body = request.body.empty() ? Json::object() : body_object(request);
  only(body, {"kind", "models", "set", "evaluate", "keep"});
  const std::string kind = json_text(body, "kind", "fit");
  if (kind == "backup") return back_up(body, context);
  if (kind != "fit") throw Refusal(400, "bad_field", "kind must be fit or backup, not '" + kind.substr(0, 50) + "'", "kind");
  std::vector<std::string> arguments = {"fit"};
  std::string models;
  for (const std::string& model : json_list(body, "models", 100)) models += (models.empty() ? "" : ",") + checked_name(model, "models");
  if (!models.empty()) arguments.push_back("--models=" + models);
  for (const std::string& assignment : json_list(body, "set", 100)) arguments.push_back("--set=" + checked_name(assignment, "set"));
  if (!json_flag(body, "evaluate", true)) arguments.push_back("--no-evaluate");
  return json_response(202, to_json(context.part<Jobs>().start(kind, "asked", std::move(arguments))));
}

HttpResponse all(const HttpRequest&, Context& context) {
  const Jobs& jobs = context.part<Jobs>();
  Json json = Json::object();
  json["jobs"] = Json::array();
  for (const Job& job : jobs.all()) json["jobs"].push_back(to_json(job));
  json["events_since_fit"] = jobs.events_since_fit();
  Json& rule = json["refit"];
  rule["every_minutes"] = jobs.rule().every_minutes;
  rule["after_events"] = jobs.rule().after_events;
  rule["after_share"] = jobs.rule().after_share;
  return json_response(200, json);
}

HttpResponse one(const HttpRequest& request, Context& context) {
  const auto job = context.part<Jobs>().find(request.param("job"));
  if (!job) throw Refusal(404, "unknown_job", "there is no job '" + request.param("job") + "'", "job", "see GET /v1/jobs");
  return json_response(200, to_json(*job));
}

HttpResponse cancel(const HttpRequest& request, Context& context) { return json_response(200, to_json(context.part<Jobs>().cancel(request.param("job")))); }

// How the last job of each kind ended, and when one last ended well.
void measure(Metrics& metrics, const Jobs& jobs, const Context& context) {
  metrics.gauge("attune_job_ok", "1: the last job of the kind was done; 0: it failed", [&jobs] {
    std::vector<Metrics::Value> values;
    std::set<std::string> kinds;
    for (const Job& job : jobs.all())   // newest first
      if ((job.state == "done" || job.state == "failed") && kinds.insert(job.kind).second) values.push_back({{{"kind", job.kind}}, job.state == "done" ? 1.0 : 0.0});
    return values;
  });
  metrics.gauge("attune_job_done_age_seconds", "Time since a job of the kind was done", [&jobs, &context] {
    std::vector<Metrics::Value> values;
    std::set<std::string> kinds;
    for (const Job& job : jobs.all())
      if (job.state == "done" && kinds.insert(job.kind).second) values.push_back({{{"kind", job.kind}}, static_cast<double>(context.now_ms() - job.ended_ms) / 1000});
    return values;
  });
  metrics.gauge("attune_jobs_running", "Jobs at work beside the service", [&jobs] {
    const std::vector<Job> all = jobs.all();
    return std::vector<Metrics::Value>{{{}, static_cast<double>(std::count_if(all.begin(), all.end(), [](const Job& job) { return job.state == "running"; }))}};
  });
}

}  // namespace

void add_jobs(Router& router, Context& context) {
  const Jobs& jobs = context.add<Jobs>(context.engine, context.workspace, context.settings.program, context.settings.refit, context.settings.keep_lists_days, context.now_ms, context.log);
  if (Metrics* metrics = context.find_part<Metrics>()) measure(*metrics, jobs, context);
  router.add({.method = "POST", .pattern = "/v1/jobs", .need = Role::admin, .handler = start, .summary = "Start a fit beside the service, which goes into service when it is done; or a backup",
              .body_schema = "JobBody", .answer_schema = "Job", .answer_status = 202, .body_required = false});
  router.add({.method = "GET", .pattern = "/v1/jobs", .handler = all, .summary = "Jobs, newest first, and when the next fit comes by itself", .answer_schema = "Jobs"});
  router.add({.method = "GET", .pattern = "/v1/jobs/{job}", .handler = one, .summary = "How far a job is", .answer_schema = "Job"});
  router.add({.method = "DELETE", .pattern = "/v1/jobs/{job}", .need = Role::admin, .handler = cancel, .summary = "Stop a job", .answer_schema = "Job"});
}

}  // namespace attune::serve
