// Constraints: postings and columns of the lexicon, walked once.
#include "attune/talk/constraints.h"

#include <algorithm>
#include <cmath>

namespace attune::talk {
namespace {

constexpr double kCheap = 0.35;          // "cheap": the lowest third or so of what fits
constexpr std::size_t kMostRelaxed = 12; // constraints looked at in pairs

bool has_number(const Constraint& c) { return c.op > Constraint::is_not; }
bool is_upper(Constraint::Op op) { return op == Constraint::below || op == Constraint::at_most; }

bool compares(Constraint::Op op, double number, double bound) {
  switch (op) {
    case Constraint::below: return number < bound;
    case Constraint::at_most: return number <= bound;
    case Constraint::above: return number > bound;
    case Constraint::at_least: return number >= bound;
    default: return false;
  }
}

// Columns hold floats: "at most 2.55" must let 2.55f pass.
double as_column(double number) { return static_cast<double>(static_cast<float>(number)); }

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// "caffeine free", "without caffeine", 不含咖啡因: the text names what it has not, and nowhere says that it has it.
bool says_it_lacks(std::string_view text, std::string_view what) {
  const auto lower = [](std::string_view from) {
    std::string to(from);
    for (char& c : to) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return to;
  };
  const std::string all = lower(text), word = lower(what);
  bool lacks = false;
  for (std::size_t at = all.find(word); !word.empty() && at != std::string::npos; at = all.find(word, at + word.size())) {
    const std::string_view before = std::string_view(all).substr(0, at), behind = std::string_view(all).substr(at + word.size());
    const bool is_free = behind.starts_with(" free") || behind.starts_with("-free") || (behind.starts_with("free") && !has_han(word));
    if (!is_free && !ends_with_any(before, {" no ", "without ", "free of ", "free from ", "zero ", "non-", "不含", "不含有", "无", "零", "不加", "不添加", "没有"}) && before != "no ") return false;
    lacks = true;
  }
  return lacks;
}

// Items that one of the values names; sorted.
std::vector<std::uint32_t> named_by(const Lexicon& lexicon, const Constraint& c) {
  std::vector<std::uint32_t> items;
  const Attribute* attribute = c.attribute.empty() ? nullptr : lexicon.attribute(c.attribute);
  for (const std::string& value : c.values) {
    if (c.attribute.empty()) {
      const auto some = lexicon.with_words(value);
      items.insert(items.end(), some.begin(), some.end());
    } else if (attribute != nullptr) {
      for (const Attribute::Value& v : attribute->values)
        if (v.text == value) items.insert(items.end(), v.items.begin(), v.items.end());
    }
  }
  if (c.attribute.empty() && c.op == Constraint::is_not)
    std::erase_if(items, [&](std::uint32_t i) { return std::all_of(c.values.begin(), c.values.end(), [&](const std::string& v) { return says_it_lacks(lexicon.world().item(item_at(i)).text, v); }); });
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

void keep_fitting(const Lexicon& lexicon, const Constraint& c, std::vector<std::uint8_t>& mask) {
  if (has_number(c)) {
    const Attribute* attribute = lexicon.attribute(c.attribute);
    const double bound = as_column(c.number);
    for (std::size_t i = 0; i < mask.size(); ++i) {
      const double number = attribute != nullptr && i < attribute->numbers.size() ? attribute->numbers[i] : NAN;
      if (!compares(c.op, number, bound)) mask[i] = 0;      // NaN fits no bound
    }
    return;
  }
  const std::vector<std::uint32_t> items = named_by(lexicon, c);
  if (c.op == Constraint::is_not) {
    for (const std::uint32_t i : items) mask[i] = 0;
    return;
  }
  std::vector<std::uint8_t> named(mask.size(), 0);
  for (const std::uint32_t i : items) named[i] = 1;
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = mask[i] != 0 && named[i] != 0 ? 1 : 0;
}

std::vector<std::uint8_t> showable(const Lexicon& lexicon) {
  const rank::World& world = lexicon.world();
  std::vector<std::uint8_t> mask(world.item_count(), 1);
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (world.item(item_at(i)).hidden || world.is_gone(item_at(i))) mask[i] = 0;
  return mask;
}

std::size_t count(const std::vector<std::uint8_t>& mask) { return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1)); }

std::string quoted(const std::string& text, bool zh) { return zh ? "“" + text + "”" : "“" + text + "”"; }

}  // namespace

bool fits(const Lexicon& lexicon, const Constraint& c, ItemId item) {
  const std::size_t i = to_index(item);
  if (has_number(c)) {
    const Attribute* attribute = lexicon.attribute(c.attribute);
    return attribute != nullptr && i < attribute->numbers.size() && compares(c.op, attribute->numbers[i], as_column(c.number));
  }
  const std::vector<std::uint32_t> items = named_by(lexicon, c);
  return std::binary_search(items.begin(), items.end(), static_cast<std::uint32_t>(i)) == (c.op == Constraint::is);
}

