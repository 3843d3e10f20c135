// attune evaluate: models judged side by side on held-out events of the workspace.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include <fmt/chrono.h>

#include "attune/cli/asking.h"
#include "attune/cli/commands/conversation.h"
#include "attune/cli/commands/protocols.h"
#include "attune/core/bytes.h"
#include "attune/core/did_you_mean.h"
#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/params.h"
#include "attune/core/top_k.h"
#include "attune/data/store.h"
#include "attune/engine/fit.h"
#include "attune/engine/fused.h"
#include "attune/engine/registry.h"
#include "attune/eval/debias.h"
#include "attune/eval/protocol.h"
#include "attune/eval/rating_error.h"
#include "attune/eval/report_page.h"
#include "attune/eval/trec.h"
#include "attune/rank/learn_fusion.h"

namespace attune::cli {
namespace {

struct Options {
  std::string models, split = "leave_one_out", split_settings, format = "table", figures, run_file, qrels_file, run_model, report;
  std::vector<std::string> protocol;   // its name and, for some, a file
  int users = 300;                     // of dialogues
  std::string language;                // of dialogues; empty = that of the lists
  std::vector<std::string> sets, learn, without;
  std::vector<int> ks = {5, 10, 20};
  bool validation = false, refit = false, no_fused = false, no_control = false, segments = false, unmasked = false;
  int bootstrap = 1000, budget = 20, rounds = 100;
  float debias = 0;
  bool ratings = false, no_past = false, is_brief = false, with_chat = false;
};

// "at=.8,folds=5" as the settings of a split.
Json split_json(const std::string& text) {
  Json json = Json::object();
  for (const std::string& part : split_commas(text)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) throw Error(Code::bad_request, "--split-settings takes key=value, not '" + part + "'");
    json[part.substr(0, equals)] = part.substr(equals + 1);
  }
  return json;
}

std::vector<eval::Contender> contenders(const engine::Settings& settings, const Options& options, const eval::SplitFn& split,
                                        const data::Dataset& data) {
  std::vector<eval::Contender> list;
  for (const std::string& name : settings.models) {
    eval::Contender one;
    one.name = name;
    one.settings = settings.of_plugin(name).is_null() ? "" : settings.of_plugin(name).dump();
    one.is_trivial = name == "popularity";
    one.fit = [name, &settings](const data::Dataset& train, const Run& run) {
      return eval::answers_of(engine::fit_source(name, train, settings, run).model);
    };
    list.push_back(std::move(one));
  }
  if (options.no_fused || settings.models.size() < 2) return list;
  eval::Contender fused;
  fused.name = "fused";
  fused.fit = [&settings, &options, split, &data](const data::Dataset& train, const Run& run) {
    data::SplitOptions asked;
    asked.part = data::Part::validation;
    const data::Split validation = split(data, asked, run);
    std::vector<rank::Source> on_validation, on_train;
    for (const std::string& name : settings.models) {
      on_validation.push_back(engine::fit_source(name, *validation.train, settings, run));
      on_train.push_back(engine::fit_source(name, train, settings, run));
    }
    return engine::fused_answers(train, on_train, rank::learn_fusion(on_validation, validation, run).weights);
  };
  list.push_back(std::move(fused));
  return list;
}

// CSV for pipes: plain line feeds.
std::string with_line_feeds(std::string csv) {
  std::erase(csv, '\r');
  return csv;
}

std::string drawn(const Options& options, const eval::Report& report) {
  std::vector<std::string> figures = split_commas(options.figures);
  if (figures.empty() && options.debias > 0) {
    const std::string k = "@" + std::to_string(options.ks.at(options.ks.size() / 2));
    figures = {"hr" + k, "ndcg" + k, "debiased_hr" + k, "debiased_ndcg" + k, "debiased_targets"};
  }
  if (figures.empty() && options.ratings) {
    figures = {"ndcg@" + std::to_string(options.ks.at(options.ks.size() / 2))};
    for (const std::string_view name : eval::rating_names()) figures.emplace_back(name);
  }
  if (options.format == "csv") return with_line_feeds(report.data_table(figures).csv());   // one table: a program reads it
  std::vector<eval::Table> tables = {report.table(figures)};
  if (options.segments) tables.push_back(report.segment_table(figures.empty() ? "ndcg@10" : figures.front()));
  if (!report.comparisons.empty()) tables.push_back(report.comparison_table());
  std::string text;
  for (const eval::Table& table : tables)
    text += (options.format == "markdown" ? table.markdown() : table.text()) + "\n";
  return text;
}

// Writes run and qrels of one model, for trec_eval and its like.
void write_trec(const Options& options, const engine::Settings& settings, const data::Dataset& data, const eval::SplitFn& split,
                const data::SplitOptions& asked, const Run& run) {
  const data::Split parts = split(data, asked, run);
  if (!options.qrels_file.empty()) {
    std::ostringstream out;
    eval::write_qrels(out, parts);
    write_file(options.qrels_file, out.str());
  }
  if (options.run_file.empty()) return;
  const std::string name = options.run_model.empty() ? settings.models.front() : options.run_model;
  const auto model = engine::fit_source(name, *parts.train, settings, run).model;
  std::ostringstream out;
  for (const data::Case& asked_case : parts.cases) {
    run.check();
    const auto list = model->recommend({.history = asked_case.input, .exclude = asked_case.seen, .k = 100});
    eval::write_run(out, data.catalogue().user(asked_case.user), list, data.catalogue(), name);
  }
  write_file(options.run_file, out.str());
}

// Figures are metric or metric@cut-off.
void check(const Options& options) {
  if (!options.protocol.empty() && (options.debias > 0 || options.ratings))
    throw Error(Code::bad_request, "--debias and --ratings go with --split, not with --protocol");
  for (const int k : options.ks)
    if (k < 1 || k > 10000) throw Error(Code::bad_request, "--at takes cut-offs from 1 to 10000, not " + std::to_string(k));
  std::vector<std::string> known;
  for (const engine::Plugin& plugin : engine::plugins())
    if (std::string_view(plugin.kind) == "metric") known.emplace_back(plugin.name);
  for (const std::string_view name : eval::debiased_names()) known.emplace_back(name);
  for (const std::string_view name : eval::rating_names()) known.emplace_back(name);
  for (const std::string& figure : split_commas(options.figures)) {
    const std::string metric = figure.substr(0, figure.find('@'));
    const auto ratings = eval::rating_names();
    if (!options.ratings && std::find(ratings.begin(), ratings.end(), metric) != ratings.end()) throw Error(Code::bad_request, "'" + figure + "' needs --ratings");
    if (metric.starts_with("debiased_") && !(options.debias > 0)) throw Error(Code::bad_request, "'" + figure + "' needs --debias POWER, such as 0.5");
    if (std::find(known.begin(), known.end(), metric) != known.end()) continue;
    throw Error(Code::bad_request, "there is no metric '" + metric + "'" + did_you_mean(metric, known) + "; see attune list metric");
  }
}

// What stands on the page beside the figures.
eval::PageFacts facts_of(const Context& context, const engine::Workspace& workspace, const Options& options) {
  const std::string name = std::filesystem::weakly_canonical(workspace.settings_path()).parent_path().filename().string();
  return {.title = "Evaluation of " + name,
          .facts = {{"intervals", options.bootstrap > 0 ? std::to_string(options.bootstrap) + " resamples of users" : "none"},
                    {"seed", std::to_string(context.run().seed)},
                    {"machine", std::to_string(core_count()) + (core_count() == 1 ? " core" : " cores")},
                    {"made", fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::time(nullptr)))},
                    {"command", context.command_line}}};
}

