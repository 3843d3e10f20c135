// Records: what all stores do alike: merging a later record, refusing impossible events.
#include "attune/data/record.h"

#include <cmath>

#include "attune/core/error.h"

namespace attune::data {

bool merge(Record& record, const Record& later) {
  const Record before = record;
  if (!later.text.empty()) record.text = later.text;
  if (later.attributes.is_object())
    for (const auto& [name, value] : later.attributes.as_object()) record.attributes[name] = value;
  if (later.created_ms != 0) record.created_ms = later.created_ms;
  record.hidden = later.hidden;
  return record.text != before.text || record.attributes != before.attributes || record.created_ms != before.created_ms ||
         record.hidden != before.hidden;
}

void check(const Event& event) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Code::bad_request, "event of user '" + event.user + "' and item '" + event.item + "': " + what);
  };
  if (event.user.empty()) refuse("the user is empty; a visitor without an account is named \"session:...\"");
  if (event.item.empty()) refuse("the item is empty");
  if (event.value && !std::isfinite(*event.value)) refuse("the value is not finite");
}

}  // namespace attune::data
