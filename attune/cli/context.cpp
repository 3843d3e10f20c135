// Context: printing, Ctrl-C, opening the workspace.
#include "attune/cli/context.h"

#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>

#include "attune/cli/progress_bar.h"
#include "attune/core/error.h"
#include "attune/core/printable.h"

namespace attune::cli {
namespace {

std::atomic<bool> stop_wanted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

constexpr std::size_t kLongestMessage = 1 << 20;

constexpr itimerval kGrace{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 700'000}};

// A long BLAS call cannot be asked to stop. Everything on disk is whole at any moment (transactions, renames), so the
// process may simply end when the work has not stopped by itself soon enough to be gone within a second.
void on_grace_over(int) {
  constexpr char text[] = "\nattune: stopped; nothing half-done remains\n";
  const ssize_t ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
  static_cast<void>(ignored);
  ::_exit(exit_code(Code::cancelled));
}

void on_interrupt(int) {
  if (stop_wanted.exchange(true)) on_grace_over(0);
  ::setitimer(ITIMER_REAL, &kGrace, nullptr);
}

// At most five lines a second, but the first of every kind of work.
class ProgressLines {
 public:
  void show(std::string_view what, std::size_t done, std::size_t total) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (what == what_ && now - last_ < std::chrono::milliseconds(200)) return;
    what_ = what;
    last_ = now;
    Json line = Json::object();
    line["progress"] = what;
    line["done"] = static_cast<unsigned long long>(done);
    line["total"] = static_cast<unsigned long long>(total);
    std::fprintf(stderr, "%s\n", line.dump().c_str());
  }
  void remark(const std::string& text) {
    const std::lock_guard lock(mutex_);
    Json line = Json::object();
    line["note"] = text;
    std::fprintf(stderr, "%s\n", line.dump().c_str());
  }

 private:
  std::mutex mutex_;
  std::string what_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace

const std::atomic<bool>& stop_flag() { return stop_wanted; }

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_grace_over;
  ::sigaction(SIGALRM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of the write, told like a full disk
}

engine::Workspace Context::open_workspace() const {
  if (!workspace.empty()) return engine::Workspace::open(workspace);
  return engine::Workspace::nearest(std::filesystem::current_path());
}

engine::Settings Context::settings(const engine::Workspace& where, const std::vector<std::string>& sets) const {
  engine::Settings settings = where.settings();
  for (const std::string& assignment : sets) engine::set(settings, assignment);
  return settings;
}

Run Context::run() const {
  Run run;
  run.threads = threads;
  run.stop = &stop_flag();
  if (progress_lines) {
    const auto lines = std::make_shared<ProgressLines>();
    run.progress = [lines](std::string_view what, std::size_t done, std::size_t total) { lines->show(what, done, total); };
    run.say = [lines](const std::string& text) { lines->remark(text); };
    return run;
  }
  if (quiet) return run;
  const auto bar = std::make_shared<ProgressBar>();
  run.progress = [bar](std::string_view what, std::size_t done, std::size_t total) { bar->show(what, done, total); };
  run.say = [bar](const std::string& text) { bar->remark("note: " + text); };
  return run;
}

namespace {
void put(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw NobodyReads();
  throw Error(Code::io, std::string("cannot write the output: ") + std::strerror(errno));
}
}  // namespace
void Context::print(const std::string& text) const { put(printable(text, Lines::keep)); }
void Context::print_bytes(std::string_view bytes) const { ::isatty(STDOUT_FILENO) == 1 ? put(printable(bytes, Lines::keep)) : put(bytes); }
void Context::print_json(const Json& value) const { print_bytes(value.dump() + "\n"); }
void Context::say(const std::string& text) const {
  if (!quiet) std::fprintf(stderr, "%s\n", printable(text, Lines::keep).c_str());
}

bool read_message(std::string& line) {
  if (!std::getline(std::cin, line)) return false;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.size() > kLongestMessage) line.resize(kLongestMessage);
  return true;
}

}  // namespace attune::cli
