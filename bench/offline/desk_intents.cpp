// Intents of customers' messages: BANKING77, CLINC150, Bitext; questions found in FAQ sets. One JSON line a figure.
//   bench_desk_intents banking77 FOLDER [--shots 10 --seeds 5] [--part test|validation] [--cache FOLDER] [--set reg=1e-5 ...]
//   bench_desk_intents clinc150 FOLDER [--outside val|none] [--part ...]
//   bench_desk_intents tune FOLDER FILE [--seed 42] [--set epochs=2 ...]   MiniLM tuned to CLINC150's training messages, for
//     clinc150 --tuned FILE [--tuned FILE ...] [--set tuned_weight=.5]
//   bench_desk_intents bitext FOLDER
//   bench_desk_intents faq FILE              (ecommerce_faq_variations.json: every wording asks for the others)
//   bench_desk_intents replies WORKSPACE     a trained desk's time a reply, one thread, messages of its own examples
//     (chrt -r 1 before it on a machine that others use)
// Splits: BANKING77 test.csv whole; validation = a tenth of each class of train.csv. With shots, N messages a class are drawn from
// train.csv (from its other nine tenths for validation), a seed each. CLINC150: train teaches; val sets the bar (a known message in
// twenty is let go) and, with oos_val, mixes the signs of strangeness (--outside none: no strange message teaches anything); test and
// oos_test are judged. Bitext: train.csv teaches, test.csv is judged, as published. A message that a file has twice counts once.
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>
#include <thread>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/data/text_file.h"
#include "attune/engine/registry.h"
#include "attune/lm/language_model.h"
#include "attune/talk/desk/content.h"
#include "attune/talk/desk/desk.h"
#include "attune/talk/desk/intents.h"
#include "attune/talk/desk/search.h"
#include "attune/talk/desk/wordings.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

namespace fs = std::filesystem;
using talk::desk::Example;
using talk::desk::IntentOptions;
using talk::desk::Intents;
using talk::desk::Lessons;

struct Readers {
  std::vector<std::unique_ptr<const encode::Encoder>> encoders;
  std::string cache;
  talk::desk::ReadTexts read() const {
    return [this](std::span<const std::string> texts, const Run& run) {
      std::vector<Matrix> vectors;
      for (const auto& encoder : encoders) vectors.push_back(encode::item_vectors(*encoder, texts, cache, run));
      return vectors;
    };
  }
};

std::vector<Example> messages(const fs::path& file, const Run& run) {
  talk::desk::Content content;
  const fs::path files[] = {file};
  talk::desk::import_files(content, files, run);
  return content.examples;
}

// All rows, also those that stand twice: import would count a repeated message once.
std::vector<Example> rows_of_json(const Json& list) {
  std::vector<Example> rows;
  for (const Json& one : list.as_array()) rows.push_back({one.as_array()[0].as_string(), one.as_array()[1].as_string() == "oos" ? "" : one.as_array()[1].as_string()});
  return rows;
}

Json read_json(const fs::path& path) {
  std::string all;
  std::string_view line;
  for (data::Lines lines(path, std::size_t{64} << 20); lines.next(line);) all += std::string(line) + "\n";
  return Json::parse(all, path.string());
}

std::vector<std::string> names_of(const std::vector<Example>& rows) {
  std::set<std::string> names;
  for (const Example& e : rows)
    if (!e.intent.empty()) names.insert(e.intent);
  return {names.begin(), names.end()};
}
Lessons lessons_of(const std::vector<Example>& rows, const std::vector<std::string>& names) {
  Lessons made;
  for (const Example& e : rows) {
    made.texts.push_back(e.text);
    made.labels.push_back(static_cast<std::uint32_t>(std::lower_bound(names.begin(), names.end(), e.intent) - names.begin()));
  }
  return made;
}

struct Judged {
  std::vector<double> right;      // 0 or 1 a message
  std::vector<double> outside;
};
Judged judge(const Intents& intents, const Lessons& asked, const talk::desk::ReadTexts& read, const Run& run) {
  Judged judged;
  const Matrix chances = intents.chances(asked.texts, read, judged.outside, run);
  for (std::size_t r = 0; r < asked.texts.size(); ++r)
    judged.right.push_back(std::max_element(chances.row(r).begin(), chances.row(r).end()) - chances.row(r).begin() == asked.labels[r]);
  return judged;
}
double mean(const std::vector<double>& xs) {
  double sum = 0;
  for (const double x : xs) sum += x;
  return xs.empty() ? 0 : sum / static_cast<double>(xs.size());
}
// 95 % interval of a share (Wilson 1927).
void put_share(Json& line, const std::string& key, double p, double n) {
  const double z = 1.959964, mid = (p + z * z / (2 * n)) / (1 + z * z / n), half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  line[key] = rounded(100 * p, 2), line[key + "_low"] = rounded(100 * (mid - half), 2), line[key + "_high"] = rounded(100 * (mid + half), 2);
}
double share_above(const std::vector<double>& xs, double bar) { return static_cast<double>(std::count_if(xs.begin(), xs.end(), [&](double x) { return x > bar; })) / static_cast<double>(xs.size()); }

