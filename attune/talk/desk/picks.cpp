// Picks: see the header.
#include "attune/talk/desk/picks.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/core/json.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;

std::vector<Pick> read_picks(const fs::path& path, std::size_t& from) {
  std::vector<Pick> picks;
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  if (missing || size <= from) return picks;
  const std::string all = read_file(path);
  while (from < all.size()) {
    const std::size_t end = all.find('\n', from);
    if (end == std::string::npos) break;
    try {
      const Json json = Json::parse(std::string_view(all).substr(from, end - from), path.string());
      picks.push_back({json.at("message").as_string(), json.at("picked").as_string()});
    } catch (const Error&) {
      // A line that a crash tore: what was acknowledged stands on whole lines.
    }
    from = end + 1;
  }
  return picks;
}

void append_pick(const fs::path& path, const Pick& pick) {
  Json json = Json::object();
  json["message"] = pick.message, json["picked"] = pick.picked;
  const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  const auto fail = [&](const char* what) {
    const std::string why = std::strerror(errno);
    if (file >= 0) ::close(file);
    throw Error(Code::io, std::string("cannot ") + what + " " + path.string() + ": " + why);
  };
  if (file < 0) fail("open");
  char last = '\n';   // after a line that a crash tore, begin a new one
  if (const off_t size = ::lseek(file, 0, SEEK_END); size > 0 && ::pread(file, &last, 1, size - 1) != 1) fail("read");
  const std::string bytes = (last == '\n' ? "" : "\n") + json.dump() + "\n";
  if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail("write");
  if (::fsync(file) != 0) fail("write");
  ::close(file);
}

}  // namespace attune::talk::desk
