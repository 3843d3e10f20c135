// GET /v1/studies: tuning runs: what was tried of which model and how good it was.
#include "attune/data/studies.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

Json shown(const data::StoredTrial& trial) {
  Json one = Json::object();
  one["number"] = trial.number;
  one["time_ms"] = trial.time_ms;
  for (const char* name : {"settings", "share", "figure", "fit_seconds", "eval_seconds", "peak_rss_bytes", "failure", "stopped"}) {
    const Json* value = trial.result.find(name);
    one[name] = value == nullptr ? Json() : *value;
  }
  return one;
}

HttpResponse studies(const HttpRequest&, Context& context) {
  const data::Store& store = context.engine.store();
  Json json = Json::object();
  json["studies"] = Json::array();
  for (const std::string& study : data::studies_of(store)) {
    const auto trials = store.trials(study);
    if (trials.empty()) continue;
    Json one = Json::object();
    one["study"] = study;
    const Json* model = trials.front().result.find("model");
    one["model"] = model == nullptr ? Json("") : *model;
    one["trials"] = Json::array();
    for (const data::StoredTrial& trial : trials) one["trials"].push_back(shown(trial));
    json["studies"].push_back(std::move(one));
  }
  return json_response(200, json);
}

}  // namespace

void add_studies(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/studies", .handler = studies, .summary = "Tuning runs: settings tried, and how good they were", .answer_schema = "Studies"});
}

}  // namespace attune::serve
