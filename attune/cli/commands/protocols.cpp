// Protocols: each is judged by its file in attune/eval; here they get the models of the settings and become text.
#include "attune/cli/commands/protocols.h"

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/engine/fit.h"
#include "attune/eval/cold_items.h"

namespace attune::cli {
namespace {

std::vector<eval::ModelContender> contenders(const engine::Settings& settings) {
  std::vector<eval::ModelContender> list;
  for (const std::string& name : settings.models)
    list.push_back({.name = name,
                    .fit = [name, &settings](const data::Dataset& train, const Run& run) { return engine::fit_source(name, train, settings, run).model; },
                    .settings = settings.of_plugin(name).is_null() ? "" : settings.of_plugin(name).dump()});
  return list;
}

Shown cold_items(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const Run& run) {
  const eval::ColdItemsOptions options{.split = request.split_settings, .part = request.part, .eval = request.eval, .figure = request.figure};
  const eval::ColdItemsReport report = eval::judge_cold_items(data, contenders(settings), options, run);
  return {report.table().text(), report.to_json()};
}

}  // namespace

Shown run_protocol(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const Run& run) {
  if (request.protocol == "cold-items") return cold_items(request, settings, data, run);
  const std::vector<std::string> known = {"cold-items"};
  const std::string near = nearest(request.protocol, known);
  throw Error(Code::bad_request, "there is no protocol '" + request.protocol + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace attune::cli
