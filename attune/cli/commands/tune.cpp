// attune tune: settings of the models tried on held-out validation events, the same number of trials for each.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "attune/cli/asking.h"
#include "attune/core/bytes.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/engine/fit.h"
#include "attune/engine/registry.h"
#include "attune/eval/importance.h"
#include "attune/eval/repeats.h"
#include "attune/eval/run_log.h"
#include "attune/eval/tune.h"

namespace attune::cli {
namespace {

struct Options {
  std::string models, split = "leave_one_out", log;
  std::vector<std::string> sets, spaces;
  eval::TuneOptions tune;
  int folds = 0;
  bool fresh = false, patient = false;
};

// Which text priors may count how much, for models that have them: one alternative an encoder, one of all together.
std::string priors_space(const data::Dataset& data) {
  std::string each, together;
  for (const auto& [name, features] : data.all_features()) {
    const std::string range = name + (features->is_sparse() ? "=2..64" : "=10..160");
    each += "|" + range;
    together += (together.empty() ? "" : ",") + range;
  }
  return each.empty() ? "" : "priors=none" + each + (data.all_features().size() > 1 ? "|" + together : "");
}

// The usual space, with what "--space model.setting=values" says over it.
std::vector<eval::Choice> space_of(const std::string& name, const std::vector<std::string>& spaces, const data::Dataset* data) {
  std::vector<eval::Choice> space = eval::parse_space(eval::usual_space(name));
  const std::vector<Setting> all = engine::model_named(name).settings();
  const bool has_priors = std::any_of(all.begin(), all.end(), [](const Setting& s) { return s.name == "priors"; });
  if (const std::string priors = has_priors && data != nullptr ? priors_space(*data) : ""; !priors.empty()) space.push_back(eval::parse_choice(priors));
  for (const std::string& text : spaces) {
    if (!text.starts_with(name + ".")) continue;
    eval::Choice choice = eval::parse_choice(text.substr(name.size() + 1));
    std::erase_if(space, [&](const eval::Choice& usual) { return usual.setting == choice.setting; });
    space.push_back(std::move(choice));
  }
  std::vector<std::string> known;
  for (const Setting& setting : all) known.push_back(setting.name);
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

// Settings chosen by targets that repeat the history are settings for repeating it.
constexpr double kMostRepeats = 0.2;
std::string repeats_in(const std::vector<data::Split>& parts) {
  std::size_t targets = 0, repeated = 0;
  for (const data::Split& part : parts) {
    const eval::Repeats repeats = eval::repeats_in(part.cases);
    targets += repeats.targets;
    repeated += repeats.repeated;
  }
  if (static_cast<double>(repeated) <= kMostRepeats * static_cast<double>(targets)) return "";
  return std::to_string(repeated) + " of " + std::to_string(targets) + " targets are items that the user had looked at or had before, so these settings are best at repeating histories; no advice is drawn from that.\n" +
         "To tune for what is new to people, let takes hide items (hides = true under [events.TYPE]) or choose another --split.\n";
}

// What to type to use the best settings.
std::string advice(const Context& context, const eval::Tuned& tuned, const std::vector<std::string>& models) {
  std::string text;
  for (const std::string& name : models) {
    const eval::Trial* best = tuned.best(name);
    if (best == nullptr || best->settings.is_null()) continue;
    for (const auto& [key, value] : best->settings.as_object())
      text += " --set " + name + "." + key + "=" + (value.is_string() ? value.as_string() : value.dump());
  }
  return text.empty() ? "" : "To use the best: " + context.typed() + "fit" + text + "\n";
}

eval::Tunable tunable(const std::string& name, const Options& options, const engine::Settings& settings, const data::Dataset& data) {
  eval::Tunable model{.name = name, .start = settings.of_plugin(name), .space = space_of(name, options.spaces, &data), .cheap = eval::cheap_settings(name)};
  bool has_split = false;
  for (const Setting& setting : engine::model_named(name).settings()) {
    model.standard[setting.name] = setting.standard;
    has_split = has_split || setting.name == "split";
  }
  model.fit = [name, &settings, has_split](const data::Dataset& train, const Json& tried, const Run& run) {
    Run mine = run;
    mine.memory_bytes = settings.memory_bytes();
    Json asked = tried;
    if (has_split) asked["split"] = false;   // nobody asks a trial for explanations, and no score depends on it
    std::shared_ptr<const model::Recommender> fitted = engine::model_named(name).fit(train, asked, mine);
    Json said = fitted->settings();
    return eval::Fitted(eval::answers_of(std::move(fitted)), std::move(said));
  };
  return model;
}

// The validation cases, which the models may also stop training by; or the folds of everything that is not test.
std::vector<data::Split> parts_of(const data::Dataset& data, const Options& options, const Run& run) {
  const engine::SplitPlugin& plugin = engine::split_named(options.split);
  std::vector<data::Split> parts;
  if (options.folds == 0) {
    parts.push_back(plugin.split(data, Json(), {.part = data::Part::validation}, run));
    data::hold_out(parts[0], parts[0]);
    return parts;
  }
  const data::Split outer = plugin.split(data, Json(), {.part = data::Part::test, .refit_with_validation = true}, run);
  for (int fold = 0; fold < options.folds; ++fold) {
    Json which = Json::object();
    which["folds"] = options.folds;
    which["fold"] = fold;
    data::Split part = engine::split_named("folds").split(*outer.train, which, {.part = data::Part::test}, run);
    data::hold_out(part, engine::split_named("folds").split(*outer.train, which, {.part = data::Part::validation}, run));
    parts.push_back(std::move(part));
  }
  return parts;
}

// Everything that makes trials comparable; more trials of the same study go on from those there are, except in halving, where how
// many there are decides what each is.
std::string study_of(const eval::Tunable& model, const Options& options, const std::string& data, const data::Split& part, std::uint64_t seed) {
  Json key = Json::object();
  key["data"] = data;
  key["split"] = part.name;
  key["folds"] = options.folds;
  key["objective"] = options.tune.objective;
  key["users"] = options.tune.users;
  key["strategy"] = options.tune.strategy;
  key["trials"] = options.tune.strategy == "halving" ? options.tune.trials : 0;
  key["gives_up"] = options.tune.gives_up;
  key["group"] = options.tune.group;
  key["seed"] = static_cast<unsigned long long>(seed);
  key["model"] = model.name;
  key["start"] = model.start;
  for (const eval::Choice& choice : model.space) key["space"][choice.setting] = choice.text;
  return hash_hex(key.dump());
}

void log_trial(eval::RunLog& log, const eval::Trial& trial, const std::string& study, const std::string& data, const eval::Tuned& asked, std::uint64_t seed) {
  Json line = Json::object();
  line["what"] = "tune";
  line["study"] = study;
  line["seed"] = static_cast<unsigned long long>(seed);
  line["data"] = data;
  line["split"] = asked.split;
  line["objective"] = asked.objective;
  const Json json = eval::to_json(trial);
  for (const auto& [key, value] : json.as_object())
    if (key != "curves" && key != "point") line[key] = value;
  log.line(std::move(line));
  std::map<std::string, double> figures = {{"fit_seconds", trial.fit_seconds}};
  if (trial.failure.empty() && trial.figure.n > 0) figures[asked.objective] = trial.figure.mean;
  log.curves(trial.model + "-" + std::to_string(trial.number + 1), trial.curves, figures);
}

void tune(const Context& context, Options options) {
  const auto workspace = context.open_workspace();
  engine::Settings settings = context.settings(workspace, options.sets);
  if (!options.models.empty()) engine::set(settings, "models.use=" + options.models);
  check_spaces(options.spaces, settings.models);
  for (const std::string& name : settings.models) space_of(name, options.spaces, nullptr);   // what is wrong is told before the data are read
  if (options.folds != 0 && options.folds < 3) throw Error(Code::bad_request, "--folds takes 3 or more (to learn, to stop training by, to judge), not " + std::to_string(options.folds));
  options.tune.gives_up = !options.patient;
  options.tune.memo_bytes = settings.memory_bytes();
  const auto store = workspace.store();
  Run run = context.run();
  run.seed = static_cast<std::uint64_t>(settings.fit.seed);
  const data::Dataset data = engine::read_dataset(*store, settings, workspace.vectors_path().string(), run, nullptr);
  const std::vector<data::Split> parts = parts_of(data, options, run);
  const std::string checksum = eval::checksum_of(data);
  std::vector<eval::Tunable> models;
  std::map<std::string, std::string> studies;
  for (const std::string& name : settings.models) {
    models.push_back(tunable(name, options, settings, data));
    studies[name] = study_of(models.back(), options, checksum, parts[0], run.seed);
    if (options.fresh) store->forget_trials(studies[name]);
  }
  std::optional<eval::RunLog> log;
  if (!options.log.empty()) log.emplace(options.log);
  eval::Tuned asked{.split = parts[0].name, .objective = options.tune.objective};
  const auto earlier = [&](const eval::Tunable& model) {
    std::vector<eval::Trial> trials;
    for (const data::StoredTrial& stored : store->trials(studies[model.name])) trials.push_back(eval::trial_from(stored.result));
    if (!trials.empty()) context.say("note: " + model.name + " goes on after " + std::to_string(trials.size()) + " trials of an earlier run (--fresh begins anew)");
    return trials;
  };
  const auto seen = [&](const eval::Trial& trial) {
    store->put_trial({.study = studies[trial.model], .number = trial.number, .time_ms = now_ms(), .result = eval::to_json(trial)});
    if (log) log_trial(*log, trial, studies[trial.model], checksum, asked, run.seed);
  };
  const eval::Tuned tuned = eval::tune(parts, models, options.tune, run, seen, earlier);
  if (log)
    for (const eval::NamedPicture& picture : eval::pictures_of(tuned, models, run.seed)) write_file(log->folder() / picture.name, picture.svg);
  if (context.json) context.print_json(tuned.to_json());
  else {
    const std::string repeats = repeats_in(parts);
    context.print(tuned.table().text() + (repeats.empty() ? advice(context, tuned, settings.models) : repeats));
  }
}

}  // namespace

void add_tune(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("tune", "try settings of the models on held-out validation events, as often for each");
  const auto options = std::make_shared<Options>();
  command->add_option("--models", options->models, "instead of [models] use: slist,ease");
  command->add_option("--trials", options->tune.trials, "settings tried of each model; the first are those of the workspace")->check(CLI::Range(1, 100000));
  command->add_option("--objective", options->tune.objective, "the figure to raise: ndcg@10, recall@20, auc; see attune list");
  command->add_option("--users", options->tune.users, "judge at most so many users a trial; 0 = all")->check(CLI::Range(0, 1000000000));
  command->add_option("--strategy", options->tune.strategy, "tpe: learns where good settings lie; random: an even spread; halving: many on few users, the best on all")
      ->check(CLI::IsMember({"tpe", "random", "halving"}));
  command->add_option("--folds", options->folds, "cross-validation on so many folds of what is not test, 3 or more; 0 = the validation events");
  command->add_flag("--fresh", options->fresh, "forget the trials of an earlier run of the same question; without it a run goes on after them");
  command->add_flag("--patient", options->patient, "give no trial up before its end");
  command->add_option("--log", options->log, "a folder for ledger.jsonl, TensorBoard events and pictures (best, importance, curves)");
  command->add_option("--split", options->split, "leave_one_out, session, time, ratio, folds");
  command->add_option("--space", options->spaces, "model.setting=LOW..HIGH or a|b|c, over the usual space; repeatable");
  command->add_option("--set", options->sets, "section.key=value over the settings, repeatable");
  command->footer(
      "Examples:\n"
      "  attune tune --models slist,ease --trials 12\n"
      "  attune tune --models slist --folds 5 --log runs        # then: tensorboard --logdir runs\n"
      "  attune tune --models slist --space 'slist.priors=tfidf=4..32,minilm=20..80|tfidf=4..64'");
  command->callback([&context, options] { tune(context, *options); });
}

}  // namespace attune::cli
