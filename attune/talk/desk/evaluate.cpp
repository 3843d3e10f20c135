// Evaluation of a desk; see the header.
#include "attune/talk/desk/evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"
#include "attune/core/random.h"
#include "attune/talk/desk/customer_text.h"
#include "attune/talk/desk/desk_state.h"
#include "attune/talk/desk/wordings.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kParts = 5;

double rounded(double x) { return std::round(x * 1e4) / 1e4; }

// A share with its 95 % interval (Wilson 1927).
Json share(double right, double of) {
  Json json = Json::object();
  const double p = of > 0 ? right / of : 0, z = 1.959964, n = std::max(of, 1.0), mid = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  json["share"] = rounded(p), json["low"] = rounded(std::max(0.0, mid - half)), json["high"] = rounded(std::min(1.0, mid + half)), json["of"] = of;
  return json;
}

struct Judged {
  double right = 0, all = 0, kept = 0, outside = 0, noticed = 0;
  std::map<std::pair<std::string, std::string>, std::size_t> mixed_up;
};

void judge(const Intents& intents, const std::vector<std::string>& names, const std::vector<Example>& asked, const ReadTexts& read, Judged& judged, const Run& run) {
  std::vector<std::string> texts;
  for (const Example& e : asked) texts.push_back(read_for_intents(e.text));
  const std::vector<IntentReading> readings = intents.read(texts, read, run);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i].intent.empty()) {
      ++judged.outside;
      judged.noticed += !readings[i].in_scope;
      continue;
    }
    const std::string& said = names[readings[i].best.front().first];
    ++judged.all;
    judged.kept += readings[i].in_scope;
    judged.right += said == asked[i].intent;
    if (said != asked[i].intent) ++judged.mixed_up[{asked[i].intent, said}];
  }
}

// The trained desk on a file of messages it never saw.
Judged judge_file(const fs::path& folder, const fs::path& test, const ReadTexts& read, const Run& run) {
  Content asked;
  const fs::path files[] = {test};
  import_files(asked, files, run);
  if (asked.examples.empty()) throw Error(Code::bad_data, test.string() + " holds no messages with intents; expected columns text, intent");
  if (!fs::exists(folder / "desk.json")) throw Error(Code::not_found, "the desk was not trained since the first import; next: attune desk train");
  const Json trained = Json::parse(read_file(folder / "desk.json"), (folder / "desk.json").string());
  std::vector<std::string> names;
  for (const Json& name : trained.at("intents").as_array()) names.push_back(name.as_string());
  const std::string place = trained.at("trained").as_string();
  if (place.empty()) throw Error(Code::not_found, "the desk has learned no intents yet; import messages with their intents, then: attune desk train");
  Judged judged;
  judge(Intents::load(folder / fs::path(place).filename()), names, asked.examples, read, judged, run);
  return judged;
}

// Parts of the imported messages take turns.
Judged judge_by_turns(const Content& content, const fs::path& folder, const ReadTexts& read, const Run& run) {
  std::set<std::string> all;
  std::vector<Example> known, strange;
  for (const Example& e : content.examples) {
    (e.intent.empty() ? strange : known).push_back(e);
    if (!e.intent.empty()) all.insert(e.intent);
  }
  const std::vector<std::string> names(all.begin(), all.end());
  Judged judged;
  if (names.size() < 2 || known.size() < 2 * kParts) return judged;
  Random random(run.seed);
  random.shuffle(std::span(known));
  for (std::size_t part = 0; part < kParts; ++part) {
    Lessons lessons;
    std::vector<Example> asked;
    std::vector<std::string> outside;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (i % kParts == part) {
        asked.push_back(known[i]);
        continue;
      }
      lessons.texts.push_back(read_for_intents(known[i].text));
      lessons.labels.push_back(static_cast<std::uint32_t>(std::lower_bound(names.begin(), names.end(), known[i].intent) - names.begin()));
    }
    for (std::size_t i = 0; i < strange.size(); ++i) {
      if (i % kParts == part) asked.push_back(strange[i]);
      else outside.push_back(strange[i].text);
    }
    judge(Intents::train(lessons, {}, outside, names.size(), {}, read, folder, run), names, asked, read, judged, run);
    run.report("judging parts", part + 1, kParts);
  }
  return judged;
}

Json shown_mistakes(const Judged& judged) {
  constexpr std::size_t kShown = 10;
  std::vector<std::pair<std::size_t, std::pair<std::string, std::string>>> order;
  for (const auto& [pair, count] : judged.mixed_up) order.emplace_back(count, pair);
  std::sort(order.rbegin(), order.rend());
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(order.size(), kShown); ++i) {
    Json one = Json::object();
    one["intent"] = order[i].second.first, one["read_as"] = order[i].second.second, one["times"] = order[i].first;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

Json evaluate(const fs::path& folder, const fs::path& vectors, const fs::path& test, const Run& run) {
  const Content content = load_content(folder);
  const Desk::State::Encoders encoders = Desk::State::open_encoders(run);
  const ReadTexts read = [&](std::span<const std::string> texts, const Run& r) { return encoders.read(texts, vectors.string(), r); };
  const ReadTexts read_once = [&](std::span<const std::string> texts, const Run& r) { return encoders.read(texts, "", r); };
  const Judged judged = test.empty() ? judge_by_turns(content, folder, read, run) : judge_file(folder, test, read_once, run);
  Json figures = Json::object();
  if (judged.all > 0) {
    figures["intents"] = share(judged.right, judged.all);
    figures["kept_in_scope"] = share(judged.kept, judged.all);
  }
  if (judged.outside > 0) figures["strange_noticed"] = share(judged.noticed, judged.outside);
  figures["mixed_up"] = shown_mistakes(judged);
  std::vector<std::string> questions;
  for (const Faq& f : content.faq) questions.push_back(f.question);
  const WordingsFound found = questions.empty() ? WordingsFound{} : find_by_other_wordings(content.faq, read(questions, run), {});
  if (found.asked > 0) {
    figures["questions_found_first"] = share(found.first, found.asked);
    figures["questions_found_in_three"] = share(found.near, found.asked);
  }
  if (judged.all == 0 && found.asked == 0)
    throw Error(Code::not_found, "there is nothing to judge a desk by: import 10 or more messages of two intents (columns text, intent), or questions in several wordings (the same name)");
  return figures;
}

std::string shown(const Json& figures) {
  std::string text;
  const auto line = [&](const char* key, const std::string& what) {
    if (const Json* f = figures.find(key)) {
      char row[160];
      std::snprintf(row, sizeof row, "%.1f %%  (%.1f to %.1f, of %.0f)  ", 100 * f->at("share").as_number(), 100 * f->at("low").as_number(), 100 * f->at("high").as_number(), f->at("of").as_number());
      text += row + what + "\n";
    }
  };
  line("intents", "messages read as the right intent");
  line("kept_in_scope", "messages of known intents not taken for strange ones");
  line("strange_noticed", "strange messages noticed");
  line("questions_found_first", "questions found first by another wording");
  line("questions_found_in_three", "questions found among the first three");
  for (const Json& one : figures.at("mixed_up").as_array())
    text += "  " + printable(one.at("intent").as_string()) + " read as " + printable(one.at("read_as").as_string()) + ": " + std::to_string(one.at("times").as_integer()) + "\n";
  return text;
}

}  // namespace attune::talk::desk
