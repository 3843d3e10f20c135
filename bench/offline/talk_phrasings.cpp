// How people put it: of messages another hand wrote, how many leave exactly the conditions that were meant. Items are compared, not
// conditions: those the dialogue lets through and those that what was meant lets through (tests/worlds/phrasings/README.md).
//   bench_talk_phrasings [--folder tests/worlds/phrasings] [--show first|second] [--work FOLDER]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>

#include "attune/core/error.h"
#include "attune/talk/constraints.h"
#include "bench/offline/talk_bench.h"

namespace attune::bench {
namespace {

struct Words {
  std::map<std::string, std::string> fields;      // "price" -> the name of the attribute
  std::vector<std::string> brands, colours, kinds, materials;
  std::string joint;                              // between the words of a text
};

Words words_of(bool zh) {
  if (zh)
    return {{{"price", "价格"}, {"brand", "品牌"}, {"colour", "颜色"}, {"kind", "类别"}, {"material", "材质"}, {"year", "年份"}, {"rating", "评分"}},
            {"青山", "晨光居", "云舒", "小鹿", "北辰", "南桥", "欧雅", "乐居", "木槿", "拾光", "禾田", "半夏"},
            {"红色", "蓝色", "绿色", "黑色", "白色", "黄色", "紫色", "橙色"},
            {"杯子", "台灯", "背包", "挂钟", "毯子", "水壶", "笔记本", "椅子", "蜡烛", "镜子", "花瓶", "托盘"},
            {"皮革", "竹", "陶瓷", "不锈钢", "棉", "玻璃", "丝绒", "橡木"},
            ""};
  return {{{"price", "price"}, {"brand", "brand"}, {"colour", "colour"}, {"kind", "category"}, {"material", "material"}, {"year", "year"}, {"rating", "rating"}},
          {"Alder", "Brisk", "Cobalt Lane", "Dovetail", "Emberly", "Fenwick", "Gildon", "Harrow", "Ivo", "Juniper Works", "Kestrel", "Lomond", "Marlowe", "Northby", "Osier", "Pellow"},
          {"red", "blue", "green", "black", "white", "yellow", "purple", "orange"},
          {"mug", "lamp", "bag", "clock", "blanket", "bottle", "notebook", "chair", "candle", "mirror", "vase", "tray"},
          {"leather", "bamboo", "ceramic", "steel", "cotton", "glass", "velvet", "oak"},
          " "};
}

data::Record item_of(const Words& w, const std::string& name, const std::array<std::size_t, 4>& at, double price, int year, double rating) {
  data::Record item{.name = name, .text = w.brands[at[0]] + w.joint + w.materials[at[3]] + w.joint + w.kinds[at[2]] + " " + name};
  item.attributes[w.fields.at("price")] = price;
  item.attributes[w.fields.at("brand")] = w.brands[at[0]];
  item.attributes[w.fields.at("colour")] = w.colours[at[1]];
  item.attributes[w.fields.at("kind")] = w.kinds[at[2]];
  item.attributes[w.fields.at("material")] = w.materials[at[3]];
  item.attributes[w.fields.at("year")] = year;
  item.attributes[w.fields.at("rating")] = rating;
  return item;
}

data::Batch shop(const Words& w) {
  data::Batch batch;
  batch.items.push_back(item_of(w, "shown-1", {0, 0, 0, 2}, 24, 2005, 4.1));
  batch.items.push_back(item_of(w, "shown-2", {5, 1, 1, 3}, 40, 2012, 3.6));
  batch.items.push_back(item_of(w, "shown-3", {7, 3, 7, 7}, 65, 1998, 4.5));
  Random random(5);
  for (int i = 0; i < 1200; ++i)
    batch.items.push_back(item_of(w, "i" + std::to_string(i), {random.below(w.brands.size()), random.below(w.colours.size()), random.below(w.kinds.size()), random.below(w.materials.size())},
                                  rounded(2 + 98 * random.uniform(), 2), static_cast<int>(1980 + random.below(45)), rounded(1 + 4 * random.uniform(), 1)));
  for (int user = 0; user < 60; ++user)
    for (int step = 0; step < 8; ++step)
      batch.events.push_back({.user = "user" + std::to_string(user), .item = "i" + std::to_string(random.below(1200)), .type = "purchase", .value = {}, .time_ms = 1700000000000 + user * 1000 + step * 86400000, .session = "", .request = ""});
  return batch;
}

enum class Verdict { out, in, free };

// One condition that was meant.
class Meant {
 public:
  Meant(const std::string& text, const Words& words, const talk::Lexicon& lexicon) : lexicon_(lexicon) {
    const std::size_t op = text.find_first_of("<>=!~");
    if (op == std::string::npos || op == 0) throw Error(Code::bad_data, "phrasings: '" + text + "' is no condition");
    std::size_t end = op + 1;
    while (end < text.size() && std::string("<>=!~").find(text[end]) != std::string::npos) ++end;
    key_ = text.substr(0, op), op_ = text.substr(op, end - op), value_ = text.substr(end);
    if (key_ != "item") attribute_ = lexicon.attribute(words.fields.at(key_));
    if (value_.starts_with("@")) against_shown();
    else if (value_ == "cheap" || value_ == "old") low_ = at_share(0.1), high_ = at_share(0.7);
    else if (value_ == "dear" || value_ == "new" || value_ == "good") low_ = at_share(0.3), high_ = at_share(0.9);
    else if (const std::size_t dots = value_.find(".."); dots != std::string::npos) low_ = std::stod(value_), high_ = std::stod(value_.substr(dots + 2));
    else if (attribute_ != nullptr && attribute_->is_number) low_ = high_ = std::stod(value_);
  }

