// attune desk: a service desk's answers: import, train, answer, learn, evaluate.
#include <CLI/CLI.hpp>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/talk/desk/desk.h"
#include "attune/talk/desk/evaluate.h"

namespace attune::cli {
namespace fs = std::filesystem;
namespace desk = talk::desk;
namespace {


fs::path folder_of(const engine::Workspace& workspace) { return workspace.folder() / "desk"; }
std::chrono::year_month_day today() { return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())); }

// What to type next, for the workspace that was named.
std::string next(const Context& context, const std::string& command) { return "next: " + context.typed() + "desk " + command + "\n"; }

// What import_files or forget_files says it did to the desk's content, which is kept.
template <class Change>
std::vector<desk::Imported> changed(const Context& context, const std::vector<std::string>& files, desk::Content& content, const Change& change) {
  const auto workspace = context.open_workspace();
  content = desk::load_content(folder_of(workspace));
  const std::vector<fs::path> paths(files.begin(), files.end());
  std::vector<desk::Imported> reports = change(content, paths, context.run());
  desk::save_content(content, folder_of(workspace));
  return reports;
}

void import(const Context& context, const std::vector<std::string>& files) {
  desk::Content content;
  const auto reports = changed(context, files, content, desk::import_files);
  Json json = Json::array();
  std::string text;
  for (const desk::Imported& r : reports) {
    Json one = Json::object();
    one["file"] = r.file, one["kind"] = r.kind, one["taken"] = r.taken, one["repeated"] = r.repeated, one["problems"] = Json::array();
    for (const std::string& p : r.problems) one["problems"].push_back(p);
    json.push_back(std::move(one));
    text += r.file + "\n  " + (r.kind == "document" ? std::to_string(r.taken) + " passages" : std::to_string(r.taken) + " " + r.kind) +
            (r.repeated > 0 ? ", " + std::to_string(r.repeated) + " known already" : "") + "\n";
    for (const std::string& p : r.problems) text += "  " + printable(p) + "\n";
  }
  context.json ? context.print_json(json) : context.print(text + next(context, "train"));
}

void forget(const Context& context, const std::vector<std::string>& files) {
  desk::Content content;
  const auto reports = changed(context, files, content, desk::forget_files);
  Json json = Json::array();
  std::string text;
  for (const desk::Imported& r : reports) {
    Json one = Json::object();
    one["file"] = r.file, one["forgotten"] = r.taken;
    json.push_back(std::move(one));
    text += r.file + "\n  " + std::to_string(r.taken) + " forgotten\n";
  }
  context.json ? context.print_json(json) : context.print(text + next(context, content.empty() ? "import" : "train"));
}

void train(const Context& context, const desk::TrainOptions& options) {
  const auto workspace = context.open_workspace();
  const auto lock = workspace.lock_for_fit();
  const auto began = std::chrono::steady_clock::now();
  const desk::TrainReport r = desk::Desk::train(folder_of(workspace), workspace.vectors_path(), options, context.run());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (context.json) {
    Json json = r.to_json();
    json["seconds"] = std::round(10 * seconds) / 10;
    return context.print_json(json);
  }
  char row[160];
  std::string text = std::to_string(r.intents) + " intents from " + std::to_string(r.messages) + " messages";
  if (r.messages > 0) {
    std::snprintf(row, sizeof row, ", %.1f %% of them read right by what the others taught", 100 * r.accuracy);
    text += row;
  }
  text += "\n" + std::to_string(r.faq) + " questions, " + std::to_string(r.passages) + " passages, " + std::to_string(r.picks) + " picks of agents\n";
  std::snprintf(row, sizeof row, "%.0f s, %.1f MB", seconds, static_cast<double>(r.bytes) / 1e6);
  text += row;
  if (r.tuned > 0) {
    std::snprintf(row, sizeof row, "; %zu tuned encoder%s, %.0f %% of the answer", r.tuned, r.tuned == 1 ? "" : "s", 100 * r.tuned_weight);
    text += row;
  }
  text += "\n";
  if (r.outside < 20) text += "note: with 20 or more messages of intent out_of_scope the desk learns better what to hand over (now " + std::to_string(r.outside) + ")\n";
  if (r.tuned > 0 && r.tuned_weight == 0) text += "note: the tuned encoders do not help on messages that did not teach; attune desk train without --tune answers the same, faster\n";
  context.print(text + next(context, "answer"));
}

// One line in, one line out; conversations by name.
class Talk {
 public:
  Talk(const Context& context, desk::Desk& desk) : context_(context), desk_(desk) {}

  void line(const std::string& typed) {
    std::string message = typed, name, picked;
    if (const std::size_t first = typed.find_first_not_of(" \t\r"); first != std::string::npos && typed[first] == '{') {
      const Json json = Json::parse(typed, "the line");
      message.clear();
      for (const auto& [key, value] : json.as_object()) {
        if (key == "message") message = value.as_string();
        else if (key == "conversation") name = value.as_string();
        else if (key == "picked") picked = value.as_string();
        else throw Error(Code::bad_request, "nobody knows '" + key.substr(0, 64) + "' in a line; there are message, conversation, picked");
      }
    }
    auto& [conversation, last] = conversations_[name];
    if (!picked.empty()) {
      desk_.learn({message.empty() ? last : message, picked}, context_.run());
      if (context_.json) {
        Json json = Json::object();
        json["learned"] = picked;
        context_.print_json(json);
      } else {
        context_.print("learned: " + picked + "\n");
      }
      return;
    }
    const desk::DeskReply reply = desk_.answer(message, conversation, today(), context_.run());
    last = message;
    if (context_.json) return context_.print_json(reply.to_json());
    std::string text = printable(reply.answer, Lines::keep) + "\n";
    for (const desk::Source& s : reply.sources) text += "  [" + printable(s.name) + "]\n";
    if (reply.handover) text += "  (" + printable(reply.summary) + ")\n";
    context_.print(text);
  }

