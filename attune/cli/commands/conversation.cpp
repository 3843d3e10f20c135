// attune evaluate --protocol conversation and dialogues, attune dialogues: recorded dialogues judged by and learned from, simulated users.
#include "attune/cli/commands/conversation.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "attune/core/error.h"
#include "attune/engine/engine.h"
#include "attune/talk/people/protocol.h"
#include "attune/talk/ranking/dialogue_file.h"
#include "attune/talk/ranking/judge.h"
#include "attune/talk/replay.h"

namespace attune::cli {
namespace {

namespace ranking = talk::ranking;

std::filesystem::path ranker_path(const engine::Workspace& workspace) { return workspace.folder() / "talk" / "ranker.bin"; }

// What a file gave and what it did not, for people.
std::string told(const std::string& path, const ranking::DialogueFile& file) {
  std::string text = std::filesystem::path(path).filename().string() + ": " + std::to_string(file.conversations.size()) + " dialogues (" + file.format + "), " +
                     std::to_string(file.known) + " names of items known";
  if (file.unknown > 0) {
    text += ", " + std::to_string(file.unknown) + " not in the catalogue and left out (";
    for (std::size_t e = 0; e < file.examples.size(); ++e) text += (e == 0 ? "" : "; ") + file.examples[e];
    text += file.unknown > file.examples.size() ? "; ...)" : ")";
  }
  if (file.bad_lines > 0) text += "; " + std::to_string(file.bad_lines) + " lines passed over, the first: " + file.first_problem;
  return text;
}

std::vector<ranking::Conversation> read(const std::vector<std::string>& paths, const rank::World& world, const Run& run, std::vector<std::string>& notes) {
  const ranking::ItemNames names(world);
  std::vector<ranking::Conversation> all;
  for (const std::string& path : paths) {
    ranking::DialogueFile file = ranking::read_dialogues(path, world, names, run);
    notes.push_back(told(path, file));
    for (ranking::Conversation& conversation : file.conversations) all.push_back(std::move(conversation));
  }
  return all;
}

// What the chat lists when the dialogues are said to it, as scores: the best kPool by their places.
ranking::ListMaker chat_maker(std::string name, const engine::Engine& engine, const talk::Lexicon& lexicon, const ranking::Advisor* advisor) {
  return {.name = std::move(name), .by_words = [&engine, &lexicon, advisor](const ranking::Conversation& said) {
            std::vector<float> scores(lexicon.world().item_count(), 0.0f);
            const std::vector<ItemId> list = talk::replayed(engine, lexicon, advisor, said);
            for (std::size_t at = 0; at < list.size(); ++at) scores[to_index(list[at])] = static_cast<float>(list.size() - at);
            return scores;
          }};
}

Json weights_json(const ranking::Ranker& ranker, const ranking::View& view) {
  Json weights = Json::object();
  for (const std::string& name : ranker.names(view))
    if (const double weight = ranker.weight(name); weight != 0) weights[name] = weight;
  return weights;
}

}  // namespace

void judge_conversations(const Context& context, const ConversationRequest& request) {
  if (request.files.empty()) throw Error(Code::bad_request, "conversation needs dialogues: attune evaluate --protocol conversation FILE... [--learn FILE]");
  const auto workspace = context.open_workspace();
  const Run run = context.run();
  const engine::Engine engine(workspace, context.settings(workspace, request.sets), run);
  const auto world = engine.world();
  const ranking::View view(world, engine.snapshot()->reader, run);
  const std::string cache = (workspace.folder() / "talk" / "vectors").string();   // the same dialogues are judged by again and again
  std::vector<std::string> notes;
  ranking::Ranker ranker;
  if (!request.learn.empty()) {
    const auto dialogues = read(request.learn, *world, run, notes);
    ranking::LearnOptions options{.rounds = request.rounds, .without = request.without, .without_past = request.no_past, .cache_folder = cache};
    ranker = ranking::Ranker::learn(view, dialogues, options, run);
    notes.push_back("learned from " + std::to_string(dialogues.size()) + " dialogues; what a question is learned by comes from dialogues of other folds");
  } else if (std::filesystem::exists(ranker_path(workspace))) {
    ranker = ranking::Ranker::load(ranker_path(workspace));
  }
  const auto asked = read(request.files, *world, run, notes);
  auto makers = ranking::usual_makers(view, ranker);
  if (request.is_brief) makers.resize(ranker.is_learned() ? 2 : 1);
  std::optional<talk::Lexicon> lexicon;
  const ranking::Advisor advisor(ranker);
  if (request.with_chat) {
    lexicon.emplace(world);
    if (ranker.is_learned()) makers.push_back(chat_maker("chat", engine, *lexicon, &advisor));
    makers.push_back(chat_maker(ranker.is_learned() ? "chat, nothing learned" : "chat", engine, *lexicon, nullptr));
  }
  ranking::ConversationReport report = ranking::judge(view, ranker, asked, makers, {.ks = request.ks, .bootstrap = request.bootstrap, .cache_folder = cache}, run);
  notes.push_back("a case is a turn with one item that the recommender names there for the first time; items named before are neither targets nor candidates");
  report.notes = notes;
  if (context.json) {
    Json json = report.to_json();
    json["weights"] = weights_json(ranker, view);
    context.print_json(json);
  } else {
    context.print(report.table().text() + "\n");
  }
}

void judge_people(const Context& context, const PeopleRequest& request) {
  const auto workspace = context.open_workspace();
  const engine::Settings settings = context.settings(workspace, request.sets);
  const Run run = context.run();
  const talk::people::Options options{.language = request.language.empty() ? settings.lists.language : request.language, .users = static_cast<std::size_t>(request.users), .k = request.k, .seed = run.seed};
  const auto report = talk::people::judge_workspace(workspace, settings, workspace.folder() / "talk" / "people", options, run);
  if (context.json) return context.print_json(report.to_json());
  const eval::Table table = report.table();
  context.print(request.format == "markdown" ? table.markdown() : request.format == "csv" ? table.csv() : table.text() + "\n");
}

void add_dialogues(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("dialogues", "learn from recorded dialogues what to recommend after what was said; used by the chat, judged by evaluate --protocol conversation");
  const auto files = std::make_shared<std::vector<std::string>>();
  const auto rounds = std::make_shared<int>(100);
  command->add_option("files", *files, "dialogues: one a line as JSON, ReDial, INSPIRED, OpenDialKG or CrossWOZ")->required();
  command->add_option("--rounds", *rounds, "trees on top of the weights; 0 = none")->check(CLI::Range(0, 2000));
  command->footer(
      "A line is a dialogue: {\"turns\": [{\"speaker\": \"seeker\", \"text\": \"something like Alien\", \"items\": [\"Alien\"]}, {\"speaker\": \"recommender\", ...}]}\n"
      "Example: attune dialogues calls.jsonl");
  command->callback([&context, files, rounds] {
    const auto workspace = context.open_workspace();
    const Run run = context.run();
    const engine::Engine engine(workspace, context.settings(workspace, {}), run);
    const auto world = engine.world();
    const ranking::View view(world, engine.snapshot()->reader, run);
    std::vector<std::string> notes;
    const auto dialogues = read(*files, *world, run, notes);
    const auto ranker = ranking::Ranker::learn(view, dialogues, {.rounds = *rounds}, run);
    ranker.save(ranker_path(workspace));
    if (context.json) {
      Json json = Json::object();
      json["dialogues"] = dialogues.size();
      json["questions"] = ranker.past()->question_count();
      json["file"] = ranker_path(workspace).string();
      Json remarks = Json::array();
      for (const std::string& note : notes) remarks.push_back(note);
      json["notes"] = std::move(remarks);
      json["weights"] = weights_json(ranker, view);
      context.print_json(json);
      return;
    }
    std::string text;
    for (const std::string& note : notes) text += note + "\n";
    context.print(text + "learned from " + std::to_string(dialogues.size()) + " dialogues, " + std::to_string(ranker.past()->question_count()) + " turns that recommend something new\n");
  });
}

}  // namespace attune::cli
