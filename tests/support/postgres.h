// A PostgreSQL server of the tests' own (tests/support/postgres), ended by its process id.
#pragma once
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/folder.h"

namespace attune::testing {

class Postgres {
 public:
  explicit Postgres(std::vector<std::string> options = {}) : options_(std::move(options)) {
    start();
    wait();      // the first start makes the database
  }
  ~Postgres() { stop(); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // One for all tests of a program.
  static Postgres& shared() {
    static Postgres server;
    return server;
  }

  // Returns at once: stores wait until it is there.
  void start() {
    std::vector<std::string> words = {std::string(ATTUNE_SOURCE_DIR) + "/tests/support/postgres", folder_.path.string()};
    words.insert(words.end(), options_.begin(), options_.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    if (process_ < 0) throw std::runtime_error("no process for the PostgreSQL server");
  }
  void stop() { end(SIGINT); }     // fast: sessions are ended, everything is written
  void crash() { end(SIGQUIT); }   // immediate: as if its processes had been killed

  std::string url(const std::string& schema) const { return "postgres://attune@/attune?host=" + folder_.path.string() + "&schema=" + schema; }
  std::string fresh_url() { return url("fresh" + std::to_string(++schemas_)); }

 private:
  void wait() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder_.path / ".s.PGSQL.5432").string().copy(address.sun_path, sizeof address.sun_path - 1);
    for (int tries = 0; tries < 6000; ++tries) {
      const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
      const bool is_there = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      ::close(fd);
      if (is_there) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw std::runtime_error("the PostgreSQL server does not start");
  }

  void end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  std::vector<std::string> options_;
  Folder folder_;
  pid_t process_ = 0;
  int schemas_ = 0;
};

}  // namespace attune::testing