std::vector<std::uint8_t> fitting(const Lexicon& lexicon, std::span<const Constraint> constraints) {
  std::vector<std::uint8_t> mask = showable(lexicon);
  for (const Constraint& c : constraints) keep_fitting(lexicon, c, mask);
  return mask;
}

void add(const Lexicon& lexicon, std::vector<Constraint>& constraints, Constraint more, bool adds) {
  if (has_number(more)) {
    // A bound takes the place of the one on its side, and of one on the other that would leave nothing between them.
    std::erase_if(constraints, [&](const Constraint& c) {
      if (!has_number(c) || c.attribute != more.attribute) return false;
      if (is_upper(c.op) == is_upper(more.op)) return true;
      return is_upper(more.op) ? more.number < c.number : more.number > c.number;
    });
    constraints.push_back(std::move(more));
    return;
  }
  // What is wanted now is no longer unwanted, and the other way round.
  for (Constraint& c : constraints)
    if (c.attribute == more.attribute && !has_number(c) && c.op != more.op)
      std::erase_if(c.values, [&](const std::string& v) { return std::find(more.values.begin(), more.values.end(), v) != more.values.end(); });
  std::erase_if(constraints, [](const Constraint& c) { return !has_number(c) && c.values.empty(); });
  if (more.op == Constraint::is_not) {
    for (Constraint& c : constraints)
      if (c.attribute == more.attribute && c.op == Constraint::is_not && !c.attribute.empty()) {
        for (std::string& v : more.values)
          if (std::find(c.values.begin(), c.values.end(), v) == c.values.end()) c.values.push_back(std::move(v));
        return;
      }
    if (std::find(constraints.begin(), constraints.end(), more) == constraints.end()) constraints.push_back(std::move(more));
    return;
  }
  const Attribute* attribute = lexicon.attribute(more.attribute);
  const bool together = more.attribute.empty() || (adds && attribute != nullptr && attribute->is_list);
  if (adds && !together) {
    for (Constraint& c : constraints)
      if (c.attribute == more.attribute && c.op == Constraint::is) {
        for (const std::string& value : more.values)
          if (std::find(c.values.begin(), c.values.end(), value) == c.values.end()) c.values.push_back(value);
        return;
      }
  }
  if (!together) std::erase_if(constraints, [&](const Constraint& c) { return c.op == Constraint::is && c.attribute == more.attribute; });
  if (std::find(constraints.begin(), constraints.end(), more) == constraints.end()) constraints.push_back(std::move(more));
}

std::size_t withdraw(std::vector<Constraint>& constraints, const std::string& what) {
  const std::size_t before = constraints.size();
  const std::size_t equals = what.find('=');
  std::erase_if(constraints, [&](Constraint& c) {
    if (what == "*" || c.attribute == what) return true;
    if (equals == std::string::npos || c.attribute != what.substr(0, equals)) return false;
    std::erase(c.values, what.substr(equals + 1));
    return !has_number(c) && c.values.empty();
  });
  return before - constraints.size();
}

std::optional<Constraint> bound_of(const Lexicon& lexicon, const Comparative& comparative, std::span<const std::string> shown, std::span<const Constraint> constraints) {
  const Attribute* attribute = lexicon.attribute(comparative.attribute);
  if (attribute == nullptr || !attribute->is_number) return std::nullopt;
  const auto number_of = [&](ItemId id) { return to_index(id) < attribute->numbers.size() ? attribute->numbers[to_index(id)] : NAN; };
  Constraint c{.op = comparative.direction < 0 ? Constraint::below : Constraint::above, .attribute = attribute->name, .values = {}, .number = 0, .said = comparative.said};
  if (!comparative.than.empty()) {
    const auto id = lexicon.world().find(comparative.than);
    if (!id || std::isnan(number_of(*id))) return std::nullopt;
    c.number = number_of(*id);
    return c;
  }
  std::vector<float> numbers;
  if (!comparative.is_absolute)
    for (const std::string& item : shown)
      if (const auto id = lexicon.world().find(item); id && !std::isnan(number_of(*id))) numbers.push_back(number_of(*id));
  if (!numbers.empty()) {
    std::sort(numbers.begin(), numbers.end());
    c.number = numbers[numbers.size() / 2];      // the middle of what was shown
    return c;
  }
  std::vector<Constraint> others(constraints.begin(), constraints.end());
  std::erase_if(others, [&](const Constraint& o) { return o.attribute == attribute->name; });
  const std::vector<std::uint8_t> mask = fitting(lexicon, others);
  for (std::size_t i = 0; i < mask.size() && i < attribute->numbers.size(); ++i)
    if (mask[i] != 0 && !std::isnan(attribute->numbers[i])) numbers.push_back(attribute->numbers[i]);
  if (numbers.empty()) return std::nullopt;
  const double share = comparative.direction < 0 ? kCheap : 1 - kCheap;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(numbers.size() - 1));
  std::nth_element(numbers.begin(), numbers.begin() + at, numbers.end());
  c.number = numbers[static_cast<std::size_t>(at)];
  c.op = comparative.direction < 0 ? Constraint::at_most : Constraint::at_least;
  return c;
}

