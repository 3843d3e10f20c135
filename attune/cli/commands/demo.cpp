// attune demo: a gift shop's year of invoices, from file to explained lists, by the commands anyone would type.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "attune/cli/app.h"
#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/data/store.h"

namespace attune::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFile = "data/online-retail/transactions.csv.gz";

fs::path find_data(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code problem;
  for (fs::path folder = fs::current_path(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / kFile, problem)) return folder / kFile;
    if (folder == folder.parent_path()) break;
  }
  throw Error(Code::not_found, std::string("the demo's data (") + kFile + ") is not in this folder or above it; run it in the project's folder or give --data FILE");
}

Code code_of(int exit) {
  for (const Code code : {Code::bad_request, Code::not_found, Code::bad_data, Code::io, Code::unsupported, Code::cancelled})
    if (exit_code(code) == exit) return code;
  return Code::internal;
}

void step(const Context& context, const std::string& workspace, const std::string& title, std::vector<std::string> arguments) {
  std::string line;
  for (const std::string& a : arguments) line += a.find(' ') == std::string::npos ? " " + a : " \"" + a + "\"";
  if (!context.json) context.print("\n== " + title + "\n$ attune -w " + workspace + line + "\n");
  arguments.insert(arguments.begin(), {"-w", workspace});
  if (context.quiet) arguments.insert(arguments.begin(), "-q");
  if (context.json) arguments.insert(arguments.begin(), "--json");
  const int code = run(std::move(arguments));
  if (code == kNobodyReads) throw NobodyReads();
  if (code != 0) throw Error(code_of(code), "the demo stops here: attune" + line + " ended with exit code " + std::to_string(code));
}

// The customer with the most different items in a middling number of events: a history worth showing.
std::string a_customer(const fs::path& workspace) {
  const auto store = engine::Workspace::open(workspace).store();
  std::string best;
  std::size_t best_distance = SIZE_MAX;
  std::string last;
  std::map<std::string, std::size_t> counts;
  store->read_events(0, [&](const data::StoredEvent& e) { ++counts[e.event.user]; });
  for (const auto& [user, n] : counts) {
    const std::size_t distance = n > 40 ? n - 40 : 40 - n;
    if (!user.starts_with("session:") && distance < best_distance) {
      best = user;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace

void add_demo(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("demo", "a gift shop's year: import, read, fit, judge, recommend, explain");
  const auto data = std::make_shared<std::string>();
  command->add_option("--data", *data, "the invoice file; default: the one that comes with the project");
  command->footer("Example: attune -w /tmp/shop demo");
  command->callback([&context, data] {
    const std::string shop = context.workspace.empty() ? "demo-shop" : context.workspace;
    const fs::path file = find_data(*data);
    step(context, shop, "A workspace: one folder, no service to start", {"init"});
    step(context, shop, "A year of invoices, cleaned as it comes in", {"import", file.string()});
    step(context, shop, "Read every product text with a Transformer, fit models, judge them on held-out purchases, seal a snapshot", {"fit"});
    const std::string customer = a_customer(shop);
    step(context, shop, "A list for a customer, each item with its reason", {"recommend", "--user", customer, "--k", "8"});
    step(context, shop, "The same in Chinese, cheaper things, more variety",
         {"recommend", "--user", customer, "--k", "5", "--filter", "price < 3", "--diversity", "0.4", "--language", "zh"});
    step(context, shop, "The exact parts of a score", {"recommend", "--user", customer, "--k", "2", "--explain"});
    step(context, shop, "Somebody nobody knows, in their own words", {"recommend", "--about", "lights and candles for a garden party", "--k", "5"});
    step(context, shop, "Items like one", {"similar", "85123A", "--k", "5"});
    if (!context.json) context.print("\nThe workspace is in " + shop + ". Go on: attune -w " + shop + " --help\n");
  });
}

}  // namespace attune::cli
