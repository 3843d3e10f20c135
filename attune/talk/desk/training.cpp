// Training of a desk: lessons out of its content and picks, intents and search weights out of lessons; the new files stand beside the
// old ones until desk.json names them.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/lm/language_model.h"
#include "attune/talk/desk/customer_text.h"
#include "attune/talk/desk/desk_state.h"
#include "attune/talk/desk/picks.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr int kMostTuned = 8;
constexpr const char* kTunedModel = "minilm.gguf";

// The name "" is of what questions and passages answer: told apart from the intents like one of them, so that a message about what
// sending costs is not read as one about where a parcel is.
std::vector<std::string> intent_names(const Content& content) {
  std::set<std::string> names;
  if (!content.faq.empty() || !content.passages.empty()) names.insert("");
  for (const Template& t : content.templates) names.insert(t.intent);
  for (const Example& e : content.examples)
    if (!e.intent.empty()) names.insert(e.intent);
  return {names.begin(), names.end()};
}

struct Taught {
  Lessons lessons;
  std::vector<std::string> outside;
  std::size_t messages = 0;   // of the lessons, those that were imported with their intent
};

Taught lessons_of(const Content& content, const std::vector<Pick>& picks, const std::vector<std::string>& names) {
  Taught taught;
  const auto teach = [&](std::string text, const std::string& intent) {
    taught.lessons.texts.push_back(std::move(text));
    taught.lessons.labels.push_back(static_cast<std::uint32_t>(std::lower_bound(names.begin(), names.end(), intent) - names.begin()));
  };
  for (const Example& e : content.examples) {
    std::string text = read_for_intents(e.text);
    if (text.empty()) continue;
    if (e.intent.empty()) taught.outside.push_back(std::move(text));
    else teach(std::move(text), e.intent);
  }
  taught.messages = taught.lessons.texts.size();
  for (const Faq& f : content.faq) teach(readable(f.question), "");
  for (const Passage& p : content.passages) teach(readable(p.heading.empty() ? p.text.substr(0, 200) : p.heading), "");
  for (const Pick& pick : picks) {
    const auto t = std::find_if(content.templates.begin(), content.templates.end(), [&](const Template& one) { return one.name == pick.picked; });
    const std::string& intent = t == content.templates.end() ? pick.picked : t->intent;
    if (std::binary_search(names.begin(), names.end(), intent)) teach(pick.message, intent);
  }
  return taught;
}

// The last wording of every question that has several asks for the others; messages of no intent have no answer.
SearchWeights learned_weights(const Content& content, const std::vector<std::string>& outside, const ReadTexts& read, const Run& run) {
  const std::vector<std::uint32_t> answers = answers_of(content.faq);
  std::map<std::uint32_t, std::vector<std::size_t>> wordings;
  for (std::size_t f = 0; f < answers.size(); ++f) wordings[answers[f]].push_back(f);
  std::set<std::size_t> asked;
  for (const auto& [answer, rows] : wordings)
    if (rows.size() > 1) asked.insert(rows.back());
  SearchWeights weights;
  if (asked.empty()) return weights;
  const Search search = search_of(content, answers, read, weights, run, asked);
  std::vector<std::string> queries;
  std::vector<std::uint32_t> right;
  for (const std::size_t f : asked) queries.push_back(content.faq[f].question), right.push_back(answers[f]);
  for (const std::string& text : outside) queries.push_back(text), right.push_back(UINT32_MAX);
  const std::vector<Matrix> rows = read(queries, run);
  return learn_weights(search, queries, rows, right, weights, run);
}

std::string new_place() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return "trained-" + hash_hex(std::to_string(::getpid()) + " " + std::to_string(now)).substr(0, 8);
}

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t sum = 0;
  for (const auto& entry : fs::directory_iterator(folder)) sum += entry.file_size();
  return sum;
}

void remove_other_places(const fs::path& folder, const std::string& place) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name.starts_with("trained-") && name != place) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

TrainReport Desk::train(const fs::path& folder, const fs::path& vectors, const TrainOptions& options, const Run& run) {
  if (!(options.kept > 0.5 && options.kept < 1))
    throw Error(Code::bad_request, "the share of known messages that stay in must be between 0.5 and 1, got " + std::to_string(options.kept));
  if (options.tuned < 0 || options.tuned > kMostTuned)
    throw Error(Code::bad_request, "0 to " + std::to_string(kMostTuned) + " encoders can be tuned, got " + std::to_string(options.tuned));
  const Content content = load_content(folder);
  if (content.empty()) nothing_imported();
  const std::vector<std::string> names = intent_names(content);
  const State::Encoders encoders = State::open_encoders(run);
  const ReadTexts read = [&](std::span<const std::string> texts, const Run& r) { return encoders.read(texts, vectors.string(), r); };
  std::size_t from = 0;
  const std::vector<Pick> picks = read_picks(folder / "picks.jsonl", from);
  const auto [lessons, outside, messages] = lessons_of(content, picks, names);
  TrainReport report{.intents = names.size() - static_cast<std::size_t>(std::count(names.begin(), names.end(), "")), .messages = messages, .outside = outside.size(),
                     .faq = content.faq.size(), .passages = content.passages.size(), .picks = picks.size(), .kept = options.kept};

  std::string place;
  if (std::set<std::uint32_t>(lessons.labels.begin(), lessons.labels.end()).size() >= 2) {
    place = new_place();
    IntentOptions how{.kept = options.kept};
    if (options.tuned > 0) how.tuned = {.count = options.tuned, .from = {lm::find_model(kTunedModel)}};
    const Intents intents = Intents::train(lessons, {}, outside, names.size(), how, read, folder / place, run);
    intents.save(folder / place);
    report.accuracy = intents.held_out_accuracy(), report.tuned = static_cast<std::size_t>(options.tuned), report.tuned_weight = intents.tuned_weight();
    report.bytes = bytes_in(folder / place);
  }
  const SearchWeights weights = learned_weights(content, outside, read, run);
  search_of(content, answers_of(content.faq), read, weights, run, {});   // its vectors are in the cache from now on
  Json trained = Json::object();
  trained["trained"] = place;
  trained["picks"] = picks.size();
  trained["search"] = weights.to_json();
  trained["intents"] = Json::array();
  for (const std::string& name : names) trained["intents"].push_back(name);
  trained["report"] = report.to_json();
  write_file(folder / "desk.json", trained.dump(2) + "\n");
  remove_other_places(folder, place);
  return report;
}

}  // namespace attune::talk::desk
