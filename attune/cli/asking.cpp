// Asking: shared list options and the printed list.
#include "attune/cli/asking.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "attune/core/printable.h"
#include "attune/eval/table.h"

namespace attune::cli {
namespace {

constexpr std::size_t kLongestTitle = 200;   // bytes; some shops put whole descriptions in their texts

}  // namespace


void add_list_options(CLI::App& command, AskOptions& options) {
  command.add_option("-k,--k", options.ask.k, "length of the list")->check(CLI::Range(1, 1000));
  command.add_option("--filter", options.ask.filter, "only items that pass: \"price <= 10 and category = kitchen\"");
  command.add_option("--exclude", options.exclude, "items to leave out: a,b,c");
  command.add_option("--caps", options.ask.caps, "at most so many of one value: category=3,brand=2");
  command.add_option("--diversity", options.ask.diversity, "0 = most relevant first .. 1 = as different as can be")->check(CLI::Range(0.0, 1.0));
  command.add_option("--min-score", options.ask.min_score, "leave out items below this score");
  command.add_option("--models", options.models, "only these models of the snapshot: slist,ease");
  command.add_option("--language", options.ask.language, "of the reasons: en or zh")->check(CLI::IsMember({"en", "zh"}));
  command.add_flag("--explain", options.ask.explain, "show the parts that every score is the sum of");
}

void add_person_options(CLI::App& command, AskOptions& options) {
  command.add_option("--user", options.ask.user, "name of a user");
  command.add_option("--history", options.history, "items taken, oldest first: a,b,c (after the user's own)");
  command.add_option("--about", options.ask.about, "free text: what is wanted");
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
    else if (text[i] == ',') parts.emplace_back();
    else parts.back() += text[i];
  }
  std::erase_if(parts, [](const std::string& p) { return p.empty(); });
  return parts;
}

engine::Ask finished(const AskOptions& options) {
  engine::Ask ask = options.ask;
  ask.history = split_commas(options.history);
  ask.exclude = split_commas(options.exclude);
  ask.models = split_commas(options.models);
  return ask;
}

std::string shown(const Explanation& explanation, int depth, std::size_t most) {
  std::vector<const Explanation*> parts;
  for (const Explanation& part : explanation.parts) parts.push_back(&part);
  std::sort(parts.begin(), parts.end(), [](const auto* a, const auto* b) { return std::abs(a->value) > std::abs(b->value); });
  std::string text;
  double rest = 0;
  char number[32];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i >= most) {
      rest += parts[i]->value;
      continue;
    }
    std::snprintf(number, sizeof number, "%+9.4f  ", parts[i]->value);
    text += std::string(static_cast<std::size_t>(depth) * 2 + 4, ' ') + number + printable(parts[i]->what) + "\n";
    text += shown(*parts[i], depth + 1, most);
  }
  if (parts.size() > most) {
    std::snprintf(number, sizeof number, "%+9.4f  ", rest);
    text += std::string(static_cast<std::size_t>(depth) * 2 + 4, ' ') + number + std::to_string(parts.size() - most) + " smaller parts\n";
  }
  return text;
}

std::string shown(const engine::List& list, bool explain) {
  std::size_t widest = 0;
  std::vector<std::string> titles;
  for (const engine::ListItem& item : list.items) titles.push_back(printable(item.text.empty() ? item.item : item.text, Lines::escape, kLongestTitle));
  for (const std::string& title : titles) widest = std::max(widest, eval::display_width(title));
  widest = std::min<std::size_t>(widest, 48);
  std::string text;
  char number[32];
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const engine::ListItem& item = list.items[i];
    std::snprintf(number, sizeof number, "%3zu  ", i + 1);
    const std::string& title = titles[i];
    text += number + title + std::string(widest - std::min(widest, eval::display_width(title)) + 2, ' ') + "[" + printable(item.item) + "]  " + printable(item.because) + "\n";
    for (const rank::Note& note : item.notes) text += "       " + note.stage + ": " + printable(note.reason) + "\n";
    if (explain) {
      std::snprintf(number, sizeof number, "%+9.4f", item.score);
      text += std::string("     score ") + number + " =\n" + shown(item.why, 1, 6);
    }
  }
  for (const rank::Note& note : list.notes) text += "note: " + printable(note.reason) + "\n";
  if (list.items.empty()) text += "nothing to recommend\n";
  return text;
}

}  // namespace attune::cli
