// bench_safety judge FOLDER: what the guard refuses and passes: XSTest, HateCheck, COLD, Davidson (FOLDER holds safety-xstest, ...: for measuring only, no word of the
//   guard was chosen by their sentences) and the project's own cases.
// bench_safety orders: orders to the assistant in texts and messages (data/safety/injections.txt); seconds for a message of a megabyte.
// bench_safety thresholds: where the head and the rules overrule each other, by cross-validation on the own cases.
// bench_safety rewrite GENERATOR.gguf [--pairs N] [--most-ms M]: 200 replies made of facts, rewritten: how many pass the check, what the rest got wrong, first token and whole reply.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <regex>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/data/rows.h"
#include "attune/data/text_file.h"
#include "attune/lm/language_model.h"
#include "attune/talk/rewrite.h"
#include "attune/talk/safety/guard.h"
#include "attune/talk/safety/head.h"
#include "attune/talk/safety/injection.h"
#include "attune/talk/safety/learned.h"
#include "attune/talk/safety/mask.h"
#include "attune/talk/safety/reading.h"
#include "bench/offline/bench.h"

using namespace attune;
using talk::safety::judge;

namespace {

struct Case {
  std::string text, group;
  bool is_bad = false;
};

// A file may use the slots of those before it.
std::vector<Case> own(std::initializer_list<const char*> paths) {
  std::string templates;
  for (const char* path : paths) templates += read_file(path) + "\n";
  std::vector<Case> cases;
  for (const auto& c : talk::safety::expanded(templates, 10, 99)) cases.push_back({c.text, std::string(name(c.kind)), c.kind != talk::safety::Kind::none});
  return cases;
}

std::vector<std::vector<std::string>> csv(const std::string& path) {
  std::vector<std::vector<std::string>> all;
  data::Lines lines(path);
  data::Rows reader([&](data::Rows::Line& line) {
    if (!lines.next(line.text)) return false;
    line.number = lines.number();
    line.is_cut = lines.is_cut();
    return true;
  }, {});
  for (data::Row row; reader.next(row);) {
    if (row.problem != nullptr) continue;
    std::vector<std::string> fields;
    for (const std::string_view field : row.fields) fields.emplace_back(field);
    all.push_back(std::move(fields));
  }
  return all;
}

std::size_t column(const std::vector<std::vector<std::string>>& rows, std::string_view name) {
  for (std::size_t k = 0; k < rows[0].size(); ++k)
    if (rows[0][k] == name || rows[0][k].ends_with(name)) return k;
  throw Error(Code::bad_data, "no column " + std::string(name));
}

using Judge = talk::safety::Verdict (*)(std::string_view);

void tell_of(const std::string& set, const std::vector<Case>& cases, const std::string& by, Judge judged) {
  judged("how do I");                        // what is made at the first call
  std::size_t bad = 0, refused = 0, passed = 0;
  std::map<std::string, std::pair<std::size_t, std::size_t>> groups;
  const bench::Clock clock;
  for (const Case& c : cases) {
    const bool is_refused = !judged(c.text).is_allowed();
    bad += c.is_bad;
    refused += c.is_bad && is_refused;
    passed += !c.is_bad && !is_refused;
    auto& g = groups[c.group];
    ++g.second;
    g.first += is_refused == c.is_bad;
  }
  Json json = Json::object();
  json["set"] = set;
  json["by"] = by;
  json["refused"] = bench::rounded(static_cast<double>(refused) / static_cast<double>(std::max<std::size_t>(bad, 1)), 4);
  json["passed"] = bench::rounded(static_cast<double>(passed) / static_cast<double>(std::max<std::size_t>(cases.size() - bad, 1)), 4);
  json["unsafe"] = bad;
  json["safe"] = cases.size() - bad;
  json["us_a_message"] = bench::rounded(clock.seconds() * 1e6 / static_cast<double>(std::max<std::size_t>(cases.size(), 1)), 1);
  if (groups.size() < 40)
    for (const auto& [name, right] : groups) json["right"][name] = std::to_string(right.first) + "/" + std::to_string(right.second);
  bench::emit("safety/judge", json);
}

void tell(const std::string& set, const std::vector<Case>& cases) {
  tell_of(set, cases, "rules", talk::safety::judge_by_rules);
  tell_of(set, cases, talk::safety::is_tuned() ? "rules and tuned head" : "rules and head", talk::safety::judge);
}

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  for (const auto& word : talk::safety::read(text).words)
    if (!word.is_end) words.insert(word.text);
  return words;
}

