// Progress bar: one line on a terminal, drawn when the work takes longer than a second; nothing when stderr is no terminal.
#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace attune::cli {

// Safe from any thread. Erases itself when destroyed or before a remark.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  void show(std::string_view what, std::size_t done, std::size_t total);
  // Prints a line above the bar.
  void remark(const std::string& text);

 private:
  void erase();
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  bool is_terminal_, drawn_ = false;
  std::string what_;
  Clock::time_point began_, last_;
};

}  // namespace attune::cli
