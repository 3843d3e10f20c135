// attune fit: encode what is new, fit, judge, seal a snapshot.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/context.h"
#include "attune/engine/fit.h"
#include "attune/eval/table.h"

namespace attune::cli {
namespace {

struct Options {
  std::string models;
  std::vector<std::string> sets;
  bool no_evaluate = false;
};

Json cell(const Json& row, const char* figure) {
  const Json* found = row.find(figure);
  return found == nullptr ? Json() : found->at("mean");
}

void print_report(const Context& context, const engine::FitReport& report) {
  const Json& record = report.record;
  if (const Json* test = record.find("test")) {
    eval::Table table;
    table.title = "Held-out events (" + record.at("split").as_string() + "), ranked among the whole catalogue";
    table.columns = {{"model", false}, {"hr@10"}, {"ndcg@10"}, {"95% from"}, {"to"}, {"mrr@10"}, {"coverage@10"}, {"users"}};
    for (const Json& row : test->as_array()) {
      const Json* ndcg = row.find("ndcg@10");
      table.rows.push_back({row.at("model"), cell(row, "hr@10"), cell(row, "ndcg@10"), ndcg != nullptr ? ndcg->at("low") : Json(),
                            ndcg != nullptr ? ndcg->at("high") : Json(), cell(row, "mrr@10"), cell(row, "coverage@10"),
                            row.at("users")});
    }
    const double tied = record.at("tied_share").as_number();
    if (tied > 0.01)
      table.notes.push_back(std::to_string(static_cast<int>(tied * 100 + 0.5)) +
                            "% of the held-out events share their time with the event before (one basket): attune evaluate (its rows marked shuffled) and --split session show what that is worth");
    context.print(table.text() + "\n");
  }
  double seconds = 0;
  std::string steps;
  for (const Json& step : record.at("steps").as_array()) {
    seconds += step.at("seconds").as_number();
    steps += (steps.empty() ? "" : ", ") + step.at("what").as_string() + " " + eval::number_text(step.at("seconds").as_number(), 2) + " s";
  }
  context.print("sealed snapshot " + report.snapshot + " in " + eval::number_text(seconds, 3) + " s (" + steps + ")\n" +
                "next: " + context.typed() + "recommend --user NAME --explain\n");
}

}  // namespace

void add_fit(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("fit", "read the texts that are new, fit the models, judge them on held-out events, seal a snapshot");
  const auto options = std::make_shared<Options>();
  command->add_option("--models", options->models, "instead of [models] use: slist,ease");
  command->add_option("--set", options->sets, "section.key=value over the settings, repeatable: --set slist.lambda=200");
  command->add_flag("--no-evaluate", options->no_evaluate, "skip judging and learning weights: quicker, all models count the same");
  command->footer("Example: attune -w shop fit --models slist,popularity --set slist.decay=0.9");
  command->callback([&context, options] {
    const auto workspace = context.open_workspace();
    engine::Settings settings = context.settings(workspace, options->sets);
    if (!options->models.empty()) engine::set(settings, "models.use=" + options->models);
    if (options->no_evaluate) settings.fit.evaluate = false;
    const engine::FitReport report = engine::fit(workspace, settings, context.run());
    if (context.json) {
      Json json = Json::object();
      json["snapshot"] = report.snapshot;
      json["record"] = report.record;
      context.print_json(json);
    } else {
      print_report(context, report);
    }
  });
}

}  // namespace attune::cli
