// Scripted conversations of five turns over catalogues with attributes: is every constraint kept in every later list, is every
// item named one of the catalogue's, how long does a reply take. English over a made-up shop, Chinese over CrossWOZ's restaurants.
//   bench_talk scripted [--dialogues 250] [--seed 1] [--restaurants FILE.json.gz] [--work FOLDER]
// The constraints are checked here against the items' own attributes and texts, not by the code under test.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "bench/offline/talk_bench.h"

namespace attune::bench {
namespace {

struct Truth {
  std::string what;
  std::function<bool(const data::CatalogueItem&)> holds;
};

// Fills {} of a pattern.
std::string with(std::string pattern, const std::string& value, const std::string& second = "") {
  for (const std::string& v : {value, second})
    if (const std::size_t at = pattern.find("{}"); at != std::string::npos) pattern.replace(at, 2, v);
  return pattern;
}

double number(const data::CatalogueItem& item, const std::string& key) {
  const Json* value = item.attributes.find(key);
  return value != nullptr && value->is_number() ? static_cast<double>(static_cast<float>(value->as_number())) : NAN;
}
bool has_value(const data::CatalogueItem& item, const std::string& key, const std::string& value) {
  const Json* json = item.attributes.find(key);
  if (json == nullptr) return false;
  if (json->is_string()) return json->as_string() == value;
  if (json->is_array())
    for (const Json& entry : json->as_array())
      if (entry.is_string() && entry.as_string() == value) return true;
  return false;
}
bool has_word(const data::CatalogueItem& item, const std::string& word) { return (" " + item.text + " ").find(" " + word + " ") != std::string::npos; }

using List = std::vector<std::string>;

class Script {
 public:
  Script(Talker& talker, Random& random, bool zh) : talker_(talker), random_(random), zh_(zh) {}

  // True when all constraints held in every list after they were said, and a list came whenever something fits.
  bool run() {
    talker_.begin();
    truths_.clear();
    reply_ = {};
    if (zh_) opening_zh();
    else opening_en();
    for (int turn = 1; turn < 5 && ok_; ++turn) zh_ ? next_zh(turn) : next_en(turn);
    return ok_;
  }
  std::string problem;

 private:
  template <class T>
  const T& pick(const std::vector<T>& list) { return list[random_.below(list.size())]; }
  const data::CatalogueItem& any_item() {
    const auto items = talker_.engine().snapshot()->catalogue->items();
    return items[random_.below(items.size())];
  }
  static std::string shown(double n) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", n);
    return text;
  }

  void say(const std::string& message, std::vector<Truth> more = {}) {
    for (Truth& t : more) truths_.push_back(std::move(t));
    reply_ = talker_.say(message, "", 5);
    said_ += " | " + message;
    const auto world = talker_.engine().world();
    if (reply_.act != "recommend" && reply_.act != "nothing_fits") return;
    for (const talk::ReplyItem& item : reply_.items) {
      const auto id = world->find(item.item);
      for (const Truth& t : truths_)
        if (!id || !t.holds(world->item(*id))) fail(item.item + " breaks: " + t.what);
    }
    if (!reply_.items.empty()) {
      last_ = reply_.items;
      return;
    }
    std::size_t fit = 0;
    for (const data::CatalogueItem& item : talker_.engine().snapshot()->catalogue->items())
      fit += std::all_of(truths_.begin(), truths_.end(), [&](const Truth& t) { return t.holds(item); }) ? 1 : 0;
    if (fit > 20) fail("no list, though " + std::to_string(fit) + " items fit");
  }
  void fail(const std::string& why) {
    ok_ = false;
    if (problem.empty()) problem = why + " in" + said_ + " => " + reply_.say;
  }

  Truth under(const std::string& key, double most, bool strict) {
    const double bound = static_cast<double>(static_cast<float>(most));
    return {key + (strict ? " < " : " <= ") + shown(most), [=](const data::CatalogueItem& i) { const double n = number(i, key); return strict ? n < bound : n <= bound; }};
  }
  Truth over(const std::string& key, double least, bool strict = false) {
    const double bound = static_cast<double>(static_cast<float>(least));
    return {key + (strict ? " > " : " >= ") + shown(least), [=](const data::CatalogueItem& i) { const double n = number(i, key); return strict ? n > bound : n >= bound; }};
  }
  Truth is(const std::string& key, const std::string& value) { return {key + " = " + value, [=](const data::CatalogueItem& i) { return has_value(i, key, value); }}; }
  Truth is_not(const std::string& key, const std::string& value) { return {key + " != " + value, [=](const data::CatalogueItem& i) { return !has_value(i, key, value); }}; }
  Truth no_word(const std::string& word) { return {"text without " + word, [=](const data::CatalogueItem& i) { return !has_word(i, word); }}; }

