// Report page: the HTML. Plain strings, one function a part of the page, everything from outside written out by xml_text.
#include "attune/eval/report_page.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "attune/eval/report_plots.h"
#include "attune/eval/xml_text.h"

namespace attune::eval {
namespace {

// Okabe and Ito's blue is the one accent, as in the pictures. Numbers stand under each other (tabular-nums). On paper: black on white, tables
// and pictures whole.
constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#5c5c5c;--line:#dcdcdc;--paper:#fff;--card:#f6f7f8;--accent:#0072b2}
@media (prefers-color-scheme:dark){:root{--ink:#ececec;--soft:#b0b0b0;--line:#3a3d42;--paper:#16181c;--card:#1e2126;--accent:#56b4e9}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1144px;margin:0 auto;padding:40px 32px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:20px;line-height:1.3;margin:48px 0 12px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:24px 0 8px}
p{max-width:76ch;margin:0 0 12px}
.sub,.soft,figcaption,caption{color:var(--soft)}
.lead{font-size:19px;line-height:1.5;margin:20px 0 8px}
nav{margin:16px 0 0;font-size:14px}nav a{margin-right:16px}
a{color:var(--accent);text-decoration:none}a:hover,a:focus{text-decoration:underline}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:24px 0 0}
dl.facts div{background:var(--card);padding:10px 14px}
dl.facts dt{font-size:13px;color:var(--soft)}
dl.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dl.facts div.wide{grid-column:1/-1}dl.facts div.wide dd{font-weight:400;font-size:14px}
.scroll{overflow-x:auto;margin:0 0 12px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 8px;font-size:14px}
th,td{padding:6px 8px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th{font-weight:600;vertical-align:bottom}thead th{border-bottom:2px solid var(--soft)}
th:first-child,td:first-child{text-align:left}
tbody th,tbody td{vertical-align:baseline}
th.text{text-align:left}td.text{text-align:left;white-space:normal;overflow-wrap:anywhere}
td .ci{display:block;font-size:11px;font-weight:400;color:var(--soft);line-height:1.3}
td.best{color:var(--accent);font-weight:700}
tr.control th{font-weight:400}tr.control{color:var(--soft)}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Consolas,monospace}
figure{margin:0 0 24px}figure svg{display:block;width:100%;height:auto}
.ap-paper{stroke:var(--line);stroke-width:1}
figcaption{font-size:14px;margin-top:6px;max-width:96ch}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px}
details{margin:8px 0 12px}summary{cursor:pointer;color:var(--accent);font-size:14px}
p.soft{font-size:14px}ul.notes{padding-left:20px;margin:8px 0;color:var(--soft);font-size:14px}
@media (max-width:640px){main{padding:24px 16px 48px}h1{font-size:25px}figure{overflow-x:auto}figure svg{min-width:560px}}
@media print{:root{--ink:#000;--soft:#444;--line:#ccc;--paper:#fff;--card:#fff;--accent:#005a8c}
body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}h2{break-after:avoid}figure,tr,dl.facts div{break-inside:avoid}
.scroll{overflow:visible}table{font-size:8.5pt}th,td{padding:3px 5px}
html .ap{--ap-ink:#000;--ap-soft:#444;--ap-grid:#ddd;--ap-paper:#fff;--ap-0:#0072b2;--ap-1:#d55e00;--ap-2:#007a5a;--ap-3:#a8508c;--ap-4:#9a6a00;--ap-5:#3a7fa8;--ap-6:#555;--ap-7:#7a5fc0}}
)";

std::string element(std::string_view tag, const std::string& inside) { return fmt::format("<{0}>{1}</{0}>", tag, inside); }

// A number as people read it, with all its digits for programs.
std::string number(double v, const std::string& shown) { return "<data value=\"" + Json(v).dump() + "\">" + xml_text(shown) + "</data>"; }
std::string number(double v) { return number(v, number_text(v)); }

std::string interval_text(double low, double high) { return "[" + number_text(low) + ", " + number_text(high) + "]"; }

std::string name_of(const Row& row) { return row.control.empty() ? row.model : row.model + " (" + row.control + ")"; }

std::string figure_cell(const Figure* figure, bool is_best) {
  if (figure == nullptr || figure->n == 0) return "<td></td>";
  std::string inside = number(figure->mean);
  if (figure->has_interval)
    inside += "<span class=\"ci\">[" + number(figure->low) + ", " + number(figure->high) + "]</span>";
  return (is_best ? "<td class=\"best\">" : "<td>") + inside + "</td>";
}

std::string header(const std::vector<std::string>& names) {
  std::string cells;
  for (const std::string& name : names) cells += (name.starts_with("settings") ? "<th scope=\"col\" class=\"text\">" : "<th scope=\"col\">") + xml_text(name) + "</th>";
  return element("thead", element("tr", cells));
}

std::string table(const std::string& caption, const std::vector<std::string>& names, const std::string& body) {
  return "<div class=\"scroll\"><table>" + (caption.empty() ? "" : element("caption", xml_text(caption))) + header(names) + element("tbody", body) + "</table></div>\n";
}

// The best mean of the rows without controls; nullptr-free: an unmeasured figure has none.
double best_of(const Report& report, const std::string& name) {
  double best = -1e300;
  for (const Row& row : report.rows)
    if (const Figure* figure = row.evaluation.find(name); row.control.empty() && figure != nullptr && figure->n > 0) best = std::max(best, figure->mean);
  return best;
}

// Of figures about accuracy the best is marked; of coverage, novelty and the like nobody can say which is best.
bool more_is_better(const std::string& name) { return !name.starts_with("gini") && !name.starts_with("coverage") && !name.starts_with("novelty") && !name.starts_with("diversity"); }

std::string model_table(const Report& report, const std::vector<std::string>& figures, bool with_cost) {
  std::vector<std::string> names = {"model"};
  for (const std::string& figure : figures) names.push_back(figure_title(figure));
  if (with_cost) names.insert(names.end(), {"fit, s", "answer, \u00b5s", "peak, MB"});
  std::string body;
  for (const Row& row : report.rows) {
    std::string cells = "<th scope=\"row\">" + xml_text(name_of(row)) + "</th>";
    for (const std::string& name : figures) {
      const Figure* figure = row.evaluation.find(name);
      cells += figure_cell(figure, row.control.empty() && figure != nullptr && more_is_better(name) && figure->mean == best_of(report, name));
    }
    if (with_cost) {
      const auto peak = static_cast<double>(std::max(row.fit_peak_rss_bytes, row.evaluation.peak_rss_bytes));
      cells += "<td>" + number(row.fit_seconds, fmt::format("{:.2f}", row.fit_seconds)) + "</td><td>" +
               number(row.evaluation.microseconds_per_user, fmt::format("{:.0f}", row.evaluation.microseconds_per_user)) + "</td><td>" +
               number(peak, fmt::format("{:.0f}", 1e-6 * peak)) + "</td>";
    }
    body += (row.control.empty() ? "<tr>" : "<tr class=\"control\">") + cells + "</tr>\n";
  }
  return table("", names, body);
}

// Models down, segments of one kind across.
std::string segment_table(const Report& report, const std::string& figure, const std::string& kind) {
  std::vector<const Segment*> segments;   // in the order first seen, each once
  std::vector<const Row*> rows;
  for (const Row& row : report.rows) {
    if (!row.control.empty()) continue;
    rows.push_back(&row);
    for (const Segment& segment : row.evaluation.segments)
      if (segment.kind == kind && std::none_of(segments.begin(), segments.end(), [&](const Segment* s) { return s->name == segment.name; }))
        segments.push_back(&segment);
  }
  if (segments.empty()) return "";
  std::vector<std::string> names = {"model"};
  std::vector<double> best;
  const auto found = [&](const Row& row, const Segment& wanted) -> const Figure* {
    for (const Segment& segment : row.evaluation.segments)
      if (segment.kind == kind && segment.name == wanted.name) return segment.find(figure);
    return nullptr;
  };
  for (const Segment* segment : segments) {
    names.push_back(segment->name + " (" + std::to_string(segment->n) + ")");
    best.push_back(0);
    for (const Row* row : rows)
      if (const Figure* one = found(*row, *segment)) best.back() = std::max(best.back(), one->mean);
  }
  std::string body;
  for (const Row* row : rows) {
    std::string cells = "<th scope=\"row\">" + xml_text(row->model) + "</th>";
    for (std::size_t s = 0; s < segments.size(); ++s) {
      const Figure* one = found(*row, *segments[s]);
      cells += figure_cell(one, one != nullptr && best[s] > 0 && one->mean == best[s]);
    }
    body += element("tr", cells) + "\n";
  }
  return table(figure_title(figure) + " by " + kind + " (users)", names, body);
}

// Rows with the best first and controls last, comparisons with the nearest rival first: the order of a page.
Report best_first(Report report, const std::string& figure) {
  const auto key = [&](const Row& row) {
    const Figure* found = row.evaluation.find(figure);
    return std::pair(!row.control.empty(), found == nullptr ? 0.0 : -found->mean);
  };
  std::stable_sort(report.rows.begin(), report.rows.end(), [&](const Row& a, const Row& b) { return key(a) < key(b); });
  std::stable_sort(report.comparisons.begin(), report.comparisons.end(), [](const Comparison& a, const Comparison& b) { return a.difference < b.difference; });
  return report;
}

// How far apart two models are, in words that the figures bear out.
std::string told_apart(const Comparison& one, double confidence) {
  return one.p_holm < 1 - confidence ? "more than chance explains" : "no more than chance may explain";
}

std::string p_cell(double p) { return "<td>" + number(p, p < 1e-4 ? "< .0001" : fmt::format("{:.2g}", p)) + "</td>"; }

std::string comparison_table(const Report& report) {
  std::string body;
  for (const Comparison& one : report.comparisons)
    body += "<tr><th scope=\"row\">" + xml_text(one.first) + "</th><td>" + number(one.difference) + "<span class=\"ci\">[" + number(one.low) + ", " +
            number(one.high) + "]</span></td><td>" + std::to_string(one.better) + "</td><td>" + std::to_string(one.worse) + "</td><td>" +
            std::to_string(one.same) + "</td>" + p_cell(one.p_t) + p_cell(one.p_wilcoxon) + p_cell(one.p_holm) + "</tr>\n";
  return table("", {"against", "difference", "users better", "worse", "same", "p, t-test", "p, Wilcoxon", "p, Holm"}, body);
}

std::string calibration_table(const Report& report) {
  std::string body;
  for (const Row& row : report.rows) {
    const Calibration& c = row.calibration;
    if (!c.is_measured() || !row.control.empty()) continue;
    body += "<tr><th scope=\"row\">" + xml_text(row.model) + "</th><td>" + std::to_string(c.users) + "</td><td>" + number(c.temperature, c.temperature > 99 ? "100 or more" : number_text(c.temperature)) + "</td><td>" +
            number(100 * c.error, fmt::format("{:.1f} %", 100 * c.error)) + "</td><td>" + number(c.log_loss) + "</td></tr>\n";
  }
  return body.empty() ? "" : table("", {"model", "users", "temperature", "misplaced chance", "log loss"}, body);
}

// Settings as they are typed: "lambda=100 decay=0.9".
std::string typed(const Json& settings) {
  if (settings.is_null()) return "";
  std::string text;
  for (const auto& [key, value] : settings.as_object())
    text += (text.empty() ? "" : " ") + key + "=" + (value.is_string() ? value.as_string() : value.dump());
  return text;
}

std::string settings_table(const Report& report) {
  std::string body;
  for (const Row& row : report.rows) {
    if (!row.control.empty()) continue;
    const std::string settings = row.fitted.is_null() ? row.settings : typed(row.fitted);
    body += "<tr><th scope=\"row\">" + xml_text(row.model) + "</th><td class=\"text\">" + (settings.empty() ? "" : element("code", xml_text(settings))) + "</td></tr>\n";
  }
  return table("", {"model", "settings it was fitted with"}, body);
}

std::string fact(const std::string& name, const std::string& inside, bool is_wide = false) {
  return (is_wide ? "<div class=\"wide\">" : "<div>") + element("dt", xml_text(name)) + element("dd", inside) + "</div>";
}

std::string facts_list(const Report& report, const PageFacts& page) {
  const auto count = [](std::size_t n) { return number(static_cast<double>(n), std::to_string(n)); };
  const auto share = [](double v) { return number(v, fmt::format("{:.1f} %", 100 * v)); };
  std::string list = fact("split", xml_text(report.split)) + fact("users asked", count(report.users)) + (report.candidates == 0 ? fact("items ranked", count(report.items)) : fact("items", count(report.items)) + fact("candidates ranked", count(report.candidates))) +
                     fact("events to learn from", count(report.events)) + fact("targets of a tied time", share(report.tied_share)) +
                     fact("users without events before", count(report.users_without_training)) + fact("items of a shared text", share(report.shared_texts)) +
                     fact("hash of the split", xml_text(report.split_hash.substr(0, 12)));
  for (const auto& [name, value] : page.facts) list += fact(name, name == "command" ? element("code", xml_text(value)) : xml_text(value), value.size() > 28);
  return "<dl class=\"facts\">" + list + "</dl>\n";
}

std::string lead(const Report& report, const std::string& figure) {
  const Row* best = nullptr;
  const Row* next = nullptr;
  const Row* popularity = nullptr;
  for (const Row& row : report.rows) {
    const Figure* found = row.evaluation.find(figure);
    if (!row.control.empty() || found == nullptr) continue;
    if (row.model == "popularity") popularity = &row;
    if (best == nullptr || found->mean > best->evaluation.at(figure)) next = best, best = &row;
    else if (next == nullptr || found->mean > next->evaluation.at(figure)) next = &row;
  }
  if (best == nullptr) return "";
  const Figure& top = *best->evaluation.find(figure);
  std::string text = element("strong", xml_text(best->model)) + " stands first with " + xml_text(figure_title(figure)) + " " + number(top.mean);
  if (top.has_interval) text += " " + interval_text(top.low, top.high);
  if (popularity != nullptr && popularity != best) text += "; popularity alone gives " + number(popularity->evaluation.at(figure));
  text += ".";
  for (const Comparison& one : report.comparisons)
    if (next != nullptr && one.first == next->model)
      text += " Its lead over " + xml_text(one.first) + ", " + number(one.difference) + " " + interval_text(one.low, one.high) + ", is " +
              told_apart(one, report.confidence) + " (Holm p " + (one.p_holm < 1e-4 ? "&lt; .0001" : fmt::format("{:.2g}", one.p_holm)) + ").";
  return "<p class=\"lead\">" + text + "</p>\n";
}

std::string figures_of(const std::vector<Picture>& list, std::string_view part) {
  std::string inside;
  std::size_t n = 0, narrow = 0;
  for (const Picture& picture : list) {
    if (picture.part != part) continue;
    inside += "<figure>" + svg(picture.plot) + (picture.caption.empty() ? "" : element("figcaption", xml_text(picture.caption))) + "</figure>\n";
    ++n;
    narrow += picture.plot.width < 800 ? 1 : 0;
  }
  return n > 1 && narrow == n ? "<div class=\"pair\">" + inside + "</div>\n" : inside;
}

std::string part(const std::string& id, const std::string& title, const std::string& inside) {
  return inside.empty() ? "" : "<section id=\"" + id + "\"><h2>" + xml_text(title) + "</h2>\n" + inside + "</section>\n";
}

std::vector<std::string> columns_of(const Report& report, const std::string& main, bool all) {
  std::vector<std::string> names;
  if (report.rows.empty()) return names;
  for (const Figure& figure : report.rows.front().evaluation.figures) {
    const std::string metric = figure.name.substr(0, figure.name.find('@'));
    const bool is_usual = figure.name == main || figure.name == "ndcg@10" || figure.name == "hr@10" || figure.name == "mrr@10" || figure.name == "recall@20" ||
                          figure.name == "coverage@10" || metric == "auc";
    if (all || is_usual) names.push_back(figure.name);
  }
  return names;
}

}  // namespace

std::string report_page(const Report& given, const PageFacts& facts) {
  const std::string figure = main_figure(given);
  const Report report = best_first(given, figure);
  const std::vector<Picture> list = pictures(report, figure);
  const std::vector<std::string> usual = columns_of(report, figure, false), all = columns_of(report, figure, true);
  const std::string every = usual.size() == all.size() ? "" : "<details><summary>Every figure</summary>" + model_table(report, all, false) + "</details>\n";
  std::string notes = element("li", fmt::format("{} In brackets: the {:g} % interval, bootstrap over users.", report.ranked(), 100 * report.confidence));
  for (const std::string& note : report.notes()) notes += element("li", xml_text(note));

  notes += element("li", "fit: wall seconds. answer: microseconds of one thread to score and rank the catalogue for one user. peak: memory of the whole process.");
  std::string body = element("h1", xml_text(facts.title)) + "\n<p class=\"sub\">Models judged side by side on held-out events. " + (report.candidates == 0 ? "No item is left out of a ranking." : report.ranked()) + "</p>\n";
  body += lead(report, figure);
  body += "<nav aria-label=\"parts\"><a href=\"#accuracy\">Accuracy</a><a href=\"#comparison\">Differences</a><a href=\"#time\">Cost</a>"
          "<a href=\"#segments\">Who is served</a><a href=\"#calibration\">Calibration</a><a href=\"#learning\">Learning</a><a href=\"#settings\">Settings</a></nav>\n";
  body += facts_list(report, facts);
  body += part("accuracy", "Accuracy", figures_of(list, "accuracy") + model_table(report, usual, true) + every + "<ul class=\"notes\">" + notes + "</ul>\n");
  if (!report.comparisons.empty())
    body += part("comparison", "Differences", figures_of(list, "comparison") + comparison_table(report) +
                 "<p class=\"soft\">Paired tests over the same users. Holm: the t-test corrected for all of these comparisons being made.</p>\n");
  body += part("time", "What accuracy costs", figures_of(list, "time"));
  body += part("segments", "Who is served", figures_of(list, "segments") + segment_table(report, figure, "target popularity") + segment_table(report, figure, "target") + segment_table(report, figure, "history length"));
  body += part("calibration", "Can scores be read as chances?", figures_of(list, "calibration") + calibration_table(report));
  body += part("learning", "How models learned", figures_of(list, "learning"));
  body += part("settings", "Settings", settings_table(report));
  // A link to a part that is not there leads nowhere.
  for (const char* id : {"comparison", "segments", "calibration", "learning"})
    if (body.find(fmt::format("<section id=\"{}\"", id)) == std::string::npos) {
      const std::size_t from = body.find(fmt::format("<a href=\"#{}\">", id));
      body.erase(from, body.find("</a>", from) + 4 - from);
    }
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"generator\" content=\"attune\">\n<title>" +
         xml_text(facts.title) + "</title>\n<style>" + kStyle + "</style></head>\n<body><main>\n" + body + "</main></body></html>\n";
}

}  // namespace attune::eval
