// Service: the desk that is open, and when to open it anew.
#include "attune/talk/service.h"

#include <chrono>
#include <mutex>

#include "attune/core/error.h"

namespace attune::talk {
namespace fs = std::filesystem;

struct Service::State {
  fs::path folder, vectors;
  std::mutex mutex;
  std::shared_ptr<const desk::Desk> desk;
  std::pair<fs::file_time_type, fs::file_time_type> made_from;    // training, picks

  // nullptr: nothing was trained.
  std::shared_ptr<const desk::Desk> open() {
    const auto changed = [&](const char* file) {
      std::error_code missing;
      const auto time = fs::last_write_time(folder / file, missing);
      return missing ? fs::file_time_type() : time;
    };
    const std::lock_guard lock(mutex);
    const std::pair now(changed("desk.json"), changed("picks.jsonl"));
    if (desk != nullptr && now == made_from) return desk;
    desk.reset();
    std::error_code missing;
    if (!fs::exists(folder / "desk.json", missing)) return nullptr;
    try {
      desk = std::make_shared<const desk::Desk>(desk::Desk::open(folder, vectors, Run{}));
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
      return nullptr;       // imported, not trained
    }
    made_from = now;
    return desk;
  }
};

Service::Service(fs::path folder, fs::path vectors) : state_(std::make_unique<State>()) {
  state_->folder = std::move(folder);
  state_->vectors = std::move(vectors);
}
Service::~Service() = default;

std::optional<desk::DeskReply> Service::answer(const std::string& message, Json& conversation, std::int64_t now_ms) const {
  const auto open = state_->open();
  if (open == nullptr) return std::nullopt;
  desk::Conversation so_far = conversation.is_null() ? desk::Conversation() : desk::Conversation::from_json(conversation);
  const auto today = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(now_ms))));
  desk::DeskReply reply = open->answer(message, so_far, today, Run{.threads = 1});
  // What customers told (order numbers, addresses) goes no further than the question it was asked for.
  conversation = reply.asked.empty() ? Json() : so_far.to_json();
  return reply;
}

}  // namespace attune::talk
