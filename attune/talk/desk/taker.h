// Taker: puts rows of imported files over a desk's content: what a row is, by its columns, and what came of it, counted.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "attune/talk/desk/content.h"

namespace attune::talk::desk {

// One row by the names of its columns, which are in small letters.
using Fields = std::map<std::string, std::string>;

inline constexpr std::string_view kExpectedColumns =
    "expected columns template, intent, text (answers); question, answer (FAQ); or text, intent (messages of a known intent); or a .md or .txt document";

std::string trimmed(std::string_view text);

// For one file: its rows over `content`, counts and problems into `report`; both must outlive it.
class Taker {
 public:
  Taker(Content& content, Imported& report);
  void take(const Fields& row, std::uint64_t line);
  void take_faq(const Fields& row, std::uint64_t line);
  // Whether a row taken for a customer's message has the columns of a catalogue: two of item, price, brand and the like.
  bool has_catalogue() const noexcept { return has_catalogue_; }
  // The first 20 are told.
  void problem(std::uint64_t line, const std::string& what);

 private:
  void take_template(const Fields& row, std::uint64_t line);
  void take_example(const std::string& text, std::string intent);

  Content& content_;
  Imported& report_;
  std::map<std::string, std::size_t> templates_, faq_;   // where they stand in the content
  std::set<std::string> examples_;
  std::size_t problems_ = 0;
  bool has_catalogue_ = false;
};

}  // namespace attune::talk::desk
