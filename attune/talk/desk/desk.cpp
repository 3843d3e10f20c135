// Desk: opening, training and learning; what to answer is decided in answer.cpp.
#include "attune/talk/desk/desk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/engine/registry.h"
#include "attune/talk/desk/desk_state.h"
#include "attune/talk/safety/mask.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr const char* kEncoders[] = {"minilm", "e5"};

[[noreturn]] void nothing_imported() {
  throw Error(Code::not_found, "the desk knows nothing yet; next: attune desk import templates.csv faq.jsonl docs/*.md   (attune desk import --help has the columns)");
}

Search search_of(const Content& content, const std::vector<std::uint32_t>& faq_answers, const ReadTexts& read, const SearchWeights& weights, const Run& run,
                 const std::set<std::size_t>& leave_out = {}) {
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

struct StoredPick {
  std::string message, picked;
};

// Lines from byte `from` on; a last line without its end is left for later (a crash cut it, or somebody is writing it).
std::vector<StoredPick> read_picks(const fs::path& path, std::size_t& from) {
  std::vector<StoredPick> picks;
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  if (missing || size <= from) return picks;
  const std::string all = read_file(path);
  while (from < all.size()) {
    const std::size_t end = all.find('\n', from);
    if (end == std::string::npos) break;
    try {
      const Json json = Json::parse(std::string_view(all).substr(from, end - from), path.string());
      picks.push_back({json.at("message").as_string(), json.at("picked").as_string()});
    } catch (const Error&) {
      // A line that a crash tore: what was acknowledged stands on whole lines.
    }
    from = end + 1;
  }
  return picks;
}

void append_line(const fs::path& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  const auto fail = [&](const char* what) {
    const std::string why = std::strerror(errno);
    if (file >= 0) ::close(file);
    throw Error(Code::io, std::string("cannot ") + what + " " + path.string() + ": " + why);
  };
  if (file < 0) fail("open");
  char last = '\n';   // after a line that a crash tore, begin a new one
  if (const off_t size = ::lseek(file, 0, SEEK_END); size > 0 && ::pread(file, &last, 1, size - 1) != 1) fail("read");
  const std::string bytes = (last == '\n' ? "" : "\n") + line + "\n";
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail("write");
  if (::fsync(file) != 0) fail("write");
  ::close(file);
}

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

}  // namespace

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
  const Json trained = Json::parse(read_file(folder / "desk.json"), (folder / "desk.json").string());
  for (const Json& name : trained.at("intents").as_array()) s.intent_names.push_back(name.as_string());
  s.encoders = State::open_encoders(run);
  const auto cached = [&](std::span<const std::string> texts, const Run& r) { return s.encoders.read(texts, vectors.string(), r); };
  s.faq_answers = answers_of(s.content.faq);
  s.search = search_of(s.content, s.faq_answers, cached, SearchWeights::from_json(trained.at("search")), run);
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
  for (const StoredPick& pick : read_picks(folder / "picks.jsonl", from)) take(pick.message, pick.picked, ++picks_seen > trained_picks, run);
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
    const std::string near = nearest(pick.picked, {known.begin(), known.end()});
    throw Error(Code::not_found, "no template, question or intent is called '" + pick.picked.substr(0, 200) + "'" + (near.empty() ? "; see desk/templates.jsonl" : "; did you mean '" + near + "'?"));
  }
  const std::string text = readable(pick.message);
  if (text.empty()) throw Error(Code::bad_request, "a pick needs the message it answers");
  Json json = Json::object();
  json["message"] = safety::mask_personal(without_values(text, find_slots(text, "", {})));   // what is kept holds no numbers or addresses
  json["picked"] = pick.picked;
  append_line(s.folder / "picks.jsonl", json.dump());
  s.take_new_picks(run);
}