  Verdict of(std::size_t item) const {
    if (key_ == "item") {
      for (const std::string& n : split_at(value_, ','))
        if (lexicon_.world().item(item_at(item)).name == "shown-" + n) return Verdict::out;
      return Verdict::in;
    }
    if (!attribute_->is_number) {
      const std::string has = lexicon_.value_text(item_at(item), *attribute_);
      const std::vector<std::string> values = split_at(value_, ',');
      return (std::find(values.begin(), values.end(), has) != values.end()) == (op_ == "=") ? Verdict::in : Verdict::out;
    }
    const double x = attribute_->numbers[item], e = 1e-4;
    if (op_ == "~") return std::abs(x / low_ - 1) <= 0.1 ? Verdict::in : std::abs(x / low_ - 1) > 0.5 ? Verdict::out : Verdict::free;
    if (op_ == "=") return x > low_ + e && x < high_ - e ? Verdict::in : x < low_ - e || x > high_ + e ? Verdict::out : Verdict::free;
    if (op_[0] == '<') return x < low_ - e ? Verdict::in : x > high_ + e || (low_ < high_ && x >= high_ - e) ? Verdict::out : Verdict::free;
    return x > high_ + e ? Verdict::in : x < low_ - e || (low_ < high_ && x <= low_ + e) ? Verdict::out : Verdict::free;
  }

  // As it stands in a dialogue.
  void put(std::vector<talk::Constraint>& constraints) const {
    talk::Constraint c{.op = talk::Constraint::is, .attribute = attribute_->name, .values = {}, .said = value_};
    if (attribute_->is_number) c.op = op_ == "<=" ? talk::Constraint::at_most : talk::Constraint::at_least, c.number = low_;
    else c.op = op_ == "=" ? talk::Constraint::is : talk::Constraint::is_not, c.values = split_at(value_, ',');
    constraints.push_back(c);
  }

 private:
  double number_of(const std::string& item) const { return attribute_->numbers[to_index(*lexicon_.world().find(item))]; }
  void against_shown() {
    std::vector<double> numbers;
    for (const char* n : {"1", "2", "3"})
      if (value_ == "@" || value_.substr(1) == n) numbers.push_back(number_of(std::string("shown-") + n));
    low_ = *std::min_element(numbers.begin(), numbers.end()), high_ = *std::max_element(numbers.begin(), numbers.end());
  }
  double at_share(double share) const {
    std::vector<float> numbers = attribute_->numbers;
    std::sort(numbers.begin(), numbers.end());
    return numbers[static_cast<std::size_t>(share * static_cast<double>(numbers.size() - 1))];
  }

  const talk::Lexicon& lexicon_;
  const talk::Attribute* attribute_ = nullptr;
  std::string key_, op_, value_;
  double low_ = 0, high_ = 0;
};

struct Phrasing {
  std::string before, typed, after;
};

std::vector<Phrasing> phrasings_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(Code::io, file.string() + " cannot be read");
  std::vector<Phrasing> all;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t a = line.find('|'), b = line.rfind('|');
    if (a == std::string::npos || a == b) throw Error(Code::bad_data, file.string() + ": '" + line + "' has no two bars");
    all.push_back({line.substr(0, a), line.substr(a + 2, b - a - 3), line.substr(b + 1)});
  }
  return all;
}

