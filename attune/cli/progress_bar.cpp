// Progress bar: at most ten drawings a second.
#include "attune/cli/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "attune/core/printable.h"

namespace attune::cli {
namespace {

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string time_text(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  char text[32];
  if (s < 60) std::snprintf(text, sizeof text, "%lds", s);
  else if (s < 3600) std::snprintf(text, sizeof text, "%ldm%02lds", s / 60, s % 60);
  else std::snprintf(text, sizeof text, "%ldh%02ldm", s / 3600, s / 60 % 60);
  return text;
}

}  // namespace

ProgressBar::ProgressBar() : is_terminal_(::isatty(STDERR_FILENO) == 1), began_(Clock::now()), last_(began_) {}
ProgressBar::~ProgressBar() { erase(); }

void ProgressBar::erase() {
  if (!drawn_) return;
  std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

void ProgressBar::remark(const std::string& text) {
  const std::lock_guard lock(mutex_);
  erase();
  std::fprintf(stderr, "%s\n", printable(text, Lines::keep).c_str());
}

void ProgressBar::show(std::string_view what, std::size_t done, std::size_t total) {
  if (!is_terminal_) return;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (what != what_) {
    what_ = what;
    began_ = now;
  }
  const double seconds = std::chrono::duration<double>(now - began_).count();
  if (seconds < 1 || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  std::string line = "  " + what_ + "  ";
  if (total > 0) {
    done = std::min(done, total);
    constexpr std::size_t kWidth = 24;
    const std::size_t filled = done * kWidth / total;
    line += "[" + std::string(filled, '=') + std::string(kWidth - filled, ' ') + "] " + std::to_string(done * 100 / total) + "%  ";
    if (done > 0 && done < total) line += time_text(seconds * static_cast<double>(total - done) / static_cast<double>(done)) + " left";
  } else {
    line += std::to_string(done) + "  " + time_text(seconds);
  }
  line.resize(std::min(line.size(), terminal_width() - 1));
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace attune::cli
