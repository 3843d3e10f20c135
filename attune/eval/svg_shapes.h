// SVG shapes: the elements a plot is drawn with, and how they look. Colours: Okabe and Ito (2008), told apart by the colour-blind too.
#pragma once
#include <cstddef>
#include <string>

namespace attune::eval {

inline constexpr double kLine = 18;             // from one line of text to the next

// The style sheet of a picture. Every class begins with "ap-", since a picture may stand inside a page with other styles.
extern const char* const kSvgStyle;

std::string svg_number(double v);               // one place behind the point at most
double width_of(const std::string& text);       // about
std::string colour(std::size_t series);         // comes again after eight
//   anchor   "start", "middle" or "end": which part of the text stands at x
//   more     attributes, with a space in front
std::string text_at(double x, double y, const std::string& text, const char* anchor, const std::string& css = "", const std::string& more = "");
std::string line_at(double x1, double y1, double x2, double y2, const std::string& css, const std::string& style = "");
// Circle, square, diamond, triangle by turns; `tip` is an element that stands within.
std::string mark_at(std::size_t kind, double x, double y, double r, const std::string& style, const std::string& tip);

}  // namespace attune::eval
