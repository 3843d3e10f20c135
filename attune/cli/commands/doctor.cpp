// attune doctor: what is here, what it takes, what is wrong.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/printable.h"
#include "attune/data/import.h"
#include "attune/data/store.h"
#include "attune/engine/snapshot.h"
#include "attune/eval/table.h"
#include "attune/lm/language_model.h"

namespace attune::cli {
namespace fs = std::filesystem;
namespace {

std::string megabytes(std::uint64_t bytes) { return eval::number_text(static_cast<double>(bytes) / 1048576.0, 3) + " MB"; }

std::uint64_t folder_bytes(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code problem;
  for (const auto& entry : fs::recursive_directory_iterator(folder, problem))
    if (entry.is_regular_file(problem)) sum += entry.file_size(problem);
  return sum;
}

// What one fit and one server take, model by model, against the budget.
Json memory_budget(const data::StoreCounts& counts, const engine::Settings& settings) {
  Json rows = Json::array();
  const auto add = [&](const std::string& what, double bytes, const std::string& how) {
    Json row = Json::object();
    row["what"] = what;
    row["bytes"] = bytes;
    row["how"] = how;
    rows.push_back(std::move(row));
  };
  const auto items = static_cast<double>(counts.items), users = static_cast<double>(counts.users), events = static_cast<double>(counts.events);
  add("dataset", events * 50 + (users + items) * 100, "50 bytes an event, 100 a user and an item");
  for (const std::string& name : settings.models) {
    if (name == "ease") add(name, 3 * items * items * 4, "3 matrices of items x items while fitting, 1 to serve");
    else if (name == "slist") add(name, 4 * items * items * 4, "4 matrices of items x items while fitting, 1 to serve");
    else if (name == "item_knn") add(name, items * 500 * 8, "at most 500 neighbours an item");
    else if (name == "ials") add(name, (items + users) * 128 * 4 * 2, "a vector of 128 a user and an item");
    else add(name, items * 16, "a few numbers an item");
  }
  return rows;
}

void rejections(const data::Store& store, std::size_t limit, Json& report, std::string& text) {
  std::map<std::string, std::uint64_t> reasons;
  std::vector<data::Rejection> shown;
  store.read_rejections(SIZE_MAX, [&](const data::Rejection& r) {
    ++reasons[data::without_values(r.reason)];
    if (shown.size() < limit) shown.push_back(r);
  });
  report["rejections"] = Json::array();
  if (reasons.empty()) return;
  text += "rows set aside\n";
  for (const auto& [reason, n] : reasons) {
    text += "  " + std::to_string(n) + "  " + printable(reason) + "\n";
    Json row = Json::object();
    row["reason"] = reason;
    row["rows"] = static_cast<unsigned long long>(n);
    report["rejections"].push_back(std::move(row));
  }
  for (const data::Rejection& r : shown) {
    text += "    " + printable(r.file) + ":" + std::to_string(r.line) + ": " + printable(r.reason) + "\n";
    Json row = Json::object();
    row["file"] = r.file;
    row["line"] = static_cast<unsigned long long>(r.line);
    row["reason"] = r.reason;
    row["text"] = r.text;
    report["rejected_rows"].push_back(std::move(row));
  }
}

void snapshots(const engine::Workspace& workspace, Json& report, std::string& text, int& problems) {
  report["snapshots"] = Json::array();
  for (const std::string& name : engine::snapshot_names(workspace.snapshots_path())) {
    std::string state = "sound";
    try {
      engine::open_snapshot(workspace.snapshots_path() / name);
    } catch (const Error& e) {
      state = e.what();
      ++problems;
    }
    text += "  " + name + "  " + megabytes(folder_bytes(workspace.snapshots_path() / name)) + "  " + state + "\n";
    Json row = Json::object();
    row["name"] = name;
    row["state"] = state;
    report["snapshots"].push_back(std::move(row));
  }
}

void doctor(const Context& context, std::size_t limit) {
  const auto workspace = context.open_workspace();
  const engine::Settings settings = context.settings(workspace, {});
  const auto store = workspace.store();
  const data::StoreCounts counts = store->counts();
  int problems = 0;
  Json report = Json::object();
  std::string text = "workspace " + workspace.folder().string() + "\n";
  report["workspace"] = workspace.folder().string();
  report["store"] = workspace.store_name();
  if (!workspace.store_url().empty()) text += "  store  " + workspace.store_name() + "\n";
  for (const auto& [what, n] : {std::pair{"events", counts.events}, {"users", counts.users}, {"items", counts.items},
                                {"exposures", counts.exposures}, {"imports", counts.imports}, {"store_bytes", counts.size_bytes}}) {
    report[what] = static_cast<unsigned long long>(n);
    text += std::string("  ") + what + "  " + std::to_string(n) + "\n";
  }
  report["damage"] = Json::array();
  for (const std::string& damage : store->damage()) {
    ++problems;
    text += "  store damaged: " + printable(damage) + (workspace.store_url().empty() ? "; put a backup in its place, or move attune.db away and import again\n" : "; restore the database from a backup\n");
    report["damage"].push_back(damage);
  }
  rejections(*store, limit, report, text);
  text += "snapshots\n";
  snapshots(workspace, report, text, problems);
  text += "machine\n  " + std::to_string(core_count()) + " cores, kernels " + kernel_name() + ", " + blas_name() + "\n";
  report["kernels"] = kernel_name();
  report["blas"] = blas_name();
  for (const std::string& encoder : settings.encoders) {
    if (encoder == "tfidf") continue;
    try {
      const fs::path file = lm::find_model(encoder + ".gguf");
      text += "  encoder " + encoder + ": " + file.string() + "\n";
    } catch (const Error& e) {
      text += "  encoder " + encoder + ": " + e.what() + "\n";
      ++problems;
    }
  }
  const Json budget = memory_budget(counts, settings);
  text += "memory for a fit (budget " + settings.memory.budget + "; models that need more give way to ials)\n";
  for (const Json& row : budget.as_array())
    text += "  " + row.at("what").as_string() + "  " + megabytes(static_cast<std::uint64_t>(row.at("bytes").as_number())) +
            (row.at("bytes").as_number() > static_cast<double>(settings.memory_bytes()) ? "  OVER BUDGET" : "") + "  (" +
            row.at("how").as_string() + ")\n";
  report["memory"] = budget;
  report["memory_budget_bytes"] = static_cast<unsigned long long>(settings.memory_bytes());
  report["problems"] = problems;
  text += problems == 0 ? "no problems found\n" : std::to_string(problems) + " problems found, see above\n";
  context.json ? context.print_json(report) : context.print(text);
  if (problems > 0) throw CLI::RuntimeError(exit_code(Code::bad_data));
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("doctor", "what is here, what it takes, what is wrong: rows set aside, damaged snapshots, memory");
  const auto limit = std::make_shared<std::size_t>(20);
  command->add_option("--rows", *limit, "how many rows that were set aside to show");
  command->footer("Ends with code 4 when something is wrong.\nExamples:\n  attune doctor\n  attune -w shop doctor --rows 100");
  command->callback([&context, limit] { doctor(context, *limit); });
}

}  // namespace attune::cli
