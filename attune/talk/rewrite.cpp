// Rewrite: see the header. The prompt shows three pairs and asks for one line; names stand in it as they must come back.
#include "attune/talk/rewrite.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "attune/core/error.h"
#include "attune/talk/safety/injection.h"

namespace attune::talk {
namespace {

constexpr const char* kOneLine = "root ::= [^\\n]+ \"\\n\"";   // GBNF
constexpr const char* kPairs =
    "Each plain sentence is followed by a friendlier one with the same facts, names and numbers and nothing new.\n\n"
    "Plain: Blue Mug costs 4.50 because you took Red Mug.\nFriendly: Since you took Red Mug, here is Blue Mug, it costs 4.50.\n\n"
    "Plain: I found 3 items: Oak Shelf, Pine Shelf, Ash Shelf.\nFriendly: Here you are, I found 3 items: Oak Shelf, Pine Shelf, Ash Shelf.\n\n"
    "Plain: Nothing fits below 20.\nFriendly: I looked, but nothing fits below 20.\n\nPlain: ";
constexpr const char* kPairsZh =
    "把每个句子改写得更亲切，事实、名称、数字不变，不添加任何内容。\n\n原句：蓝色杯子4.50元，因为您拿过红色杯子。\n改写：您拿过红色杯子，所以推荐蓝色杯子，4.50元。\n\n"
    "原句：找到3件：橡木架、松木架、白蜡架。\n改写：您好，找到3件：橡木架、松木架、白蜡架。\n\n原句：";

// Sentences with what follows them; a point inside a name or a number ends none.
std::vector<std::string_view> sentences(std::string_view text, const Facts& facts) {
  std::vector<bool> is_inside(text.size(), false);
  for (const std::string& name : facts.names)
    for (std::size_t at = text.find(name); at != std::string_view::npos && !name.empty(); at = text.find(name, at + name.size()))
      for (std::size_t k = at; k < at + name.size(); ++k) is_inside[k] = true;
  std::vector<std::string_view> all;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_inside[i]) continue;
    std::size_t n = 0;
    if (text[i] == '\n') n = 1;
    else if ((text[i] == '.' || text[i] == '!' || text[i] == '?') && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n')) n = 1;
    else for (const std::string_view mark : {"。", "！", "？"})
      if (text.substr(i).starts_with(mark)) n = mark.size();
    if (n == 0) continue;
    i += n;
    while (i < text.size() && (text[i] == ' ' || text[i] == '\n')) ++i;
    all.push_back(text.substr(begin, i - begin));
    begin = i--;
  }
  if (begin < text.size()) all.push_back(text.substr(begin));
  return all;
}

// Says stop when the time is over or the caller stops, whatever the model is waiting for: a computation, an endpoint that hangs.
class Deadline {
 public:
  Deadline(int most_ms, const Run& run) : until_(std::chrono::steady_clock::now() + std::chrono::milliseconds(most_ms)), thread_([this, &run](const std::stop_token& over) {
    std::unique_lock lock(mutex_);
    while (!over.stop_requested() && !run.stopped() && std::chrono::steady_clock::now() < until_) wake_.wait_for(lock, over, std::chrono::milliseconds(20), [] { return false; });
    if (!over.stop_requested()) stop_ = true;
  }) {}
  const std::atomic<bool>& stop() const noexcept { return stop_; }

 private:
  std::chrono::steady_clock::time_point until_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::atomic<bool> stop_{false};
  std::jthread thread_;              // last: it ends before what it uses
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '"')) text.remove_suffix(1);
  return text;
}

}  // namespace

Rewriting rewrite(const lm::LanguageModel& generator, std::string_view reply, const Facts& facts, std::string_view language, int most_ms, const Run& run, const std::function<void(std::string_view)>& say) {
  const Deadline deadline(most_ms, run);
  Run bounded;
  bounded.threads = run.threads > 0 ? run.threads : 1;      // two that wait for each other stand still on a busy machine (36 s instead of .5 for a first word at load 12)
  bounded.seed = run.seed;
  bounded.stop = &deadline.stop();
  Rewriting done;
  bool is_over = false;
  const auto keep = [&](std::string_view sentence, const std::string& why) {
    done.text += sentence;
    if (!why.empty()) done.why_not += (done.why_not.empty() ? "" : "; ") + why;
    if (say) say(sentence);
  };
  for (const std::string_view sentence : sentences(reply, facts)) {
    run.check();
    is_over = is_over || deadline.stop();
    const std::string_view core = trimmed(sentence);
    const std::string data = safety::as_data(core, 1000);
    if (is_over || core.size() < 12 || data != core) {       // nothing to gain, or a text that had orders in it
      keep(sentence, data != core ? "it holds what is no plain text" : "");
      continue;
    }
    std::string written, why;
    try {
      const bool zh = language == "zh";
      const std::string pairs = zh ? kPairsZh : kPairs;
      const std::string prompt = pairs + data + (zh ? "\n改写：" : "\nFriendly:");
      lm::GenerateOptions options{.max_tokens = std::min<int>(256, static_cast<int>(core.size() / 2) + 24), .temperature = 0, .grammar = kOneLine, .seed = run.seed, .prefix_bytes = pairs.size()};
      try {
        written = generator.generate(prompt, options, bounded);
      } catch (const Error& e) {
        if (e.code() != Code::unsupported) throw;
        options.grammar.clear();                              // a remote model keeps to none: its first line counts
        written = generator.generate(prompt, options, bounded);
      }
      written = std::string(trimmed(std::string_view(written).substr(0, written.find('\n', written.find_first_not_of("\n ") == std::string::npos ? 0 : written.find_first_not_of("\n ")))));
      why = what_changed(core, written, facts);
    } catch (const Error& e) {
      run.check();                                           // stopped by its caller: passed on
      why = e.code() == Code::cancelled ? "it took too long" : e.what();
      is_over = true;                                        // the rest stays as it is
    }
    if (!why.empty() || written == core) {
      keep(sentence, why);
      continue;
    }
    const std::string_view gap = sentence.substr(static_cast<std::size_t>(core.data() - sentence.data()) + core.size());
    done.is_rewritten = true;
    done.text += written;
    done.text += gap;
    if (say) say(written), say(gap);
  }
  return done;
}

}  // namespace attune::talk
