// attune chat: a conversation in the terminal, or a message a line and a reply a line.
#include <CLI/CLI.hpp>
#include <unistd.h>
#include <memory>

#include "attune/cli/asking.h"
#include "attune/cli/context.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/talk/chat.h"
#include "attune/talk/safety/guard.h"

namespace attune::cli {
namespace {

struct Options {
  std::string user, language;
  int k = 5;
  bool explain = false, learn = false, no_learn = false, remember = false, forget = false;
};


class Conversation {
 public:
  Conversation(const Context& context, const Options& options)
      : context_(context), options_(options), workspace_(context.open_workspace()), engine_(workspace_, context.settings(workspace_, {}), context.run()), chat_(engine_, &workspace_) {
    talk::safety::prepare(context.run());
    const std::string language = options.language.empty() ? engine_.settings().lists.language : options.language;
    if (const std::string unknown = unknown_user(engine_, options.user, language, true); !unknown.empty()) context.say(unknown);   // that somebody new is not known is nothing to tell them
    if (options.forget) talk::forget(engine_, options.user);
    if (options.remember)
      if (auto kept = talk::remembered(engine_, options.user)) dialogue_ = std::move(*kept);
  }

  void run() {
    const bool person = !context_.json && ::isatty(STDIN_FILENO) != 0;
    if (person) context_.print("Say what you are looking for. /undo /explain /new /help /quit\n");
    std::string line;
    while (true) {
      if (person) context_.print("> "), std::fflush(stdout);
      if (!read_message(line)) break;
      if (!context_.json && (line == "/quit" || line == "/exit")) break;
      if (!context_.json && line == "/reading") {
        options_.explain = !options_.explain;
        context_.print(options_.explain ? "Readings are shown.\n" : "Readings are not shown.\n");
        continue;
      }
      answer(line);
      if (bye_ && person) break;
    }
    if (person && !bye_) context_.print("\n");
  }

 private:
  // A line of JSON with "message" may bring its own dialogue, user and language.
  talk::Turn turn_of(const std::string& line) {
    talk::Turn turn{.message = line, .user = options_.user, .language = options_.language, .k = options_.k, .now_ms = now_ms()};
    if (!context_.json || line.empty() || line.front() != '{') return turn;
    Json json;
    try {
      json = Json::parse(line, "the message");
    } catch (const Error&) {
      return turn;      // words that begin with a bracket
    }
    const Json* message = json.find("message");
    if (message == nullptr || !message->is_string()) return turn;
    turn.message = message->as_string();
    if (const Json* user = json.find("user"); user != nullptr && user->is_string()) turn.user = user->as_string();
    if (const Json* language = json.find("language"); language != nullptr && language->is_string()) turn.language = language->as_string();
    if (const Json* dialogue = json.find("dialogue")) dialogue_ = talk::dialogue_from(*dialogue);
    return turn;
  }

  void answer(const std::string& line) {
    try {
      const talk::Turn turn = turn_of(line);
      const talk::Reply reply = chat_.turn(dialogue_, turn);
      dialogue_ = reply.dialogue;
      bye_ = reply.act == "bye";
      if (!options_.no_learn && !reply.feedback.empty() && !turn.user.empty()) engine_.observe(reply.feedback);
      if (options_.remember && !turn.user.empty()) talk::remember(engine_, turn.user, dialogue_);
      if (context_.json) context_.print_json(talk::to_json(reply));
      else context_.print(shown(reply));
      log(reply);
    } catch (const Error& e) {
      if (e.code() == Code::cancelled) throw;
      if (!context_.json) {
        context_.print(printable(e.what(), Lines::keep, 2000) + "\n");
        return;
      }
      Json json = Json::object();
      json["error"]["code"] = name(e.code());
      json["error"]["message"] = printable(e.what(), Lines::keep, 2000);
      context_.print_json(json);
    }
    std::fflush(stdout);
  }

  // A list that could not be logged (another process writes) is no reason not to talk.
  void log(const talk::Reply& reply) {
    if (reply.shown.items.empty()) return;
    try {
      engine_.log(std::span(&reply.shown, 1));
    } catch (const Error& e) {
      if (e.code() != Code::io) throw;
      context_.say(std::string("this list is not in the log of lists shown: ") + e.what());
    }
  }

  std::string shown(const talk::Reply& reply) const {
    std::string text = printable(reply.say, Lines::keep, 8000) + "\n";
    for (std::size_t i = 0; i < reply.items.size(); ++i) {
      const talk::ReplyItem& item = reply.items[i];
      char number[32];
      std::snprintf(number, sizeof number, "%3zu  ", i + 1);
      text += number + printable(item.text.empty() ? item.item : item.text, Lines::escape, 160) + "  [" + printable(item.item) + "]";
      if (!item.because.empty()) text += "\n       " + printable(item.because);
      text += "\n";
    }
    for (const talk::desk::Source& source : reply.sources) text += "  [" + printable(source.name) + "]\n";
    if (options_.explain) text += "  reading: " + printable(talk::to_json(reply.reading).dump()) + "\n";
    return text;
  }

  const Context& context_;
  Options options_;
  engine::Workspace workspace_;
  engine::Engine engine_;
  talk::Chat chat_;
  talk::Dialogue dialogue_;
  bool bye_ = false;
};

}  // namespace

void add_chat(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("chat", "a conversation: say what is wanted, criticise what is shown, ask why");
  const auto options = std::make_shared<Options>();
  command->add_option("--user", options->user, "who speaks: the history counts, and likes and dislikes are learned");
  command->add_option("--language", options->language, "of the replies: en or zh; default: that of the message")->check(CLI::IsMember({"en", "zh"}));
  command->add_option("-k,--k", options->k, "items of a list")->check(CLI::Range(1, 50));
  command->add_flag("--explain", options->explain, "show how each message was read");
  command->add_flag("--no-learn", options->no_learn, "do not store likes and dislikes");
  command->add_flag("--remember", options->remember, "keep the dialogue with the user and go on with it next time; erased with the user");
  command->add_flag("--forget", options->forget, "drop the dialogue that was kept");
  command->footer(
      "Messages come from standard input, a line each; with --json every reply is one line of JSON:\n"
      "  {\"say\", \"items\": [{\"item\", \"text\", \"because\", \"attributes\"}], \"act\", \"reading\", \"dialogue\"}\n"
      "Commands: /undo /explain (why these) /reading (show readings) /new /help /quit\n"
      "Examples:\n"
      "  attune chat --user 13026\n"
      "  echo 'a lantern for the garden, under 5 pounds' | attune chat --json\n"
      "  printf '%s\\n' '红色的包' '便宜点' '不要第二个' | attune chat --language zh");
  command->callback([&context, options] {
    if ((options->remember || options->forget) && options->user.empty()) throw Error(Code::bad_request, "whose dialogue? give --user with --remember or --forget");
    Conversation(context, *options).run();
  });
}

}  // namespace attune::cli
