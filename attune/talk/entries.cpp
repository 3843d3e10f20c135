// Entries: see the header.
#include "attune/talk/entries.h"

#include <algorithm>

namespace attune::talk {

std::string text_in(const Json& json) {
  if (json.is_string()) return json.as_string();
  if (json.is_bool()) return json.as_bool() ? "true" : "false";
  if (json.is_number()) return json.dump();
  return "";
}

std::string head_of(const std::string& text) {
  std::size_t end = text.size();
  for (const char* mark : {",", ":", ";", " (", " - ", " – ", " | ", "，", "。", "：", "（", "；"}) end = std::min(end, text.find(mark));
  while (end > 0 && text[end - 1] == ' ') --end;
  return text.substr(0, end);
}

}  // namespace attune::talk