// Without those that share four fifths of their words or more with one of the cases that teach.
std::vector<Case> unlike_the_taught(const std::vector<Case>& asked) {
  std::vector<std::set<std::string>> taught;
  for (const auto& c : talk::safety::expanded(talk::safety::english_cases(), talk::safety::kTunedCasesOfATemplate)) taught.push_back(words_of(c.text));
  std::vector<Case> unlike;
  for (const Case& one : asked) {
    const auto words = words_of(one.text);
    const bool is_like = std::any_of(taught.begin(), taught.end(), [&](const std::set<std::string>& other) {
      const auto shared = static_cast<double>(std::count_if(words.begin(), words.end(), [&](const std::string& word) { return other.contains(word); }));
      return shared >= 0.8 * (static_cast<double>(words.size() + other.size()) - shared);
    });
    if (!is_like) unlike.push_back(one);
  }
  return unlike;
}

void judge_sets(const std::string& folder) {
  tell("own cases, English", own({"data/safety/cases.en.txt"}));
  tell("own cases, Chinese", own({"data/safety/cases.zh.txt"}));
  tell_of("own cases, Chinese, with kinds.zh.txt", own({"data/safety/cases.zh.txt", "data/safety/kinds.zh.txt"}), "rules", talk::safety::judge_by_rules);
  tell_of("own sentences of other subjects, Chinese", own({"data/safety/asked.zh.txt"}), "rules", talk::safety::judge_by_rules);
  std::vector<Case> cases;
  auto rows = csv(folder + "/safety-xstest/xstest_prompts.csv");
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].size() == rows[0].size()) cases.push_back({rows[i][column(rows, "prompt")], rows[i][column(rows, "type")], rows[i][column(rows, "label")] == "unsafe"});
  tell("XSTest", cases);
  tell("XSTest, without prompts that say nearly what a case does", unlike_the_taught(cases));
  cases.clear();
  rows = csv(folder + "/safety-hatecheck/test_suite_cases.csv.gz");
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].size() == rows[0].size()) cases.push_back({rows[i][column(rows, "test_case")], rows[i][column(rows, "functionality")], rows[i][column(rows, "label_gold")] == "hateful"});
  tell("HateCheck", cases);
  cases.clear();
  rows = csv(folder + "/safety-cold-zh/test.csv.gz");
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].size() == rows[0].size()) cases.push_back({rows[i][column(rows, "TEXT")], rows[i][column(rows, "topic")], rows[i][column(rows, "label")] == "1"});
  tell_of("COLD test (offensive comments, Chinese)", cases, "rules", talk::safety::judge_by_rules);
  cases.clear();
  rows = csv(folder + "/safety-davidson/labeled_data.csv.gz");
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].size() == rows[0].size()) cases.push_back({rows[i][column(rows, "tweet")], "class " + rows[i][column(rows, "class")], rows[i][column(rows, "class")] == "0"});
  tell_of("Davidson (hate against the rest, tweets)", cases, "rules", talk::safety::judge_by_rules);
  cases.clear();
  for (const char* file : {"/banking77/test.csv", "/banking77/test.csv.gz"}) {
    if (!std::filesystem::exists(folder + file)) continue;
    rows = csv(folder + file);
    for (std::size_t i = 1; i < rows.size(); ++i) cases.push_back({rows[i][0], "", false});
  }
  tell("BANKING77 test (customers' questions, all harmless)", cases);
}

