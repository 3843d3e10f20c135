// Showing: lists and explanations for a terminal, in English or Chinese.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "attune/cli/asking.h"
#include "attune/core/printable.h"
#include "attune/eval/table.h"
#include "attune/explain/explain.h"

namespace attune::cli {
namespace {

constexpr std::size_t kLongestTitle = 200;   // bytes; some shops put whole descriptions in their texts

using Word = std::pair<std::string_view, std::string_view>;   // as the program says it, in Chinese

constexpr std::array<Word, 17> kParts = {{{"centre", "减去平均值"}, {"behaviour", "行为"}, {"about", "所说的愿望"}, {"rest", "其余"}, {"popularity", "热门程度"}, {"rotate", "轮换"},
                                         {"stack", "叠加的树"}, {"text:neighbours", "文字相近的商品"}, {"text:likeness", "文字相近"}, {"text:all", "全部文字"}, {"text", "文字"},
                                         {"feature:fused", "特征 合并后的分数"}, {"feature:behind", "特征 与第一名的差距"}, {"feature:takers", "特征 选过的人数"}, {"feature:history", "特征 历史长度"},
                                         {"feature:text:last", "特征 与最近一件的文字相近度"}, {"feature:text:near", "特征 与最相近一件的文字相近度"}}};
constexpr std::array<Word, 6> kKinds = {{{"item:", "商品 "}, {"model:", "模型 "}, {"text:", "文字 "}, {"rule:", "规则 "}, {"feature:z:", "特征 分数 "}, {"feature:place:", "特征 名次 "}}};
constexpr std::array<Word, 12> kStages = {{{"retrieve", "检索"}, {"gone", "已删除"}, {"hidden", "已隐藏"}, {"seen", "已有"}, {"exclude", "排除"}, {"filter", "筛选"}, {"score", "打分"},
                                          {"diversify", "多样化"}, {"cap", "上限"}, {"threshold", "最低分"}, {"rotate", "轮换"}, {"stack", "叠加的树"}}};

// A part of a score as it is called; names of items, models, encoders and rules stay.
std::string part_name(const std::string& what, std::string_view language) {
  if (language != "zh") return what;
  for (const auto& [english, chinese] : kParts)
    if (what == english) return std::string(chinese);
  for (const auto& [kind, chinese] : kKinds)
    if (what.starts_with(kind)) return std::string(chinese) + what.substr(kind.size());
  return what;
}

std::string stage_name(const std::string& stage, std::string_view language) {
  if (language == "zh")
    for (const auto& [english, chinese] : kStages)
      if (stage == english) return std::string(chinese);
  return stage;
}

std::string titled(const std::string& text, const std::string& item) { return printable(text.empty() ? item : text + " [" + item + "]"); }

// What would turn the answer round, and how sure that is.
std::string change(const engine::WhyAnswer& why, bool zh) {
  const explain::Answer& answer = why.answer;
  if (why.would_change.empty()) {
    if (zh) return answer.is_exact ? "历史记录中没有哪些商品能改变这一点\n" : "没有在历史记录中找到能改变这一点的商品\n";
    return answer.is_exact ? "no set of items in this history would change that\n" : "no set of items in this history was found that would change that\n";
  }
  std::string text = answer.in_list ? zh ? "没有下列商品，它就不在列表中：" : "it would leave the list without: " : zh ? "没有下列商品，它就会进入列表：" : "it would enter the list without: ";
  for (std::size_t i = 0; i < why.would_change.size(); ++i) {
    const std::string& item = why.would_change[i];
    text += (i == 0 ? "" : zh ? "；" : "; ") + titled(why.would_change_texts[i], zh && item == "about" ? "所说的愿望" : item);
  }
  if (answer.is_exact) return text + "\n";
  return text + (zh ? "（重新列出后核对过；也许还有更小的一组）\n" : "   (checked by asking again; a smaller set may exist)\n");
}

}  // namespace

std::string shown(const Explanation& explanation, int depth, std::size_t most, std::string_view language) {
  std::vector<const Explanation*> parts;
  for (const Explanation& part : explanation.parts) parts.push_back(&part);
  std::sort(parts.begin(), parts.end(), [](const auto* a, const auto* b) { return std::abs(a->value) > std::abs(b->value); });
  const std::string indent(static_cast<std::size_t>(depth) * 2 + 4, ' ');
  std::string text;
  double rest = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i >= most) {
      rest += parts[i]->value;
      continue;
    }
    text += indent + fmt::format("{:+9.4f}  ", parts[i]->value) + printable(part_name(parts[i]->what, language)) + "\n";
    text += shown(*parts[i], depth + 1, most, language);
  }
  if (parts.size() > most)
    text += indent + fmt::format("{:+9.4f}  {}", rest, parts.size() - most) + (language == "zh" ? "个较小的部分\n" : " smaller parts\n");
  return text;
}

std::string shown(const std::vector<rank::Note>& notes, const std::string& indent, std::string_view language) {
  std::string text;
  for (const rank::Note& note : notes) text += indent + stage_name(note.stage, language) + (language == "zh" ? "：" : ": ") + printable(note.reason) + "\n";
  return text;
}

std::string shown(const engine::List& list, bool explain, std::string_view language) {
  const bool zh = language == "zh";
  std::size_t widest = 0;
  std::vector<std::string> titles;
  for (const engine::ListItem& item : list.items) titles.push_back(printable(item.text.empty() ? item.item : item.text, Lines::escape, kLongestTitle));
  for (const std::string& title : titles) widest = std::max(widest, eval::display_width(title));
  widest = std::min<std::size_t>(widest, 48);
  std::string text;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const engine::ListItem& item = list.items[i];
    const std::string& title = titles[i];
    text += fmt::format("{:3}  ", i + 1) + title + std::string(widest - std::min(widest, eval::display_width(title)) + 2, ' ') + "[" + printable(item.item) + "]  " + printable(item.because) + "\n";
    text += shown(item.notes, "       ", language);
    if (explain) text += fmt::format("     {} {:+9.4f} =\n", zh ? "分数" : "score", item.score) + shown(item.why, 1, 6, language);
  }
  for (const rank::Note& note : list.notes) text += (zh ? "说明：" : "note: ") + printable(note.reason) + "\n";
  if (list.items.empty()) text += zh ? "没有可以推荐的商品\n" : "nothing to recommend\n";
  return text;
}

std::string shown(const engine::WhyAnswer& why, bool all_parts, std::string_view language) {
  const bool zh = language == "zh";
  const explain::Answer& answer = why.answer;
  std::string text = titled(why.text, why.item) + "\n";
  if (answer.in_list) text += fmt::format(fmt::runtime(zh ? "在列表中；按分数排第{}位\n" : "in the list; by score at place {}\n"), answer.place);
  text += printable(answer.sentence) + "\n";
  text += fmt::format(fmt::runtime(zh ? "分数{:+.4f}，列表中最后一件的分数{:+.4f}\n" : "score {:+.4f}, the last item of the list has {:+.4f}\n"), answer.why.value, answer.score_to_enter);
  text += shown(all_parts ? answer.why : explain::by_history(answer.why), 0, all_parts ? 8 : 10, language) + shown(answer.notes, "", language);
  return answer.barred ? text : text + change(why, zh);
}

}  // namespace attune::cli
