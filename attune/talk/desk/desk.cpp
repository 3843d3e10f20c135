// Desk: opening and learning; training is in training.cpp, what to answer is decided in answer.cpp.
#include "attune/talk/desk/desk.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"
#include "attune/engine/registry.h"
#include "attune/talk/desk/customer_text.h"
#include "attune/talk/desk/desk_state.h"
#include "attune/talk/desk/picks.h"
#include "attune/talk/safety/mask.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr const char* kEncoders[] = {"minilm", "e5"};

// What is kept holds no numbers and no personal data: slots as gaps, as intents are taught, personal data masked as everywhere.
constexpr std::pair<std::string_view, std::string_view> kMasks[] = {{"{phone}", "[phone]"}, {"{email}", "[email]"}, {"{card}", "[card]"}, {"{id}", "[id]"}, {"{iban}", "[iban]"}};
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}
std::string kept(std::string_view message) {
  std::string text = safety::mask_personal(read_for_intents(message));
  for (const auto& [gap, mask] : kMasks) text = replaced(std::move(text), gap, mask);
  return text;
}
std::string taught(std::string text) {
  for (const auto& [gap, mask] : kMasks) text = replaced(std::move(text), mask, gap);
  return text;
}

}  // namespace

void nothing_imported() {
  throw Error(Code::not_found, "the desk knows nothing yet; next: attune desk import templates.csv faq.jsonl docs/*.md   (attune desk import --help has the columns)");
}

Search search_of(const Content& content, const std::vector<std::uint32_t>& faq_answers, const ReadTexts& read, const SearchWeights& weights, const Run& run,
                 const std::set<std::size_t>& leave_out) {
  std::vector<Entry> entries;
  std::vector<std::string> texts;
  for (std::size_t f = 0; f < content.faq.size(); ++f)
    if (!leave_out.contains(f)) entries.push_back({content.faq[f].question, faq_answers[f]});
  std::uint32_t next = faq_answers.empty() ? 0 : *std::max_element(faq_answers.begin(), faq_answers.end()) + 1;
  for (const Passage& p : content.passages) entries.push_back({p.heading.empty() ? p.text : p.heading + ". " + p.text, next++});
  for (const Entry& entry : entries) texts.push_back(entry.text);
  return Search(entries, texts.empty() ? std::vector<Matrix>() : read(texts, run), weights);
}

// FAQ wordings of one name and language have one answer number, in order of first sight.
std::vector<std::uint32_t> answers_of(const std::vector<Faq>& faq) {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> answers;
  for (const Faq& f : faq) answers.push_back(numbers.try_emplace(f.name, static_cast<std::uint32_t>(numbers.size())).first->second);
  return answers;
}

std::vector<Matrix> Desk::State::Encoders::read(std::span<const std::string> texts, const std::string& cache, const Run& run) const {
  std::vector<Matrix> vectors;
  for (const auto& encoder : all)
    vectors.push_back(cache.empty() ? encoder->encode(texts, run).dense : encode::item_vectors(*encoder, texts, cache, run));
  return vectors;
}

Desk::State::Encoders Desk::State::open_encoders(const Run& run) {
  Encoders encoders;
  for (const char* name : kEncoders) encoders.all.push_back(engine::encoder_named(name).make({}, Json(), run));
  return encoders;
}

Desk::Desk(std::unique_ptr<State> state) : state_(std::move(state)) {}
Desk::Desk(Desk&&) noexcept = default;
Desk::~Desk() = default;