void say_report(const Context& context, const Options& options) {
  context.say("report: " + (std::filesystem::path(options.report) / "index.html").string());
}

void evaluate_protocol(const Context& context, const Options& options, const engine::Workspace& workspace, const engine::Settings& settings,
                       const data::Dataset& data, const engine::Reader& reader, const Run& run) {
  const std::vector<std::string> figures = split_commas(options.figures);
  ProtocolRequest request{.protocol = options.protocol.front(), .file = options.protocol.size() > 1 ? options.protocol[1] : ""};
  request.split_settings = split_json(options.split_settings);
  const engine::SplitPlugin& plugin = engine::split_named(options.split);
  request.split = [&](const data::Dataset& d, const data::SplitOptions& o, const Run& r) { return plugin.split(d, request.split_settings, o, r); };
  request.budget = static_cast<std::size_t>(options.budget);
  request.figures = figures;
  if (!figures.empty()) request.figure = figures.front();
  if (options.validation) request.part = data::Part::validation;
  request.eval.ks = options.ks;
  request.eval.bootstrap = options.bootstrap;
  request.models_given = !options.models.empty();
  if (!options.report.empty()) eval::make_report_folder(options.report);
  const Shown shown = run_protocol(request, settings, data, reader, run);
  if (!options.report.empty() && shown.report) eval::write_report(*shown.report, facts_of(context, workspace, options), options.report);
  if (context.json) context.print_json(shown.json);
  else context.print(shown.text + "\n");
  if (!options.report.empty()) say_report(context, options);
}

