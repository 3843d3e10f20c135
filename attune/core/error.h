// Errors: one type, thrown where noticed, caught at three doors (cli main, HTTP handler, worker job).
// The message gives what was expected, what came and where (file, row, plug-in), and what to do.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace attune {

enum class Code {
  bad_request,  // the caller asked for something impossible: unknown option, k = -1
  not_found,    // a named thing is not there: item, user, workspace, model
  bad_data,     // a file or message does not hold what it should
  io,           // the disk, the network or the database said no
  unsupported,  // known, but not in this build or version
  cancelled,    // Ctrl-C or a time-out
  internal      // our own mistake
};

// Process exit code of each: 2, 3, 4, 5, 6, 7, 70.
int exit_code(Code code) noexcept;
// "bad_request", ...: the stable name used in JSON.
std::string_view name(Code code) noexcept;

class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

// A fit that would not keep to its memory budget: Code::bad_request; the message says what it would need. The engine
// may take a smaller model instead, and says so.
class NeedsMoreMemory : public Error {
 public:
  explicit NeedsMoreMemory(const std::string& message) : Error(Code::bad_request, message) {}
};

[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace attune

// Our own mistakes, checked in every build; throws Error: internal. `why` says why the condition must hold.
#define ATTUNE_ASSERT(condition, why) \
  ((condition) ? static_cast<void>(0) : ::attune::assertion_failed(#condition, why, __FILE__, __LINE__))
