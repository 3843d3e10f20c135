// Rights: see the header.
#include "attune/cli/rights.h"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <vector>

namespace attune::cli {

std::int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

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