// A class's messages in a fixed order drawn by the seed.
std::map<std::string, std::vector<Example>> drawn(const std::vector<Example>& rows, std::uint64_t seed) {
  std::map<std::string, std::vector<Example>> by_class;
  for (const Example& e : rows) by_class[e.intent].push_back(e);
  Random random(seed);
  for (auto& [name, list] : by_class) random.shuffle(std::span(list));
  return by_class;
}

void banking(const fs::path& folder, const Arguments& arguments, const Readers& readers, const IntentOptions& options, const Run& run) {
  const std::vector<Example> train = messages(folder / "train.csv", run), test = messages(folder / "test.csv", run);
  const std::vector<std::string> names = names_of(train);
  const bool on_test = arguments.get("part", "test") == "test";
  const std::size_t shots = std::stoul(arguments.get("shots", "0")), seeds = shots == 0 ? 1 : std::stoul(arguments.get("seeds", "5"));
  std::vector<Example> pool, asked = on_test ? test : std::vector<Example>();
  for (const auto& [name, list] : drawn(train, 7))
    for (std::size_t i = 0; i < list.size(); ++i) (!on_test && i < list.size() / 10 ? asked : pool).push_back(list[i]);
  std::vector<double> accuracies;
  const Clock clock;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    std::vector<Example> taught = shots == 0 ? pool : std::vector<Example>();
    if (shots > 0)
      for (const auto& [name, list] : drawn(pool, 100 + seed)) taught.insert(taught.end(), list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(shots, list.size())));
    const Intents intents = Intents::train(lessons_of(taught, names), {}, {}, names.size(), options, readers.read(), fs::temp_directory_path() / "desk_intents", run);
    accuracies.push_back(mean(judge(intents, lessons_of(asked, names), readers.read(), run).right));
  }
  Json line = Json::object();
  line["set"] = "banking77", line["part"] = on_test ? "test" : "validation", line["shots"] = shots, line["seeds"] = seeds, line["messages"] = asked.size();
  put_share(line, "accuracy", mean(accuracies), static_cast<double>(asked.size()));
  if (seeds > 1) {
    double squares = 0;
    for (const double a : accuracies) squares += (a - mean(accuracies)) * (a - mean(accuracies));
    line["sd"] = rounded(100 * std::sqrt(squares / static_cast<double>(seeds - 1)), 2);
    line["each"] = Json::array();
    for (const double a : accuracies) line["each"].push_back(rounded(100 * a, 2));
  }
  line["seconds"] = rounded(clock.seconds(), 1);
  emit("desk_intents", line);
}

void clinc(const fs::path& folder, const Arguments& arguments, const Readers& readers, const IntentOptions& options, const Run& run) {
  const Json all = read_json(folder / "data_full.json.gz");
  const auto part = [&](const char* name) { return rows_of_json(all.at(name)); };
  const bool on_test = arguments.get("part", "test") == "test";
  const std::vector<Example> train = part("train");
  const std::vector<std::string> names = names_of(train);
  std::vector<std::string> outside;
  std::vector<Example> held = part("val"), asked = on_test ? part("test") : std::vector<Example>(), strange = on_test ? part("oos_test") : std::vector<Example>();
  std::vector<Example> oos = part("oos_val");
  if (!on_test) {   // half of the validation sets the bar, the other half is judged
    std::vector<Example> first;
    for (std::size_t i = 0; i < held.size(); ++i) (i % 2 == 0 ? first : asked).push_back(held[i]);
    held = first, first.clear();
    for (std::size_t i = 0; i < oos.size(); ++i) (i % 2 == 0 ? first : strange).push_back(oos[i]);
    for (const Example& e : part("oos_train")) strange.push_back(e);
    oos = first;
  }
  if (arguments.get("outside", "val") == "val")
    for (const Example& e : oos) outside.push_back(e.text);
  const Clock clock;
  const Intents intents = Intents::train(lessons_of(train, names), lessons_of(held, names), outside, names.size(), options, readers.read(), fs::temp_directory_path() / "desk_intents", run);
  const double fit_seconds = clock.seconds();
  const Judged in = judge(intents, lessons_of(asked, names), readers.read(), run);
  std::vector<double> beyond;
  std::vector<std::string> texts;
  for (const Example& e : strange) texts.push_back(e.text);
  intents.chances(texts, readers.read(), beyond, run);
  Json line = Json::object();
  line["set"] = "clinc150", line["part"] = on_test ? "test" : "validation", line["outside_messages_taught"] = outside.size();
  put_share(line, "in_scope_accuracy", mean(in.right), static_cast<double>(in.right.size()));
  put_share(line, "in_scope_kept", 1 - share_above(in.outside, intents.bar()), static_cast<double>(in.right.size()));
  put_share(line, "outside_recall", share_above(beyond, intents.bar()), static_cast<double>(beyond.size()));
  std::vector<double> sorted = in.outside;
  std::sort(sorted.begin(), sorted.end());
  line["outside_recall_at_exactly_95_kept"] = rounded(100 * share_above(beyond, sorted[static_cast<std::size_t>(0.95 * static_cast<double>(sorted.size()))]), 2);
  if (options.tuned.count > 0) line["tuned"] = std::to_string(options.tuned.count) + " of MiniLM", line["tuned_weight"] = rounded(intents.tuned_weight(), 2);
  line["seconds"] = rounded(fit_seconds, 1);
  emit("desk_intents", line);
}