std::vector<Relaxation> relaxations(const Lexicon& lexicon, std::span<const Constraint> constraints) {
  std::vector<Relaxation> found;
  const auto try_without = [&](std::vector<std::size_t> drop) {
    std::vector<Constraint> rest;
    for (std::size_t i = 0; i < constraints.size(); ++i)
      if (std::find(drop.begin(), drop.end(), i) == drop.end()) rest.push_back(constraints[i]);
    if (const std::size_t n = count(fitting(lexicon, rest)); n > 0) found.push_back({std::move(drop), n});
  };
  const std::size_t n = std::min(constraints.size(), kMostRelaxed);
  for (std::size_t i = 0; i < n; ++i) try_without({i});
  for (std::size_t i = 0; i < n && found.empty(); ++i)
    for (std::size_t j = i + 1; j < n; ++j) try_without({i, j});
  if (found.empty() && n > 2) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < constraints.size(); ++i) all.push_back(i);
    try_without(all);
  }
  std::stable_sort(found.begin(), found.end(), [](const Relaxation& a, const Relaxation& b) { return a.items > b.items; });
  return found;
}

std::string shown_number(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return std::to_string(static_cast<long long>(number));
  return Json(static_cast<float>(number)).dump();
}

std::string spoken_name(const Lexicon& lexicon, const std::string& attribute, std::string_view language) {
  const Attribute* known = lexicon.attribute(attribute);
  const bool zh = language == "zh";
  if (attribute == kTakers) return zh ? "选购人数" : "number of people who took it";
  if (known != nullptr && known->role == Role::price && (!zh ? !has_han(attribute) : true)) return zh ? (has_han(attribute) ? attribute : "价格") : "price";
  std::string text;
  for (const char c : attribute) text += c == '_' ? ' ' : c;
  return text;
}

namespace {

// "taken by at least 115 people"
std::string takers_phrase(const Constraint& c, bool zh) {
  const std::string n = shown_number(c.number);
  switch (c.op) {
    case Constraint::below: return zh ? "选购的人少于" + n : "taken by fewer than " + n + " people";
    case Constraint::at_most: return zh ? "选购的人至多" + n : "taken by at most " + n + " people";
    case Constraint::above: return zh ? "选购的人多于" + n : "taken by more than " + n + " people";
    default: return zh ? "选购的人至少" + n : "taken by at least " + n + " people";
  }
}

}  // namespace

std::string phrase(const Lexicon& lexicon, const Constraint& c, std::string_view language) {
  const bool zh = language == "zh";
  std::string values;
  for (const std::string& v : c.values) values += (values.empty() ? "" : zh ? "或" : " or ") + quoted(cleaned(v, 80), zh);
  if (c.attribute.empty()) {
    if (c.op == Constraint::is) return (zh ? "含" : "with ") + values;
    return (zh ? "不含" : "without ") + values;
  }
  if (c.attribute == kTakers) return takers_phrase(c, zh);
  const std::string name = spoken_name(lexicon, c.attribute, language);
  switch (c.op) {
    case Constraint::is: return zh ? name + "为" + values : name + " " + values;
    case Constraint::is_not: return zh ? name + "不是" + values : name + " not " + values;
    case Constraint::below: return zh ? name + "低于" + shown_number(c.number) : name + " under " + shown_number(c.number);
    case Constraint::at_most: return zh ? name + "不超过" + shown_number(c.number) : name + " at most " + shown_number(c.number);
    case Constraint::above: return zh ? name + "高于" + shown_number(c.number) : name + " above " + shown_number(c.number);
    case Constraint::at_least: return zh ? name + "至少" + shown_number(c.number) : name + " at least " + shown_number(c.number);
  }
  return "";
}

std::string phrase(const Lexicon& lexicon, std::span<const Constraint> constraints, std::string_view language) {
  std::string text;
  for (const Constraint& c : constraints) text += (text.empty() ? "" : language == "zh" ? "，" : ", ") + phrase(lexicon, c, language);
  return text;
}

}  // namespace attune::talk
