// attune tune: settings of the models tried on held-out validation events, the same number of trials for each.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/asking.h"
#include "attune/core/error.h"
#include "attune/engine/fit.h"
#include "attune/engine/registry.h"
#include "attune/eval/tune.h"

namespace attune::cli {
namespace {

struct Options {
  std::string models, split = "leave_one_out";
  std::vector<std::string> sets, spaces;
  eval::TuneOptions tune;
};

// The usual space, with what "--space model.setting=values" says over it.
std::vector<eval::Choice> space_of(const std::string& name, const std::vector<std::string>& spaces) {
  std::vector<eval::Choice> space = eval::parse_space(eval::usual_space(name));
  for (const std::string& text : spaces) {
    if (!text.starts_with(name + ".")) continue;
    eval::Choice choice = eval::parse_choice(text.substr(name.size() + 1));
    std::erase_if(space, [&](const eval::Choice& usual) { return usual.setting == choice.setting; });
    space.push_back(std::move(choice));
  }
  std::vector<std::string> known;
  for (const Setting& setting : engine::model_named(name).settings()) known.push_back(setting.name);
  for (const eval::Choice& choice : space)
    if (std::find(known.begin(), known.end(), choice.setting) == known.end())
      throw Error(Code::bad_request, name + " has no setting '" + choice.setting + "'; did you mean '" + nearest(choice.setting, known) + "'?");
  return space;
}

void check_spaces(const std::vector<std::string>& spaces, const std::vector<std::string>& models) {
  for (const std::string& text : spaces)
    if (std::none_of(models.begin(), models.end(), [&](const std::string& name) { return text.starts_with(name + "."); }))
      throw Error(Code::bad_request, "--space takes model.setting=values of a model that is tuned, not '" + text + "'");
}

// What to type to use the best settings.
std::string advice(const eval::Tuned& tuned, const std::vector<std::string>& models) {
  std::string text;
  for (const std::string& name : models) {
    const eval::Trial* best = tuned.best(name);
    if (best == nullptr || best->settings.is_null()) continue;
    for (const auto& [key, value] : best->settings.as_object())
      text += " --set " + name + "." + key + "=" + (value.is_string() ? value.as_string() : value.dump());
  }
  return text.empty() ? "" : "To use the best: attune fit" + text + "\n";
}

void tune(const Context& context, const Options& options) {
  const auto workspace = context.open_workspace();
  engine::Settings settings = context.settings(workspace, options.sets);
  if (!options.models.empty()) engine::set(settings, "models.use=" + options.models);
  check_spaces(options.spaces, settings.models);
  std::vector<eval::Tunable> models;
  for (const std::string& name : settings.models) {
    eval::Tunable model{.name = name, .start = settings.of_plugin(name), .space = space_of(name, options.spaces)};
    model.fit = [name, &settings](const data::Dataset& train, const Json& tried, const Run& run) {
      Run mine = run;
      mine.memory_bytes = settings.memory_bytes();
      return eval::answers_of(engine::model_named(name).fit(train, tried, mine));
    };
    models.push_back(std::move(model));
  }
  const auto store = workspace.store();
  const Run run = context.run();
  const data::Dataset data = engine::read_dataset(*store, settings, workspace.vectors_path().string(), run, nullptr);
  const data::Split validation = engine::split_named(options.split).split(data, Json(), {.part = data::Part::validation}, run);
  const eval::Tuned tuned = eval::tune(validation, models, options.tune, run);
  if (context.json) context.print_json(tuned.to_json());
  else context.print(tuned.table().text() + advice(tuned, settings.models));
}

}  // namespace

void add_tune(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("tune", "try settings of the models on held-out validation events, as often for each");
  const auto options = std::make_shared<Options>();
  command->add_option("--models", options->models, "instead of [models] use: slist,ease");
  command->add_option("--trials", options->tune.trials, "settings tried of each model; the first are those of the workspace")->check(CLI::Range(1, 100000));
  command->add_option("--objective", options->tune.objective, "the figure to raise: ndcg@10, recall@20, auc; see attune list");
  command->add_option("--users", options->tune.users, "judge at most so many users a trial; 0 = all")->check(CLI::Range(0, 1000000000));
  command->add_option("--split", options->split, "leave_one_out, session, time, ratio, folds");
  command->add_option("--space", options->spaces, "model.setting=LOW..HIGH or a|b|c, over the usual space; repeatable");
  command->add_option("--set", options->sets, "section.key=value over the settings, repeatable");
  command->footer(
      "Examples:\n"
      "  attune tune --models slist,ease --trials 12\n"
      "  attune tune --models slist --space 'slist.priors=tfidf=4..32,minilm=20..80|tfidf=4..64'");
  command->callback([&context, options] { tune(context, *options); });
}

}  // namespace attune::cli