void tune(const fs::path& folder, const fs::path& to, std::uint64_t seed, const IntentOptions& options) {
  Run run{.seed = seed};
  run.curve = [](std::string_view, std::size_t step, double loss) {
    if (step % 100 == 0) std::fprintf(stderr, "step %zu, loss %.3f\n", step, loss);
  };
  const std::vector<Example> train = rows_of_json(read_json(folder / "data_full.json.gz").at("train"));
  const std::vector<std::string> names = names_of(train);
  const Lessons lessons = lessons_of(train, names);
  const Clock clock;
  encode::TrainableBert bert(lm::find_model("minilm.gguf"), "");
  encode::tune(bert, lessons.texts, lessons.labels, names.size(), options.tuned.tune, run);
  bert.write(to);
  std::fprintf(stderr, "tuned in %.0f s\n", clock.seconds());
}

void bitext(const fs::path& folder, const Readers& readers, const IntentOptions& options, const Run& run) {
  const std::vector<Example> train = messages(folder / "train.csv", run), test = messages(folder / "test.csv", run);
  const std::vector<std::string> names = names_of(train);
  const Clock clock;
  const Intents intents = Intents::train(lessons_of(train, names), {}, {}, names.size(), options, readers.read(), fs::temp_directory_path() / "desk_intents", run);
  const double fit_seconds = clock.seconds();
  const Judged judged = judge(intents, lessons_of(test, names), readers.read(), run);
  Json line = Json::object();
  line["set"] = "bitext", line["part"] = "test", line["intents"] = names.size(), line["messages"] = test.size();
  put_share(line, "accuracy", mean(judged.right), static_cast<double>(test.size()));
  line["seconds"] = rounded(fit_seconds, 1);
  emit("desk_intents", line);
}

// Every wording asks for the others of its answer: is one of them first.
void faq(const fs::path& file, const Readers& readers, const Run& run) {
  talk::desk::Content content;
  const fs::path files[] = {file};
  talk::desk::import_files(content, files, run);
  std::set<std::string> answers;
  std::vector<std::string> texts;
  for (const auto& f : content.faq) answers.insert(f.name), texts.push_back(f.question);
  const std::vector<Matrix> rows = readers.read()(texts, run);
  for (const char* how : {"words", "vectors", "both"}) {
    talk::desk::SearchWeights weights;
    if (how[0] == 'w') weights.signs = {1, 0, 0};
    if (how[0] == 'v') weights.signs[0] = 0;
    const talk::desk::WordingsFound found = talk::desk::find_by_other_wordings(content.faq, rows, weights);
    const double asked = std::max(1.0, found.asked);
    Json line = Json::object();
    line["set"] = "faq-small/" + file.filename().string(), line["by"] = how, line["answers"] = answers.size(), line["wordings"] = found.asked;
    put_share(line, "recall_1", found.first / asked, asked);
    put_share(line, "recall_3", found.near / asked, asked);
    emit("desk_faq", line);
  }
}