 private:
  const Context& context_;
  desk::Desk& desk_;
  std::map<std::string, std::pair<desk::Conversation, std::string>> conversations_;
};

void answer(const Context& context, const std::string& message) {
  const auto workspace = context.open_workspace();
  desk::Desk desk = desk::Desk::open(folder_of(workspace), workspace.vectors_path(), context.run());
  Talk talk(context, desk);
  if (!message.empty()) return talk.line(message);
  if (::isatty(STDIN_FILENO) != 0) context.say("a message a line; Ctrl-D ends");
  for (std::string line; read_message(line);) {
    context.run().check();
    try {
      talk.line(line);
    } catch (const Error& e) {
      if (e.code() != Code::bad_request && e.code() != Code::bad_data && e.code() != Code::not_found) throw;
      Json json = Json::object();   // a line that cannot be read costs itself
      json["error"]["code"] = attune::name(e.code()), json["error"]["message"] = printable(e.what());
      context.json ? context.print_json(json) : context.print("attune: " + printable(e.what()) + "\n");
    }
    std::fflush(stdout);
  }
}

void learn(const Context& context, const std::string& message, const std::string& picked) {
  const auto workspace = context.open_workspace();
  desk::Desk desk = desk::Desk::open(folder_of(workspace), workspace.vectors_path(), context.run());
  desk.learn({message, picked}, context.run());
  Json json = Json::object();
  json["learned"] = picked;
  context.json ? context.print_json(json) : context.print("learned: from the next message on\n");
}

void evaluate(const Context& context, const std::string& test) {
  const auto workspace = context.open_workspace();
  const Json json = desk::evaluate(folder_of(workspace), workspace.vectors_path(), test, context.run());
  context.json ? context.print_json(json) : context.print(desk::shown(json));
}

}  // namespace

void add_desk(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("desk", "a service desk: answers to customers from templates, questions and documents; hands over when unsure");
  command->require_subcommand(1);
  command->footer("First steps:\n  attune desk import templates.csv faq.jsonl docs/*.md\n  attune desk train\n  echo 'where is my order 48213?' | attune desk answer --json\n"
                  "Columns: templates: template, intent, text [language, style, needs, examples]; FAQ: question, answer [name]; messages: text, intent.");
  auto* importing = command->add_subcommand("import", "take in answer templates, questions, messages of known intents, documents");
  const auto files = std::make_shared<std::vector<std::string>>();
  importing->add_option("files", *files, "CSV, TSV, JSONL, JSON, Markdown or text files")->required();
  importing->footer("Example: attune desk import templates.csv faq.jsonl docs/*.md");
  importing->callback([&context, files] { import(context, *files); });
  auto* forgetting = command->add_subcommand("forget", "take out again what files brought in by import");
  const auto unwanted = std::make_shared<std::vector<std::string>>();
  forgetting->add_option("files", *unwanted, "the files that were imported; of a document its name is enough")->required();
  forgetting->footer("What another file brought as well goes too: import that again.\nExample: attune desk forget items.csv");
  forgetting->callback([&context, unwanted] { forget(context, *unwanted); });
  auto* training = command->add_subcommand("train", "learn the intents, how to search, and when to hand over");
  const auto how = std::make_shared<desk::TrainOptions>();
  training->add_option("--kept", how->kept, "share of messages of known intents that are not to be taken for strange ones")->capture_default_str();
  training->add_option("--tune", how->tuned, "copies of MiniLM tuned to the intents, 0 to 8; worth it from some 20 messages an intent on; minutes and 46 MB each")->capture_default_str();
  training->callback([&context, how] { train(context, *how); });
  auto* answering = command->add_subcommand("answer", "answer messages: one a line on standard input, one reply a line");
  const auto message = std::make_shared<std::string>();
  answering->add_option("message", *message, "one message, instead of standard input");
  answering->footer("A line is a message, or {\"message\": ..., \"conversation\": \"name\"}, or {\"picked\": \"template\"} for the message before.\nExample: attune desk answer --json < messages.txt");
  answering->callback([&context, message] { answer(context, *message); });
  auto* learning = command->add_subcommand("learn", "tell what an agent answered to a message; in the next answer, and kept");
  const auto picked = std::make_shared<std::pair<std::string, std::string>>();
  learning->add_option("message", picked->first, "what the customer wrote")->required();
  learning->add_option("picked", picked->second, "name of the template, question or intent")->required();
  learning->footer("Example: attune desk learn \"my stuff is still not here\" order_where_casual");
  learning->callback([&context, picked] { learn(context, picked->first, picked->second); });
  auto* judging = command->add_subcommand("evaluate", "how often intents and questions are found, on messages that did not teach them");
  const auto test = std::make_shared<std::string>();
  judging->add_option("--test", *test, "messages with their intent that were not imported (CSV, JSONL); default: parts of the imported ones take turns");
  judging->callback([&context, test] { evaluate(context, *test); });
}

}  // namespace attune::cli
