// Rights: see the header.
#include "attune/cli/rights.h"

#include <pwd.h>
#include <unistd.h>

#include <vector>

#include "attune/core/clock.h"

namespace attune::cli {

serve::AuditEntry command_entry(const std::string& action, const std::string& what) {
  std::vector<char> room(4096);
  passwd entry{}, *found = nullptr;
  ::getpwuid_r(::getuid(), &entry, room.data(), room.size(), &found);
  serve::AuditEntry made;
  made.time_ms = now_ms();
  made.who = "unix:" + (found == nullptr ? std::to_string(::getuid()) : std::string(found->pw_name));
  made.from = "command line";
  made.action = action;
  made.what = what;
  return made;
}

}  // namespace attune::cli