void replies(const fs::path& workspace) {
  Run run;
  run.threads = 1;
  const talk::desk::Desk desk = talk::desk::Desk::open(workspace / "desk", workspace / "vectors", run);
  const std::vector<Example> examples = talk::desk::load_content(workspace / "desk").examples;
  std::vector<double> took, worked;   // by the clock; by this thread alone, which other work on the machine does not lengthen
  const auto cpu_ms = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
  };
  constexpr std::chrono::milliseconds kPause(5);   // between messages: a realtime process that never rests is stopped 50 ms a second by Linux
  const std::chrono::year_month_day day{std::chrono::year(2026), std::chrono::month(3), std::chrono::day(1)};
  for (std::size_t n = 0; n < 300 && !examples.empty(); ++n) {
    talk::desk::Conversation conversation;
    std::this_thread::sleep_for(kPause);
    const Clock clock;
    const double before = cpu_ms();
    desk.answer(examples[n % examples.size()].text, conversation, day, run);
    if (n >= 10) worked.push_back(cpu_ms() - before), took.push_back(1000 * clock.seconds());   // the first open the models
  }
  std::sort(took.begin(), took.end());
  std::sort(worked.begin(), worked.end());
  Json line = Json::object();
  line["messages"] = took.size(), line["p50_ms"] = rounded(took.at(took.size() / 2), 2), line["p99_ms"] = rounded(took.at(took.size() * 99 / 100), 2);
  line["cpu_p50_ms"] = rounded(worked.at(worked.size() / 2), 2), line["cpu_p99_ms"] = rounded(worked.at(worked.size() * 99 / 100), 2);
  line["pause_ms"] = static_cast<double>(kPause.count()), line["realtime"] = ::sched_getscheduler(0) == SCHED_RR || ::sched_getscheduler(0) == SCHED_FIFO;
  double load = 0;
  if (::getloadavg(&load, 1) == 1) line["load_average"] = rounded(load, 1);
  emit("desk_replies", line);
}

void put(IntentOptions& options, const std::string& key, double number) {
  auto& frozen = options.frozen;
  auto& tune = options.tuned.tune;
  const auto real = static_cast<float>(number);
  if (key == "reg") frozen.reg = real;
  else if (key == "whitening") frozen.whitening = real;
  else if (key == "ngram_weight") frozen.ngram_weight = real;
  else if (key == "kernel_words") frozen.kernel_words = real;
  else if (key == "later_weight") frozen.later_weight = real;
  else if (key == "reach") frozen.reach = real;
  else if (key == "ridge") frozen.ridge = real;
  else if (key == "kernel_weight") frozen.kernel_weight = number;
  else if (key == "tuned_weight") options.tuned_weight = number;
  else if (key == "epochs") tune.epochs = real;
  else if (key == "rate") tune.rate = real;
  else if (key == "layer_share") tune.layer_share = real;
  else if (key == "dropout") tune.dropout = real;
  else if (key == "word_dropout") tune.word_dropout = real;
  else if (key == "smoothing") tune.smoothing = real;
  else if (key == "pairs") tune.pairs = real;
  else if (key == "batch") tune.batch = static_cast<int>(number);
  else if (key == "first_layer") tune.first_layer = static_cast<int>(number);
  else
    throw Error(Code::bad_request, "no setting '" + key + "'; there are reg, whitening, ngram_weight, kernel_words, later_weight, reach, ridge, kernel_weight, tuned_weight, "
                                   "epochs, rate, layer_share, dropout, word_dropout, smoothing, pairs, batch, first_layer");
}

void go(const Arguments& arguments) {
  Run run;
  run.say = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); };
  const std::string set = arguments.words.at(0);
  const fs::path folder = arguments.words.at(1);
  if (set == "replies") return replies(folder);
  Readers readers{.cache = arguments.get("cache")};
  for (const char* name : {"minilm", "e5"}) readers.encoders.push_back(engine::encoder_named(name).make({}, Json(), run));
  IntentOptions options;
  const Json given = settings_of(arguments.all("set"));
  for (const auto& [key, value] : given.as_object()) {
    const double number = value.is_string() ? std::stod(value.as_string()) : value.as_number();
    put(options, key, number);
  }
  if (set == "tune") return tune(folder, arguments.words.at(2), std::stoul(arguments.get("seed", "42")), options);
  for (const std::string& file : arguments.all("tuned")) ++options.tuned.count, options.tuned.tune.epochs = 0, options.tuned.from.push_back(file);
  if (set == "banking77") banking(folder, arguments, readers, options, run);
  else if (set == "clinc150") clinc(folder, arguments, readers, options, run);
  else if (set == "bitext") bitext(folder, readers, options, run);
  else if (set == "faq") faq(folder, readers, run);
  else throw Error(Code::bad_request, "no set '" + set + "'; there are banking77, clinc150, bitext, faq, replies");
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
