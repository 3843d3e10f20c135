// Jobs: see the header. The child is this same program; its progress comes as JSON lines.
#include "attune/serve/jobs.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kKept = 100;
constexpr std::size_t kMostNotes = 50;
constexpr int kNiceness = 10;                                  // lists go first
constexpr auto kLook = std::chrono::seconds(1);                // between looks at the rule
constexpr std::int64_t kHour_ms = 3600 * 1000;
constexpr std::int64_t kAfterFailure_ms = 10 * 60 * 1000;      // before the rule tries again

struct Child {
  pid_t pid = 0;
  int out = -1, err = -1;
};

// Throws Error: io. Only calls that are safe in the child of a program with threads stand between fork and exec.
Child start_child(const std::vector<std::string>& command) {
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0) throw Error(Code::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  if (::pipe2(err, O_CLOEXEC) != 0) {
    ::close(out[0]);
    ::close(out[1]);
    throw Error(Code::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  // Until exec the child has the service's handlers and the pipe they write to: a job cancelled at once would end the service itself.
  sigset_t all, none, before;
  sigfillset(&all);
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::signal(signal, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);   // a service that was killed leaves no fit behind
    if (::getppid() != parent) ::_exit(7);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::setpriority(PRIO_PROCESS, 0, kNiceness);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(out[1]);
  ::close(err[1]);
  if (pid < 0) {
    ::close(out[0]);
    ::close(err[0]);
    throw Error(Code::io, std::string("cannot start another process: ") + std::strerror(errno));
  }
  return {pid, out[0], err[0]};
}

std::string read_all(int fd) {
  std::string text;
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR);)
    if (n > 0 && text.size() < (std::size_t{8} << 20)) text.append(piece, static_cast<std::size_t>(n));
  return text;
}

std::string ending(int status, const std::string& said) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return "the program could not be started";
  if (WIFEXITED(status)) return said.empty() ? "it ended with exit code " + std::to_string(WEXITSTATUS(status)) : said;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return "it was killed (signal 9), perhaps because memory ran out";
  return "it fell (signal " + std::to_string(WTERMSIG(status)) + ")";
}

}  // namespace

Json to_json(const Job& job) {
  const auto time = [](std::int64_t ms) { return ms == 0 ? Json() : Json(ms); };
  Json json = Json::object();
  json["job"] = job.id;
  json["kind"] = job.kind;
  json["why"] = job.why;
  json["state"] = job.state;
  json["asked_ms"] = time(job.asked_ms);
  json["began_ms"] = time(job.began_ms);
  json["ended_ms"] = time(job.ended_ms);
  json["progress"]["doing"] = job.doing;
  json["progress"]["done"] = job.done;
  json["progress"]["total"] = job.total;
  json["snapshot"] = job.snapshot;
  json["message"] = job.message;
  json["notes"] = Json::array();
  for (const std::string& note : job.notes) json["notes"].push_back(note);
  return json;
}

Jobs::Jobs(engine::Engine& engine, const engine::Workspace& workspace, std::string program, RefitRule rule, int keep_lists_days, std::function<std::int64_t()> now_ms,
           std::function<void(const Json&)> log)
    : engine_(engine), workspace_(workspace), program_(std::move(program)), rule_(rule), keep_lists_days_(keep_lists_days), now_ms_(std::move(now_ms)), log_(std::move(log)),
      started_ms_(now_ms_()), thread_([this] { work(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    if (child_ > 0) ::kill(child_, SIGTERM);
  }
  wake_.notify_all();
  thread_.join();
}

Job Jobs::start(const std::string& kind, const std::string& why, std::vector<std::string> arguments) {
  Job job;
  {
    const std::lock_guard lock(mutex_);
    for (const Job& other : jobs_)
      if (other.kind == kind && (other.state == "waiting" || other.state == "running"))
        throw Refusal(409, "already_running", "a " + kind + " is " + other.state + " already: " + other.id, "", "wait for it, or cancel it: DELETE /v1/jobs/" + other.id);
    job.id = kind + "-" + std::to_string(now_ms_()) + "-" + std::to_string(++number_);
    job.kind = kind;
    job.why = why;
    job.state = "waiting";
    job.asked_ms = now_ms_();
    job.arguments = std::move(arguments);
    jobs_.push_back(job);
    if (jobs_.size() > kKept) jobs_.pop_front();
  }
  wake_.notify_all();
  return job;
}

std::vector<Job> Jobs::all() const {
  const std::lock_guard lock(mutex_);
  return {jobs_.rbegin(), jobs_.rend()};
}

std::optional<Job> Jobs::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  for (const Job& job : jobs_)
    if (job.id == id) return job;
  return std::nullopt;
}

Job Jobs::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  for (Job& job : jobs_) {
    if (job.id != id) continue;
    if (job.state == "waiting") {
      job.ended_ms = now_ms_();
    } else if (job.state == "running") {
      if (child_ > 0) ::kill(child_, SIGTERM);
    } else {
      throw Refusal(409, "job_is_over", "the job " + id + " is over: " + job.state);
    }
    job.state = "cancelled";
    return job;
  }
  throw Refusal(404, "unknown_job", "there is no job '" + id + "'", "job", "see GET /v1/jobs");
}

std::uint64_t Jobs::events_since_fit() const {
  const auto last = engine_.store().counts().last, fitted = engine_.snapshot()->until;
  return last > fitted ? last - fitted : 0;
}