// Without ratings what would be foretold are the weights of views and purchases, which is no figure about stars.
void check_for_ratings(const data::Store& store, const engine::Settings& settings) {
  std::string valued;   // a type whose events have values
  bool any = false;
  store.read_events(0, [&](const data::StoredEvent& stored) {
    if (!stored.event.value) return;
    if (valued.empty()) valued = stored.event.type;
    const auto type = settings.events.find(stored.event.type);
    any = any || (type != settings.events.end() && type->second.use_value);
  });
  if (any) return;
  if (valued.empty())
    throw Error(Code::bad_data, "--ratings: no event here has a value, so there is no rating to foretell; import a file with one (a column value, rating or stars, or --map value=COLUMN)");
  throw Error(Code::bad_data, "--ratings: events of type '" + valued + "' have values, but they do not count as ratings; if they are: --set events." + valued +
                                  ".use_value=true, and for fits use_value = true under [events." + valued + "] in attune.toml");
}

void evaluate(const Context& context, const Options& options) {
  check(options);
  if (!options.report.empty() && !options.protocol.empty() && !has_report(options.protocol.front()))
    throw Error(Code::bad_request, "--report goes with a split and with --protocol candidates and transfer, not with --protocol " + options.protocol.front());
  if (!options.protocol.empty() && options.protocol.front() == "conversation") {
    judge_conversations(context, {.files = {options.protocol.begin() + 1, options.protocol.end()},
                                  .learn = options.learn, .sets = options.sets, .without = options.without, .ks = options.ks,
                                  .bootstrap = options.bootstrap, .rounds = options.rounds, .no_past = options.no_past, .is_brief = options.is_brief, .with_chat = options.with_chat});
    return;
  }
  if (!options.protocol.empty() && options.protocol.front() == "dialogues") {
    if (options.protocol.size() > 1) throw Error(Code::bad_request, "--protocol dialogues takes no file: the people are the workspace's own users; recorded dialogues are judged by --protocol conversation");
    std::vector<std::string> sets = options.sets;
    if (!options.models.empty()) sets.push_back("models.use=" + options.models);
    judge_people(context, {.sets = sets, .language = options.language, .format = options.format, .users = options.users, .k = options.ks.size() == 1 ? options.ks.front() : 10});
    return;
  }
  if (options.protocol.size() > 2) throw Error(Code::bad_request, "--protocol " + options.protocol.front() + " takes one file");
  const auto workspace = context.open_workspace();
  engine::Settings settings = context.settings(workspace, options.sets);
  if (!options.models.empty()) engine::set(settings, "models.use=" + options.models);
  const auto store = workspace.store();
  const Run run = context.run();
  std::vector<engine::Reading> readings;
  const data::Dataset data = engine::read_dataset(*store, settings, workspace.vectors_path().string(), run, &readings);
  if (!options.protocol.empty()) {
    evaluate_protocol(context, options, workspace, settings, data, engine::Reader(std::move(readings)), run);
    return;
  }
  if (!options.report.empty()) eval::make_report_folder(options.report);
  const engine::SplitPlugin& plugin = engine::split_named(options.split);
  const Json split_settings = split_json(options.split_settings);
  const eval::SplitFn split = [&](const data::Dataset& d, const data::SplitOptions& o, const Run& r) { return plugin.split(d, split_settings, o, r); };
  eval::ProtocolOptions protocol;
  protocol.split.part = options.validation ? data::Part::validation : data::Part::test;
  protocol.split.refit_with_validation = options.refit;
  protocol.split.mask_seen = !options.unmasked;
  protocol.eval.ks = options.ks;
  protocol.eval.bootstrap = options.bootstrap;
  protocol.eval.debias.power = options.debias;
  if (options.ratings) check_for_ratings(*store, settings);
  if (options.ratings) protocol.eval.rated = &data;
  protocol.shuffled_control = !options.no_control;
  if (!options.report.empty()) protocol.calibration_users = 2000;
  for (const auto& [name, features] : data.all_features())
    if (!features->is_sparse()) protocol.eval.vectors = features.get();
  if (!options.run_file.empty() || !options.qrels_file.empty()) write_trec(options, settings, data, split, protocol.split, run);
  const eval::Report report = eval::judge(data, split, contenders(settings, options, split, data), protocol, run);
  if (!options.report.empty()) eval::write_report(report, facts_of(context, workspace, options), options.report);
  if (context.json)
    context.print_json(report.to_json());
  else
    context.print(drawn(options, report));
  if (!options.report.empty()) say_report(context, options);
}

}  // namespace