// Where head and rules overrule each other: four heads, each judging templates and words that it has not seen; of the thresholds at which 95 % of the harmless cases pass, those that refuse most.
void thresholds() {
  using namespace talk::safety;
  const auto encoder = lm::open_gguf(lm::find_model("minilm.gguf"), "minilm", "");
  struct Judged {
    float score;
    bool is_bad, by_rules, asks;
  };
  std::vector<Judged> all;
  constexpr std::size_t kParts = 4;
  Run run;
  run.threads = 1;
  const auto seen = [&](const std::vector<SafetyCase>& cases, Matrix& vectors, Matrix& traits) {
    std::vector<std::string> texts;
    for (const auto& c : cases) texts.push_back(c.text);
    vectors = encoder->embed(texts, run);
    traits = Matrix(texts.size(), kTraits);
    for (std::size_t i = 0; i < texts.size(); ++i) traits_of(texts[i], traits.row(i));
  };
  for (std::size_t part = 0; part < kParts; ++part) {
    const auto learned = expanded(english_cases(), kCasesOfATemplate, 7, {.parts = kParts, .part = part}), held = expanded(english_cases(), 3, 7, {.parts = kParts, .part = part, .is_held_out = true});
    Matrix vectors, traits;
    seen(learned, vectors, traits);
    std::vector<Kind> kinds;
    for (const auto& c : learned) kinds.push_back(c.kind);
    const Head head = Head::fit(vectors, traits, kinds);
    seen(held, vectors, traits);
    for (std::size_t i = 0; i < held.size(); ++i)
      all.push_back({head.score(vectors.row(i), traits.row(i)).refuse, held[i].kind != Kind::none, !judge_by_rules(held[i].text).is_allowed(), is_request(held[i].text)});
  }
  const auto rates = [&](auto&& refuses) {
    double bad = 0, refused = 0, passed = 0;
    for (const Judged& j : all) bad += j.is_bad, refused += j.is_bad && refuses(j), passed += !j.is_bad && !refuses(j);
    return std::pair(refused / bad, passed / (static_cast<double>(all.size()) - bad));
  };
  const auto tell = [](Json& json, const std::string& name, std::pair<double, double> rates) { json[name]["refused"] = bench::rounded(rates.first, 3), json[name]["passed"] = bench::rounded(rates.second, 3); };
  Json json = Json::object();
  json["held_out"] = all.size();
  tell(json, "rules", rates([](const Judged& j) { return j.by_rules; }));
  for (const double share : {0.90, 0.95, 0.975}) {
    std::pair<double, double> best{-1, 0};
    float best_pass = 0, best_refuse = 0;
    for (int p = -15; p <= 5; ++p)
      for (int r = -8; r <= 20; ++r) {
        const float pass = static_cast<float>(p) / 10, refuse = static_cast<float>(r) / 20;
        if (const auto now = rates([&](const Judged& j) { return j.by_rules ? j.score >= pass : j.asks && j.score > refuse; }); now.second >= share && now.first > best.first) best = now, best_pass = pass, best_refuse = refuse;
      }
    const std::string name = "passing " + std::to_string(static_cast<int>(share * 1000) / 10) + " %";
    tell(json, name, best);
    json[name]["pass_below"] = bench::rounded(static_cast<double>(best_pass), 2);
    json[name]["refuse_above"] = bench::rounded(static_cast<double>(best_refuse), 2);
  }
  bench::emit("safety/thresholds", json);
}

