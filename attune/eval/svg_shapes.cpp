// SVG shapes: see the header.
#include "attune/eval/svg_shapes.h"

#include <utility>
#include <vector>

#include <fmt/core.h>

#include "attune/eval/table.h"
#include "attune/eval/xml_text.h"

namespace attune::eval {
namespace {

constexpr double kCharacter = 7.2;              // mean width of a letter
constexpr std::size_t kColours = 8;

}  // namespace

const char* const kSvgStyle =
    "<style>"
    ".ap{--ap-ink:#1a1a1a;--ap-soft:#5c5c5c;--ap-grid:#e2e2e2;--ap-paper:#ffffff;"
    "--ap-0:#0072b2;--ap-1:#d55e00;--ap-2:#007a5a;--ap-3:#a8508c;--ap-4:#9a6a00;--ap-5:#3a7fa8;--ap-6:#555555;--ap-7:#7a5fc0;"
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px}"
    "@media (prefers-color-scheme:dark){.ap{--ap-ink:#ececec;--ap-soft:#b0b0b0;--ap-grid:#3a3a3a;--ap-paper:#16181c;"
    "--ap-0:#56b4e9;--ap-1:#ff9a57;--ap-2:#3fd0a4;--ap-3:#e59ac9;--ap-4:#f0c040;--ap-5:#9bd3f2;--ap-6:#c4c4c4;--ap-7:#b6a2f2}}"
    ".ap-paper{fill:var(--ap-paper)}.ap text{fill:var(--ap-ink)}.ap text.ap-soft{fill:var(--ap-soft)}"
    ".ap-title{font-size:15px;font-weight:600}.ap-grid{stroke:var(--ap-grid);stroke-width:1}.ap-axis{stroke:var(--ap-soft);stroke-width:1}"
    ".ap-line{fill:none;stroke-width:2;stroke-linejoin:round}.ap-bar-error{stroke:var(--ap-ink);stroke-width:1.2}.ap-error{stroke-width:1.4}"
    ".ap-label{font-size:12px}.ap-leader{stroke:var(--ap-soft);stroke-width:.7}"
    "</style>";

std::string svg_number(double v) {
  std::string text = fmt::format("{:.1f}", v);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

double width_of(const std::string& text) { return kCharacter * static_cast<double>(display_width(text)); }

std::string text_at(double x, double y, const std::string& text, const char* anchor, const std::string& css, const std::string& more) {
  return "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" text-anchor=\"" + anchor + "\"" + (css.empty() ? "" : " class=\"" + css + "\"") + more + ">" +
         xml_text(text) + "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, const std::string& css, const std::string& style) {
  return "<line x1=\"" + svg_number(x1) + "\" y1=\"" + svg_number(y1) + "\" x2=\"" + svg_number(x2) + "\" y2=\"" + svg_number(y2) + "\" class=\"" + css + "\"" +
         (style.empty() ? "" : " style=\"" + style + "\"") + "/>";
}

std::string colour(std::size_t series) { return "var(--ap-" + std::to_string(series % kColours) + ")"; }

std::string mark_at(std::size_t kind, double x, double y, double r, const std::string& style, const std::string& tip) {
  const auto corners = [&](const std::vector<std::pair<double, double>>& points) {
    std::string text;
    for (const auto& [dx, dy] : points) text += (text.empty() ? "" : " ") + svg_number(x + dx * r) + "," + svg_number(y + dy * r);
    return "<polygon points=\"" + text + "\" style=\"" + style + "\">" + tip + "</polygon>";
  };
  switch (kind % 4) {
    case 1: return corners({{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}});
    case 2: return corners({{0, -1.3}, {1.3, 0}, {0, 1.3}, {-1.3, 0}});
    case 3: return corners({{0, -1.2}, {1.15, .9}, {-1.15, .9}});
    default: return "<circle cx=\"" + svg_number(x) + "\" cy=\"" + svg_number(y) + "\" r=\"" + svg_number(r) + "\" style=\"" + style + "\">" + tip + "</circle>";
  }
}

}  // namespace attune::eval