TrainReport Desk::train(const fs::path& folder, const fs::path& vectors, double kept, const Run& run) {
  if (!(kept > 0.5 && kept < 1)) throw Error(Code::bad_request, "the share of known messages that stay in must be between 0.5 and 1, got " + std::to_string(kept));
  const Content content = load_content(folder);
  if (content.empty()) nothing_imported();
  const std::vector<std::string> names = intent_names(content);
  TrainReport report{.intents = names.size() - std::count(names.begin(), names.end(), ""), .faq = content.faq.size(), .passages = content.passages.size(), .kept = kept};
  const State::Encoders encoders = State::open_encoders(run);
  const ReadTexts read = [&](std::span<const std::string> texts, const Run& r) { return encoders.read(texts, vectors.string(), r); };
  const auto label_of = [&](const std::string& intent) { return static_cast<std::uint32_t>(std::lower_bound(names.begin(), names.end(), intent) - names.begin()); };

  Lessons lessons;
  std::vector<std::string> outside;
  for (const Example& e : content.examples) {
    const std::string text = readable(e.text);
    if (text.empty()) continue;
    const std::string plain = without_values(text, find_slots(text, "", {}));
    if (e.intent.empty()) outside.push_back(plain);
    else lessons.texts.push_back(plain), lessons.labels.push_back(label_of(e.intent));
  }
  report.messages = lessons.texts.size();
  for (const Faq& f : content.faq) lessons.texts.push_back(readable(f.question)), lessons.labels.push_back(label_of(""));
  for (const Passage& p : content.passages) lessons.texts.push_back(readable(p.heading.empty() ? p.text.substr(0, 200) : p.heading)), lessons.labels.push_back(label_of(""));
  std::size_t from = 0;
  const std::vector<StoredPick> picks = read_picks(folder / "picks.jsonl", from);
  for (const StoredPick& pick : picks) {
    const auto t = std::find_if(content.templates.begin(), content.templates.end(), [&](const Template& one) { return one.name == pick.picked; });
    const std::string intent = t == content.templates.end() ? pick.picked : t->intent;
    if (std::binary_search(names.begin(), names.end(), intent)) lessons.texts.push_back(pick.message), lessons.labels.push_back(label_of(intent));
  }
  report.outside = outside.size(), report.picks = picks.size();
  const std::set<std::uint32_t> taught(lessons.labels.begin(), lessons.labels.end());

  Json trained = Json::object();
  std::string place;
  if (taught.size() >= 2) {
    place = "trained-" + hash_hex(std::to_string(::getpid()) + std::to_string(lessons.texts.size()) + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count())).substr(0, 8);
    const Intents intents = Intents::train(lessons, {}, outside, names.size(), {.kept = kept}, read, folder / place, run);
    report.accuracy = intents.held_out_accuracy();
    intents.save(folder / place);
  }
  // Search: the last wording of every question that has several asks for the others; messages of no intent have no answer.
  const std::vector<std::uint32_t> answers = answers_of(content.faq);
  std::map<std::uint32_t, std::vector<std::size_t>> wordings;
  for (std::size_t f = 0; f < answers.size(); ++f) wordings[answers[f]].push_back(f);
  std::set<std::size_t> asked;
  for (const auto& [answer, rows] : wordings)
    if (rows.size() > 1) asked.insert(rows.back());
  SearchWeights weights;
  if (!asked.empty()) {
    const Search search = search_of(content, answers, read, weights, run, asked);
    std::vector<std::string> queries;
    std::vector<std::uint32_t> right;
    for (const std::size_t f : asked) queries.push_back(content.faq[f].question), right.push_back(answers[f]);
    for (const std::string& text : outside) queries.push_back(text), right.push_back(UINT32_MAX);
    const std::vector<Matrix> rows = read(queries, run);
    weights = learn_weights(search, queries, rows, right, weights, run);
  }
  search_of(content, answers, read, weights, run);   // its vectors are in the cache from now on
  trained["trained"] = place;
  trained["picks"] = picks.size();
  trained["search"] = weights.to_json();
  trained["intents"] = Json::array();
  for (const std::string& name : names) trained["intents"].push_back(name);
  trained["report"] = report.to_json();
  write_file(folder / "desk.json", trained.dump(2) + "\n");
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory() && entry.path().filename().string().starts_with("trained-") && entry.path().filename().string() != place) fs::remove_all(entry.path(), ignored);
  return report;
}

}  // namespace attune::talk::desk