Desk Desk::open(const fs::path& folder, const fs::path& vectors, const Run& run) {
  auto made = std::make_unique<State>();
  State& s = *made;
  s.folder = folder;
  s.content = load_content(folder);
  if (s.content.empty()) nothing_imported();
  if (!fs::exists(folder / "desk.json"))
    throw Error(Code::not_found, "the desk was not trained since the first import; next: attune desk train");
  s.vocabulary = Vocabulary(s.content);
  const Json trained = Json::parse(read_file(folder / "desk.json"), (folder / "desk.json").string());
  for (const Json& name : trained.at("intents").as_array()) s.intent_names.push_back(name.as_string());
  s.encoders = State::open_encoders(run);
  const auto cached = [&](std::span<const std::string> texts, const Run& r) { return s.encoders.read(texts, vectors.string(), r); };
  s.faq_answers = answers_of(s.content.faq);
  s.search = search_of(s.content, s.faq_answers, cached, SearchWeights::from_json(trained.at("search")), run, {});
  if (const std::string& place = trained.at("trained").as_string(); !place.empty()) {
    s.intents.emplace(Intents::load(folder / fs::path(place).filename()));
    if (s.intents->classes() != s.intent_names.size()) throw Error(Code::bad_data, "the trained intents do not fit desk.json; run: attune desk train");
  }
  // Picks that the training knew have taught the heads already; they still say which templates agents like.
  s.trained_picks = static_cast<std::size_t>(trained.at("picks").as_integer());
  s.take_new_picks(run);
  return Desk(std::move(made));
}

void Desk::State::take_new_picks(const Run& run) {
  std::error_code missing;
  const auto size = fs::file_size(folder / "picks.jsonl", missing);
  if (missing || size <= picks_read.load()) return;
  const std::unique_lock lock(mutex);
  std::size_t from = picks_read.load();
  for (const Pick& pick : read_picks(folder / "picks.jsonl", from)) take(taught(pick.message), pick.picked, ++picks_seen > trained_picks, run);
  picks_read.store(from);
}

void Desk::State::take(const std::string& message, const std::string& picked, bool is_new, const Run& run) {
  std::string intent = picked;
  if (const Template* t = find_template(picked)) {
    ++pick_counts[picked];
    intent = t->intent;
  } else if (const auto faq = std::find_if(content.faq.begin(), content.faq.end(), [&](const Faq& f) { return f.name == picked; }); faq != content.faq.end()) {
    // The wording finds its answer from now on.
    const std::vector<std::string> texts = {message};
    const std::vector<Matrix> rows = encoders.read(texts, "", run);
    std::vector<std::span<const float>> views;
    for (const Matrix& m : rows) views.push_back(m.row(0));
    search.add({message, faq_answers[static_cast<std::size_t>(faq - content.faq.begin())]}, views);
    return;
  }
  const auto label = std::lower_bound(intent_names.begin(), intent_names.end(), intent);
  if (!is_new || !intents || label == intent_names.end() || *label != intent) return;
  intents->learn(message, static_cast<std::uint32_t>(label - intent_names.begin()), reader(), run);
}

const Template* Desk::State::find_template(const std::string& name) const {
  const auto found = std::find_if(content.templates.begin(), content.templates.end(), [&](const Template& t) { return t.name == name; });
  return found == content.templates.end() ? nullptr : &*found;
}

void Desk::learn(const Pick& pick, const Run& run) {
  State& s = *state_;
  std::set<std::string> known(s.intent_names.begin(), s.intent_names.end());
  known.erase("");
  for (const Template& t : s.content.templates) known.insert(t.name);
  for (const Faq& f : s.content.faq) known.insert(f.name);
  if (!known.contains(pick.picked)) {
    const std::string meant = did_you_mean(pick.picked, {known.begin(), known.end()});
    throw Error(Code::not_found, "no template, question or intent is called '" + pick.picked.substr(0, 200) + "'" + (meant.empty() ? "; see desk/templates.jsonl" : meant));
  }
  const std::string text = readable(pick.message);
  if (text.empty()) throw Error(Code::bad_request, "a pick needs the message it answers");
  append_pick(s.folder / "picks.jsonl", {kept(text), pick.picked});
  s.take_new_picks(run);
}

}  // namespace attune::talk::desk
