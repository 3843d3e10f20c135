// Run: what a long piece of work gets from its caller: a seed, threads, a way to report and a way to be stopped.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "attune/core/error.h"

namespace attune {

class Memo;

// Told now and then how far the work is. `done` and `total` are in any unit, total 0 = not known.
// May be called from any thread, one at a time per Run.
using ProgressSink = std::function<void(std::string_view what, std::size_t done, std::size_t total)>;

// One long piece of work. Passed by reference down the call chain; not copied.
struct Run {
  std::uint64_t seed = 42;
  int threads = 0;                                // 0 = all cores
  ProgressSink progress = {};                     // empty = silent
  // A point of a learning curve: record("sasrec/loss", 3, 6.2). May be called from any thread, one at a time per Run; empty = dropped.
  std::function<void(std::string_view series, std::size_t step, double value)> curve = {};
  std::function<void(std::string)> say = {};      // one-line remarks worth showing ("switched to iALS: ..."); empty = dropped
  const std::atomic<bool>* stop = nullptr;        // set by Ctrl-C
  std::size_t memory_bytes = std::size_t{4} << 30;  // budget of this piece of work ([memory] budget)
  Memo* memo = nullptr;                           // what several fits of one dataset share (memo.h); nullptr = nothing is kept

  void report(std::string_view what, std::size_t done, std::size_t total) const {
    check();
    if (progress) progress(what, done, total);
  }
  void remark(std::string text) const {
    if (say) say(std::move(text));
  }
  void record(std::string_view series, std::size_t step, double value) const {
    if (curve) curve(series, step, value);
  }
  bool stopped() const noexcept { return stop != nullptr && stop->load(std::memory_order_relaxed); }
  // Throws Error: cancelled when asked to stop. Call at least every 0.2 s of work.
  void check() const {
    if (stopped()) throw Error(Code::cancelled, "stopped");
  }
};

}  // namespace attune