class Judge {
 public:
  Judge(const engine::Engine& engine, const Words& words) : chat_(engine), words_(words), lexicon_(chat_.lexicon()) {}

  // What went wrong; empty = nothing.
  std::string problem(const Phrasing& p) const {
    talk::Dialogue dialogue;
    for (const std::string& part : split_at(p.before, ' '))
      if (part == "@") dialogue.lists.push_back({"shown-1", "shown-2", "shown-3"});
      else Meant(joined(part), words_, *lexicon_).put(dialogue.wants.constraints);
    std::vector<Meant> meant;
    for (const std::string& part : split_at(p.after, ' ')) meant.emplace_back(joined(part), words_, *lexicon_);
    const talk::Reply reply = chat_.turn(dialogue, {.message = p.typed, .user = "", .language = "", .k = 5, .now_ms = 1800000000000});
    std::vector<std::uint8_t> mask = talk::fitting(*lexicon_, reply.dialogue.wants.constraints);
    for (const std::string& item : reply.dialogue.wants.disliked) mask[to_index(*lexicon_->world().find(item))] = 0;
    std::size_t wrongly_in = 0, wrongly_out = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      Verdict verdict = Verdict::in;
      for (const Meant& m : meant)
        if (const Verdict v = m.of(i); v == Verdict::out || (v == Verdict::free && verdict == Verdict::in)) verdict = v;
      wrongly_in += verdict == Verdict::out && mask[i] != 0 ? 1 : 0;
      wrongly_out += verdict == Verdict::in && mask[i] == 0 ? 1 : 0;
    }
    if (wrongly_in + wrongly_out == 0) return "";
    return p.before + "| " + p.typed + " |" + p.after + " => " + talk::phrase(*lexicon_, reply.dialogue.wants.constraints, "en") + " (wrongly in " + std::to_string(wrongly_in) + ", out " + std::to_string(wrongly_out) + "; " + reply.act + ", wish '" +
           reply.reading.wish + "')";
  }

 private:
  static std::string joined(std::string text) {      // "Cobalt_Lane": a blank within a value
    for (char& c : text)
      if (c == '_') c = ' ';
    return text;
  }
  talk::Chat chat_;
  const Words& words_;
  std::shared_ptr<const talk::Lexicon> lexicon_;
};

void measure(const Judge& judge, const std::filesystem::path& file, const std::string& shown) {
  const std::vector<Phrasing> all = phrasings_in(file);
  for (const std::size_t half : {0u, 1u}) {
    std::size_t cases = 0, kept = 0;
    for (std::size_t i = half; i < all.size(); i += 2) {
      const std::string problem = judge.problem(all[i]);
      ++cases;
      kept += problem.empty() ? 1 : 0;
      if (!problem.empty() && shown == (half == 0 ? "first" : "second")) std::fprintf(stderr, "%s\n", problem.c_str());
    }
    Json line = Json::object();
    line["what"] = "exactly the conditions that were meant hold after the message";
    line["messages_in"] = file.filename().string();
    line["half"] = half == 0 ? "first (rules were mended by it)" : "second (only counted)";
    line["messages"] = cases;
    line["kept"] = rounded(static_cast<double>(kept) / static_cast<double>(cases), 4);
    emit("talk/phrasings", line);
  }
}

void go(const Arguments& arguments) {
  const std::filesystem::path folder = arguments.get("folder", "tests/worlds/phrasings");
  const std::filesystem::path work = arguments.get("work", (std::filesystem::temp_directory_path() / "attune_bench_phrasings").string());
  for (const bool zh : {false, true}) {
    const Words words = words_of(zh);
    const auto engine = fitted(work / (zh ? "zh" : "en"), shop(words), {"tfidf"}, {"popularity"});
    const Judge judge(*engine, words);
    const std::vector<std::string> files = zh ? std::vector<std::string>{"zh.txt", "zh_slips.txt", "zh_third.txt"} : std::vector<std::string>{"en.txt", "en_third.txt"};
    for (const std::string& file : files) measure(judge, folder / file, arguments.get("show"));
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
