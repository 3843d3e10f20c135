// attune doctor: what is here, what it takes, what is wrong.
#include <CLI/CLI.hpp>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/printable.h"
#include "attune/data/store.h"
#include "attune/engine/doctor.h"
#include "attune/eval/table.h"

namespace attune::cli {
namespace {

std::string megabytes(std::uint64_t bytes) { return eval::number_text(static_cast<double>(bytes) / 1048576.0, 3) + " MB"; }

void rejections(const data::Store& store, std::size_t limit, Json& report, std::string& text) {
  const auto [reasons, shown] = engine::rejected_rows(store, limit);
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
  for (const auto& [name, state] : engine::snapshot_states(workspace)) {
    if (state != "sound") ++problems;
    text += "  " + name + "  " + megabytes(engine::folder_bytes(workspace.snapshots_path() / name)) + "  " + state + "\n";
    Json row = Json::object();
    row["name"] = name;
    row["state"] = state;
    report["snapshots"].push_back(std::move(row));
  }
}

// What the data need and the settings do not give: types of events nobody weighed, texts in letters that no encoder reads.
void notes(const data::Store& store, const engine::Settings& settings, Json& report, std::string& text) {
  engine::Scripts scripts;
  store.read_records(data::Kind::item, [&](const data::Record& item) { scripts.add(item.text); });
  std::vector<std::string> found = engine::unknown_types(engine::event_types(store), settings);
  if (std::string unread = scripts.problem(settings); !unread.empty()) found.push_back(std::move(unread));
  report["notes"] = Json::array();
  for (const std::string& note : found) {
    text += "note: " + printable(note) + "\n";
    report["notes"].push_back(note);
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
  if (problems == 0) notes(*store, settings, report, text);   // a damaged store is not read whole
  text += "snapshots\n";
  snapshots(workspace, report, text, problems);
  text += "machine\n  " + std::to_string(core_count()) + " cores, kernels " + kernel_name() + ", " + blas_name() + "\n";
  report["kernels"] = kernel_name();
  report["blas"] = blas_name();
  for (const engine::EncoderState& encoder : engine::encoder_states(settings)) {
    text += "  encoder " + encoder.name + ": " + (encoder.problem.empty() ? encoder.path : encoder.problem) + "\n";
    if (!encoder.problem.empty()) ++problems;
  }
  report["memory"] = Json::array();
  text += "memory for a fit (budget " + settings.memory.budget + "; models that need more give way to ials)\n";
  for (const engine::MemoryNeed& need : engine::memory_needs(counts, settings)) {
    text += "  " + need.what + "  " + megabytes(static_cast<std::uint64_t>(need.bytes)) + (need.bytes > static_cast<double>(settings.memory_bytes()) ? "  OVER BUDGET" : "") + "  (" + need.how + ")\n";
    Json row = Json::object();
    row["what"] = need.what;
    row["bytes"] = need.bytes;
    row["how"] = need.how;
    report["memory"].push_back(std::move(row));
  }
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