template <class Change>
void Jobs::change(const std::string& id, Change change) {
  const std::lock_guard lock(mutex_);
  for (Job& job : jobs_)
    if (job.id == id) change(job);
}

void Jobs::work() {
  for (;;) {
    std::string next;
    {
      std::unique_lock lock(mutex_);
      const auto waits = [](const Job& job) { return job.state == "waiting"; };
      wake_.wait_for(lock, kLook, [&] { return is_over_ || std::any_of(jobs_.begin(), jobs_.end(), waits); });
      if (is_over_) return;
      const auto found = std::find_if(jobs_.begin(), jobs_.end(), waits);
      if (found != jobs_.end()) {
        found->state = "running";
        found->began_ms = now_ms_();
        next = found->id;
      }
    }
    try {
      if (!next.empty()) run(next);
      else {
        look_whether_to_fit();
        forget_old_lists();
      }
    } catch (const std::exception& e) {
      change(next, [&](Job& job) {
        job.state = job.state == "cancelled" ? job.state : "failed";
        job.message = e.what();
        job.ended_ms = now_ms_();
      });
    }
  }
}

void Jobs::read_line(const std::string& id, const std::string& line) {
  Json json;
  try {
    json = Json::parse(line);
  } catch (const Error&) {
    return;   // a word of a library
  }
  change(id, [&](Job& job) {
    if (const Json* doing = json.find("progress"); doing != nullptr) {
      job.doing = doing->as_string();
      job.done = static_cast<std::uint64_t>(json.at("done").as_integer());
      job.total = static_cast<std::uint64_t>(json.at("total").as_integer());
    } else if (const Json* note = json.find("note"); note != nullptr && job.notes.size() < kMostNotes) {
      job.notes.push_back(note->as_string());
    } else if (const Json* error = json.find("error"); error != nullptr) {
      job.message = error->at("message").as_string();
    }
  });
}

void Jobs::run(const std::string& id) {
  const Job job = *find(id);
  std::vector<std::string> command = {program_, "--json", "--progress-lines", "-w", workspace_.folder().string()};
  command.insert(command.end(), job.arguments.begin(), job.arguments.end());
  const Child child = start_child(command);
  {
    const std::lock_guard lock(mutex_);
    child_ = child.pid;
    if (is_over_ || find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.id == id && j.state == "cancelled"; }) != jobs_.end()) ::kill(child.pid, SIGTERM);
  }
  std::string said;
  std::thread answer([&] { said = read_all(child.out); });
  std::string text;
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(child.err, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR);) {
    if (n > 0) text.append(piece, static_cast<std::size_t>(n));
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      read_line(id, text.substr(0, end));
      text.erase(0, end + 1);
    }
    if (text.size() > (std::size_t{1} << 20)) text.clear();
  }
  answer.join();
  ::close(child.out);
  ::close(child.err);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  {
    const std::lock_guard lock(mutex_);
    child_ = 0;
  }
  const bool is_done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  std::string snapshot, problem;
  if (is_done && job.kind == "fit") {
    snapshot = Json::parse(said, "the answer of the fit").at("snapshot").as_string();
    change(id, [](Job& j) { j.doing = "putting it in service"; });
    Run remarks;
    remarks.say = [&](std::string words) { problem = std::move(words); };
    engine_.reload(remarks);
  }
  change(id, [&](Job& j) {
    j.snapshot = snapshot;
    j.ended_ms = now_ms_();
    if (!problem.empty()) j.notes.push_back(problem);
    if (j.state == "cancelled") return;
    j.state = is_done ? "done" : "failed";
    if (!is_done) j.message = ending(status, j.message);
  });
  if (log_) {
    Json line = to_json(*find(id));
    line["level"] = is_done ? "info" : "error";
    log_(line);
  }
}

void Jobs::forget_old_lists() {
  const std::int64_t now = now_ms_();
  if (keep_lists_days_ <= 0 || now - forgot_ms_ < kHour_ms) return;
  forgot_ms_ = now;
  engine_.forget_exposures(now - keep_lists_days_ * 24 * kHour_ms);
}

void Jobs::look_whether_to_fit() {
  if (rule_.every_minutes <= 0 && rule_.after_events == 0 && rule_.after_share <= 0) return;
  const std::int64_t now = now_ms_();
  std::int64_t last_ms = 0;
  for (const Job& job : all())
    if (job.kind == "fit") {
      if (job.state != "done" && now - job.ended_ms < kAfterFailure_ms) return;
      last_ms = std::max(last_ms, job.ended_ms);
    }
  const std::uint64_t since = events_since_fit();
  const auto fitted = static_cast<double>(engine_.snapshot()->until);
  std::string why;
  if (rule_.after_events > 0 && since >= rule_.after_events) why = "drift: " + std::to_string(since) + " events since the snapshot";
  else if (rule_.after_share > 0 && static_cast<double>(since) >= rule_.after_share * std::max(fitted, 1.0)) why = "drift: " + std::to_string(since) + " events since the snapshot";
  else if (rule_.every_minutes > 0 && since > 0) {
    if (last_ms == 0) last_ms = started_ms_;
    if (static_cast<double>(now - last_ms) >= rule_.every_minutes * 60000) why = "schedule";
  }
  if (!why.empty()) start("fit", why, {"fit"});
}

}  // namespace attune::serve
