// Protocols: each is judged by its file in attune/eval; here they get the models of the settings and become text.
#include "attune/cli/commands/protocols.h"

#include <algorithm>
#include <array>
#include <map>

#include "attune/core/did_you_mean.h"
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/data/text_file.h"
#include "attune/engine/fit.h"
#include "attune/engine/workspace.h"
#include "attune/eval/candidates.h"
#include "attune/eval/cold_items.h"
#include "attune/eval/cold_users.h"
#include "attune/eval/transfer.h"

namespace attune::cli {
namespace {

constexpr std::array<std::string_view, 3> kMovable = {"alpharec", "text_similarity", "text_knn"};   // to another catalogue (model/transfer.h)

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

// `user TAB text` a line.
std::map<std::string, std::string, std::less<>> read_profiles(const std::string& path) {
  std::map<std::string, std::string, std::less<>> profiles;
  data::Lines lines(path);
  for (std::string_view line; lines.next(line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0 || tab + 1 == line.size())
      throw Error(Code::bad_data, path + ":" + std::to_string(lines.number()) + ": expected a user, a tab and a text");
    profiles[std::string(line.substr(0, tab))] = std::string(line.substr(tab + 1));
  }
  if (profiles.empty()) throw Error(Code::bad_data, path + " holds no profile; expected lines of a user, a tab and a text");
  return profiles;
}

Shown cold_users(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const engine::Reader& reader, const Run& run) {
  if (reader.empty()) throw Error(Code::bad_request, "cold-users reads texts, and no encoder is in use; set [encoder] in attune.toml");
  eval::ColdUsersOptions options{.part = request.part, .eval = request.eval, .figure = request.figure};
  options.about_items = static_cast<std::size_t>(std::max(settings.lists.about_items, 1));
  if (!request.file.empty()) options.profiles = read_profiles(request.file);
  const eval::TextLikeness likeness = [&](const std::string& text, std::span<float> out) { reader.similarity(reader.read(text, run), out); };
  const eval::ColdUsersReport report = eval::judge_cold_users(data, likeness, contenders(settings), options, run);
  return {report.table().text(), report.to_json()};
}

Shown shown(const eval::Report& report, const ProtocolRequest& request) {
  std::string text = report.table(request.figures).text();
  if (!report.comparisons.empty()) text += "\n" + report.comparison_table().text();
  return {text, report.to_json(), report};
}

// Every model of the settings as judged by scores, popularity first; the split of the request.
Shown candidates(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const Run& run) {
  if (request.file.empty()) throw Error(Code::bad_request, "candidates needs a file: attune evaluate --protocol candidates FILE (a line each: user, tab, items)");
  const eval::CandidateLists lists = eval::read_candidates(request.file, data.catalogue());
  std::vector<eval::Contender> list;
  for (const eval::ModelContender& model : contenders(settings))
    list.push_back({.name = model.name,
                    .fit = [fit = model.fit](const data::Dataset& train, const Run& r) { return eval::answers_of(fit(train, r)); },
                    .settings = model.settings,
                    .is_trivial = model.name == "popularity"});
  eval::ProtocolOptions options{.eval = request.eval};
  options.split.part = request.part;
  return shown(eval::judge_candidates(data, request.split, lists, request.budget, list, options, run), request);
}

// Models learn in the workspace that `file` names, read by the encoders in use here, and rank here.
Shown transfer(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const Run& run) {
  if (request.file.empty()) throw Error(Code::bad_request, "transfer needs the workspace to learn in: attune -w HERE evaluate --protocol transfer OTHER_WORKSPACE");
  const engine::Workspace other = engine::Workspace::open(request.file);
  engine::Settings reading = settings;
  reading.events = other.settings().events;
  const data::Dataset source = engine::read_dataset(*other.store(), reading, other.vectors_path().string(), run, nullptr);
  engine::Settings movable = settings;
  if (!request.models_given) {   // of those that fits use, few know more than their own items
    std::erase_if(movable.models, [](const std::string& name) { return std::find(kMovable.begin(), kMovable.end(), name) == kMovable.end(); });
    if (movable.models.empty()) movable.models.assign(kMovable.begin(), kMovable.end());
  }
  std::vector<eval::TransferContender> list;
  for (const eval::ModelContender& model : contenders(movable)) list.push_back({.name = model.name, .fit = model.fit, .settings = model.settings});
  eval::ProtocolOptions options{.eval = request.eval};
  options.split.part = request.part;
  options.shuffled_control = false;
  return shown(eval::judge_transfer(source, data, request.split, list, options, run), request);
}

}  // namespace

bool has_report(std::string_view protocol) noexcept { return protocol == "candidates" || protocol == "transfer"; }

Shown run_protocol(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const engine::Reader& reader, const Run& run) {
  if (request.protocol == "cold-items") return cold_items(request, settings, data, run);
  if (request.protocol == "cold-users") return cold_users(request, settings, data, reader, run);
  if (request.protocol == "candidates") return candidates(request, settings, data, run);
  if (request.protocol == "transfer") return transfer(request, settings, data, run);
  const std::vector<std::string> known = {"cold-items", "cold-users", "candidates", "transfer", "conversation", "dialogues"};
  throw Error(Code::bad_request, "there is no protocol '" + request.protocol + "'" + did_you_mean(request.protocol, known));
}

}  // namespace attune::cli