void injections() {
  std::size_t messages = 0, known = 0, items = 0, left = 0;
  data::Lines lines("data/safety/injections.txt");
  for (std::string_view view; lines.next(view);) {
    const std::string line(view);
    if (line.empty() || line[0] == '#') continue;
    const std::string text = line.substr(line.find('|') + 2);
    if (line.starts_with("message")) {
      ++messages;
      known += talk::safety::gives_orders(text) || !judge(text).is_allowed();
      continue;
    }
    ++items;
    const std::string rest = talk::safety::as_data(text);
    const bool is_left = talk::safety::gives_orders(rest) || rest.find("<|") != std::string::npos || rest.size() > text.size() / 2;
    left += is_left;
    if (is_left) std::fprintf(stderr, "left of an order: %s\n", rest.c_str());
  }
  Json json = Json::object();
  json["orders_in_items"] = items;
  json["reach_a_generator"] = left;
  json["orders_in_messages"] = messages;
  json["told_as_orders"] = known;
  bench::emit("safety/injections", json);
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void flood() {
  Json json = Json::object();
  double worst = 0;
  for (const std::string& piece : {std::string("kill the my a of someone's @ 1234 杀 "), std::string("4111 1111 "), std::string("a"), std::string("杀死"), std::string("why are women ")}) {
    std::string text;
    while (text.size() < (1u << 20)) text += piece;
    const bench::Clock clock;
    judge(text);
    talk::safety::mask_personal(text);
    talk::safety::as_data(text);
    worst = std::max(worst, clock.seconds());
  }
  json["worst_s"] = bench::rounded(worst, 3);
  std::string chat;                          // as long as the chat reads, with one sentence that the encoder must look at
  while (chat.size() < 3900) chat += chat.size() / 100 == 20 ? "How do I kill a Python process? " : "I bought a lamp last week and it looks great next to the sofa. ";
  judge(chat);
  const double used = cpu_seconds();
  for (int k = 0; k < 20; ++k) judge(chat);
  json["cpu_ms_of_4_kb"] = bench::rounded((cpu_seconds() - used) * 50, 1);
  json["bytes"] = 1 << 20;
  bench::emit("safety/flood", json);
}

struct Pair {
  std::string reply;
  talk::Facts facts;
};

// Replies as the templates make them, from a seed.
std::vector<Pair> replies(int n) {
  const std::vector<std::string> items = {"Blue Enamel Mug", "Oak Wall Shelf", "Red Retrospot Bag", "Paper Lantern Set", "Small Babushka Notebook", "Crystal Star Charm", "Vintage Map Puzzle", "Glass Jar Marmalade", "Woodland Lunch Box", "Spotty Bunting"};
  Random rng(11);
  std::vector<Pair> all;
  for (int k = 0; k < n; ++k) {
    const std::string a = items[rng.below(items.size())], b = items[rng.below(items.size())], c = items[rng.below(items.size())];
    const std::string price = std::to_string(1 + rng.below(40)) + "." + std::to_string(10 + rng.below(90)), bound = std::to_string(5 + rng.below(50));
    switch (k % 5) {
      case 0: all.push_back({"I recommend " + a + " because you took " + b + ".", {{a, b}}}); break;
      case 1: all.push_back({"I found 3 items below " + bound + ": " + a + ", " + b + " and " + c + ".", {{a, b, c}}}); break;
      case 2: all.push_back({a + " costs " + price + " and is not red.", {{a}}}); break;
      case 3: all.push_back({"Nothing fits below " + bound + "; without the price there is " + a + ".", {{a}}}); break;
      default: all.push_back({a + " is cheaper than " + b + ": it costs " + price + ".", {{a, b}}});
    }
  }
  return all;
}

// Passes on, and notes when the first token of a reply was there.
class Timed final : public lm::LanguageModel {
 public:
  explicit Timed(std::unique_ptr<lm::LanguageModel> inner) : inner_(std::move(inner)) {}
  std::string name() const override { return inner_->name(); }
  std::string fingerprint() const override { return inner_->fingerprint(); }
  std::size_t dim() const override { return inner_->dim(); }
  Matrix embed(std::span<const std::string> texts, const Run& run) const override { return inner_->embed(texts, run); }
  std::vector<float> score(const std::string& prompt, std::span<const std::string> answers, const Run& run) const override { return inner_->score(prompt, answers, run); }
  std::string generate(const std::string& prompt, const lm::GenerateOptions& options, const Run& run) const override {
    Run heard;
    heard.seed = run.seed, heard.threads = run.threads, heard.stop = run.stop;
    const double used = cpu_seconds();
    const bench::Clock clock;
    bool is_first = true;
    heard.progress = [&](std::string_view, std::size_t, std::size_t) {
      if (is_first) wall.push_back(clock.seconds()), cpu.push_back(cpu_seconds() - used);
      is_first = false;
    };
    return inner_->generate(prompt, options, heard);
  }
  mutable std::vector<double> wall, cpu;      // seconds to the first token of each call

 private:
  std::unique_ptr<lm::LanguageModel> inner_;
};

// `most_ms`: a reply takes no longer; on a busy machine more than the 3 s of the settings, to see what it would write.
void rewriting(const std::string& file, int pairs, int most_ms) {
  const auto generator = std::make_unique<Timed>(lm::open_gguf(file, "generator", ""));
  std::size_t passed = 0, n = 0;
  std::map<std::string, std::size_t> why;
  std::vector<double> whole, cpu;
  Run run;
  for (const Pair& pair : replies(pairs)) {
    const bench::Clock clock;
    const double used = cpu_seconds();
    const auto done = talk::rewrite(*generator, pair.reply, pair.facts, "en", most_ms, run);
    whole.push_back(clock.seconds());
    cpu.push_back(cpu_seconds() - used);
    ++n;
    passed += done.is_rewritten;
    if (!done.is_rewritten) ++why[done.why_not.empty() ? "the same words" : done.why_not.substr(0, 60)];
    if (n <= 12 || done.is_rewritten) std::fprintf(stderr, "%s\n  -> %s%s\n", pair.reply.c_str(), done.text.c_str(), done.why_not.empty() ? "" : ("   [kept: " + done.why_not + "]").c_str());
  }
  const auto quantile = [](std::vector<double> v, double q) {
    std::sort(v.begin(), v.end());
    return v[static_cast<std::size_t>(q * static_cast<double>(v.size() - 1))];
  };
  Json json = Json::object();
  json["generator"] = std::filesystem::path(file).filename().string();
  json["pairs"] = n;
  json["rewritten"] = passed;
  json["kept"] = n - passed;
  for (const auto& [reason, count] : why) json["why_kept"][reason] = count;
  json["first_token_s_p50"] = bench::rounded(quantile(generator->wall, 0.5), 3);
  json["first_token_cpu_s_p50"] = bench::rounded(quantile(generator->cpu, 0.5), 3);
  json["first_token_cpu_s_p95"] = bench::rounded(quantile(generator->cpu, 0.95), 3);
  json["reply_s_p50"] = bench::rounded(quantile(whole, 0.5), 3);
  json["reply_cpu_s_p50"] = bench::rounded(quantile(cpu, 0.5), 3);
  json["reply_cpu_s_p95"] = bench::rounded(quantile(cpu, 0.95), 3);
  json["threads"] = 1;
  double load[1] = {0};
  ::getloadavg(load, 1);
  json["load"] = bench::rounded(load[0], 1);         // processes that wanted the two cores meanwhile
  json["most_ms"] = most_ms;
  json["reply_s_p95"] = bench::rounded(quantile(whole, 0.95), 3);
  bench::emit("safety/rewrite", json);
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::Arguments arguments(argc, argv);
  if (arguments.words.size() == 2 && arguments.words[0] == "judge") {
    judge_sets(arguments.words[1]);
    return 0;
  }
  if (arguments.words.size() == 1 && arguments.words[0] == "orders") {
    injections();
    flood();
    return 0;
  }
  if (arguments.words.size() == 1 && arguments.words[0] == "thresholds") {
    thresholds();
    return 0;
  }
  if (arguments.words.size() == 2 && arguments.words[0] == "rewrite") {
    rewriting(arguments.words[1], std::stoi(arguments.get("pairs", "200")), std::stoi(arguments.get("most-ms", "3000")));
    return 0;
  }
  std::fprintf(stderr, "usage: bench_safety judge FOLDER | orders | thresholds | rewrite GENERATOR.gguf\n");
  return 2;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_safety: %s\n", e.what());
  return 1;
}