void add_evaluate(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("evaluate", "judge models side by side on held-out events: full ranking, intervals, controls");
  const auto options = std::make_shared<Options>();
  command->add_option("--models", options->models, "instead of [models] use: slist,ease,popularity");
  command->add_option("--set", options->sets, "section.key=value over the settings, repeatable");
  command->add_option("--split", options->split, "leave_one_out, session, time, ratio, folds, cold_items");
  command->add_option("--protocol", options->protocol, "instead of a split: cold-items, cold-users [PROFILES], candidates LISTS, transfer WORKSPACE, conversation DIALOGUES..., dialogues")->expected(1, 1000)->type_name("NAME [FILE]");
  command->add_option("--learn", options->learn, "of --protocol conversation: dialogues to learn from first, repeatable; default: what `attune dialogues` learned, else the general weights");
  command->add_option("--without", options->without, "of --learn: figures to leave out, such as 'together*', repeatable");
  command->add_option("--rounds", options->rounds, "of --learn: trees on top of the weights; 0 = none")->check(CLI::Range(0, 2000));
  command->add_flag("--general", options->no_past, "of --learn: learn the weights of the general figures alone");
  command->add_flag("--brief", options->is_brief, "of --protocol conversation: the ranker itself, not each figure alone");
  command->add_flag("--chat", options->with_chat, "of --protocol conversation: also the lists of attune chat when the dialogues are said to it, with and without what was learned");
  command->add_option("--users", options->users, "of --protocol dialogues: how many simulated users")->check(CLI::Range(1, 1000000));
  command->add_option("--language", options->language, "of --protocol dialogues: what the users speak, en or zh; default: that of the lists")->check(CLI::IsMember({"en", "zh"}));
  command->add_option("--candidates", options->budget, "of --protocol candidates: length of the lists, the held-out item among them")->check(CLI::Range(2, 10000));
  command->add_option("--split-settings", options->split_settings, "of the split: at=0.9 or folds=5,fold=0");
  command->add_option("--at", options->ks, "cut-offs of the metrics: 5 10 20")->delimiter(',');
  command->add_option("--figures", options->figures, "columns of the table: hr@10,ndcg@10,recall@20,auc; see attune list");
  command->add_option("--bootstrap", options->bootstrap, "resamples of users for the 95% intervals; 0 = none")->check(CLI::Range(0, 100000));
  command->add_option("--debias", options->debias, "against exposure bias: also figures in which a target weighs 1 / propensity, (people who took it / most)^POWER")
      ->check(CLI::Range(0.0, 10.0))->type_name("POWER");
  command->add_flag("--ratings", options->ratings, "also how far off foretold ratings are (use_value = true in [events.NAME]): rmse, mae, beside user and item means");
  command->add_flag("--validation", options->validation, "ask about the validation events, to choose settings without seeing test");
  command->add_flag("--refit", options->refit, "test models learn from the validation events too");
  command->add_flag("--unmasked", options->unmasked, "items of the history may be recommended again");
  command->add_flag("--no-fused", options->no_fused, "leave out the row of all models fused");
  command->add_flag("--no-control", options->no_control, "leave out the rows with tied times shuffled");
  command->add_flag("--segments", options->segments, "also by popularity of the target and length of the history");
  command->add_option("--format", options->format, "table, markdown or csv")->check(CLI::IsMember({"table", "markdown", "csv"}));
  command->add_option("--report", options->report, "folder for a page with pictures (index.html), and the same as Markdown, CSV and JSON")->type_name("DIR");
  command->add_option("--trec-run", options->run_file, "write the first 100 of every list as a TREC run");
  command->add_option("--trec-qrels", options->qrels_file, "write the held-out events as TREC qrels");
  command->add_option("--trec-model", options->run_model, "whose lists --trec-run holds; default: the first model");
  command->footer(
      "Examples:\n"
      "  attune evaluate --models slist,ease,popularity\n"
      "  attune evaluate --split session --figures hr@10,ndcg@10,recall@20\n"
      "  attune evaluate --split time --debias 0.5\n"
      "  attune evaluate --split ratio --ratings --models tuned_cosine,popularity --set tuned_cosine.loss=rating --set events.rating.use_value=true\n"
      "  attune evaluate --validation --models slist --set slist.decay=0.9\n"
      "  attune evaluate --report report\n"
      "  attune evaluate --protocol cold-items --models slist,text_similarity\n"
      "  attune evaluate --protocol cold-users --models slist\n"
      "  attune evaluate --protocol cold-users profiles.tsv      (a line each: user, tab, text)\n"
      "  attune evaluate --protocol candidates lists.tsv         (a line each: user, tab, items; the held-out item is added)\n"
      "  attune -w games evaluate --protocol transfer toys --models alpharec,text_similarity   (learns in toys, ranks games)\n"
      "  attune evaluate --protocol conversation test.jsonl --learn train.jsonl --at 1,5,10,20\n"
      "  attune evaluate --protocol dialogues --users 300        (simulated users with a hidden item of their last basket talk to the chat)");
  command->callback([&context, options] { evaluate(context, *options); });
}

}  // namespace attune::cli