  void opening_en() {
    const std::string kind = any_item().attributes.at("category").as_string();
    const double most = 10 + static_cast<double>(random_.below(40));
    const std::string n = shown(most);
    switch (random_.below(6)) {
      case 0: return say(with(pick(List{"I'm looking for a {} under {}", "show me a {} for under £{}", "do you have a {} below {} pounds?", "a nice {}, less than {}"}), kind, n), {is("category", kind), under("price", most, true)});
      case 1: return say(with(pick(List{"a {}, at most {}", "I need a {} up to ${}", "find me a {} for no more than {}", "any {}? my budget is {}", "a {} for {} or less"}), kind, n), {is("category", kind), under("price", most, false)});
      case 2: {
        const std::string colour = any_item().attributes.at("colour").as_string();
        return say(with(pick(List{"I want something {} for a friend", "something in {} please", "show me {} things"}), colour), {is("colour", colour)});
      }
      case 3: {
        const std::string brand = any_item().attributes.at("brand").as_string();
        return say(with(pick(List{"what do you have by {}?", "I like the brand {}, show me their things", "anything from {}"}), brand), {is("brand", brand)});
      }
      case 4: return say(with(pick(List{"a {} between {} and 60", "I'd like a {} from {} to 60 pounds", "a {} for {}-60"}), kind, n), {is("category", kind), over("price", most), under("price", 60, false)});
      default: {
        const std::string year = shown(1990 + static_cast<double>(random_.below(20)));
        return say(with(pick(List{"a {} made after {}", "a {} newer than {}", "find a {} published after {}"}), kind, year), {is("category", kind), over("year", std::stod(year), true)});
      }
    }
  }

  void next_en(int turn) {
    const std::string brand = any_item().attributes.at("brand").as_string(), colour = any_item().attributes.at("colour").as_string();
    static const List kWords = {"leather", "bamboo", "ceramic", "steel", "cotton", "glass", "velvet", "oak", "striped", "spotted", "floral", "checked", "vintage"};
    const std::string word = pick(kWords);
    const auto wanted = [&](const std::string& text) { return std::any_of(truths_.begin(), truths_.end(), [&](const Truth& t) { return t.what.find("= " + text) != std::string::npos; }); };
    switch (random_.below(turn < 2 ? 4 : 9)) {
      case 0:
        if (!wanted(brand)) return say(with(pick(List{"not {} please", "anything but {}", "no {}, I had bad luck with them", "I don't like {}", "other than {}", "without {}"}), brand), {is_not("brand", brand)});
        break;
      case 1:
        if (!wanted(colour)) return say(with(pick(List{"but not {}", "nothing {}", "I don't want {}", "no {} ones", "please avoid {}"}), colour), {is_not("colour", colour)});
        break;
      case 2: return say(with(pick(List{"no {}", "nothing with {}", "without {} please", "I hate {}", "not {}"}), word), {no_word(word)});
      case 3:
        if (const double price = of_last(1, "price"); !std::isnan(price))
          return say(pick(List{"cheaper than the second one", "something cheaper than the second", "the second is too expensive", "like the second one but cheaper"}), {under("price", price, true)});
        break;
      case 4: return say(pick(List{"show me more", "what else do you have?", "other options please", "next"}));
      case 5: return say(pick(List{"why the first?", "how much is the second one?", "compare the first and the second", "tell me about the first one"}));
      case 6: return say(pick(List{"more like the first one", "something similar to the second", "not the first one"}));
      case 7: return say(pick(List{"something for the kitchen", "it is for my sister", "hmm, show me others", "thanks, what else?"}));
      default:
        if (const double year = of_last(0, "year"); !std::isnan(year)) return say(pick(List{"newer than the first one", "something more recent than the first"}), {over("year", year, true)});
    }
    say("show me more");
  }

  // A number of the item that was shown at a place; NaN = none.
  double of_last(std::size_t place, const std::string& key) const {
    const Json* value = place < last_.size() ? last_[place].attributes.find(key) : nullptr;
    return value != nullptr && value->is_number() ? value->as_number() : NAN;
  }

  std::string dish() {
    for (int tries = 0; tries < 50; ++tries) {
      const data::CatalogueItem& item = any_item();
      const Json* dishes = item.attributes.find("推荐菜");
      if (dishes == nullptr || !dishes->is_array() || dishes->size() == 0) continue;
      const std::string text = pick(dishes->as_array()).as_string();
      if (text.size() >= 6 && text.size() <= 18 && talk::has_han(text) && text.find("(") == std::string::npos && text.find("（") == std::string::npos) return text;
    }
    return "烤鸭";
  }

  void opening_zh() {
    const double most = 40 + 10 * static_cast<double>(random_.below(15));
    const std::string n = shown(most), food = dish();
    switch (random_.below(5)) {
      case 0: return say(with(pick(List{"推荐一家{}元以下的餐馆", "{}块以内的馆子", "找一家人均{}以内的", "人均消费不超过{}元的"}), n), {under("人均消费", most, false)});
      case 1: return say(with(pick(List{"人均低于{}的餐厅", "人均消费低于{}元", "价格低于{}的"}), n), {under("人均消费", most, true)});
      case 2: return say(with(pick(List{"我想吃{}", "有没有{}", "推荐有{}的餐馆", "找一家做{}的"}), food), {is("推荐菜", food)});
      case 3: return say(with(pick(List{"评分{}以上的餐馆", "评分至少{}分", "评分不低于{}的"}), "4.5"), {over("评分", 4.5)});
      default: return say(with(pick(List{"人均{}到200块之间", "{}到200元的餐馆", "价格在{}到200之间"}), n), {over("人均消费", std::min(most, 200.0)), under("人均消费", std::max(most, 200.0), false)});
    }
  }

  void next_zh(int turn) {
    const std::string food = dish();
    const bool wanted = std::any_of(truths_.begin(), truths_.end(), [&](const Truth& t) { return t.what == "推荐菜 = " + food; });
    switch (random_.below(turn < 2 ? 3 : 7)) {
      case 0:
        if (!wanted) return say(with(pick(List{"不要{}", "{}的不要", "不想吃{}", "不喜欢{}", "除了{}"}), food), {is_not("推荐菜", food)});
        break;
      case 1:
        if (const double price = of_last(1, "人均消费"); !std::isnan(price)) return say(pick(List{"比第二个便宜", "比第二家便宜的", "第二个太贵了", "类似第二个但更便宜"}), {under("人均消费", price, true)});
        break;
      case 2:
        if (const double rating = of_last(0, "评分"); !std::isnan(rating)) return say(pick(List{"评分比第一个高的", "比第一个评分更高", "有没有比第一家评价更好的"}), {over("评分", rating, true)});
        break;
      case 3: return say(pick(List{"还有别的吗", "换一批", "再推荐几个", "更多"}));
      case 4: return say(pick(List{"为什么推荐第一个", "第二个多少钱", "比较第一个和第二个", "介绍一下第一个"}));
      case 5: return say(pick(List{"类似第一个的", "和第二个差不多的", "不要第一个"}));
      default: return say(pick(List{"周末和朋友聚餐", "还有吗", "再来几个", "谢谢，还有别的吗"}));
    }
    say("还有别的吗");
  }

  Talker& talker_;
  Random& random_;
  bool zh_, ok_ = true;
  std::vector<Truth> truths_;
  talk::Reply reply_;
  std::vector<talk::ReplyItem> last_;
  std::string said_;
};

void scripted(const Arguments& arguments) {
  const std::size_t count = std::stoul(arguments.get("dialogues", "250"));
  const std::uint64_t seed = std::stoull(arguments.get("seed", "1"));
  const std::filesystem::path work = arguments.get("work", (std::filesystem::temp_directory_path() / "attune_bench_talk").string());
  for (const bool zh : {false, true}) {
    const data::Batch batch = zh ? restaurants(arguments.get("restaurants", "crosswoz/database/restaurant_db.json.gz"), seed) : made_up_shop(seed);
    const auto engine = fitted(work / (zh ? "zh" : "en"), batch, {"tfidf"}, {"slist", "popularity"});
    Talker talker(*engine);
    Random random(seed);
    std::size_t kept = 0;
    for (std::size_t n = 0; n < count; ++n) {
      Script script(talker, random, zh);
      if (script.run()) ++kept;
      else std::fprintf(stderr, "%s\n", script.problem.c_str());
    }
    Json line = Json::object();
    line["what"] = "constraints kept over 5 turns";
    line["language"] = zh ? "zh" : "en";
    line["catalogue"] = zh ? "CrossWOZ restaurants" : "made up";
    line["items"] = batch.items.size();
    line["dialogues"] = count;
    line["kept"] = rounded(static_cast<double>(kept) / static_cast<double>(count), 4);
    line["items_named"] = talker.items_named;
    line["items_not_in_catalogue"] = talker.items_unknown;
    line["turns"] = talker.wall_ms.size();
    line["p50_ms"] = rounded(quantile(talker.wall_ms, 0.5), 2);
    line["p99_ms"] = rounded(quantile(talker.wall_ms, 0.99), 2);
    line["cpu_p99_ms"] = rounded(quantile(talker.cpu_ms, 0.99), 2);
    line["seed"] = seed;
    emit("talk/scripted", line);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) {
  try {
    const attune::bench::Arguments arguments(argc, argv);
    if (arguments.words.empty() || arguments.words[0] != "scripted") throw attune::Error(attune::Code::bad_request, "bench_talk scripted [options]");
    attune::bench::scripted(arguments);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_talk: %s\n", e.what());
    return 1;
  }
}
