// A web server in a test that answers as the test says, on a port of its own, one connection after another.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace attune::testing {

// Answers every connection with what `say` writes for its number; closes after.
class Server {
 public:
  explicit Server(std::function<void(int socket, int number, const std::string& request)> say) : say_(std::move(say)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] {
      for (;;) {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0 || is_over_) return;
        const std::string request = read_request(socket);
        last_ = request;
        say_(socket, count_++, request);
        ::close(socket);
      }
    });
  }
  ~Server() {
    is_over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  int count() const { return count_; }
  const std::string& last() const { return last_; }

 private:
  static std::string read_request(int socket) {
    std::string text;
    char bytes[4096];
    for (;;) {
      const std::size_t end = text.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t at = text.find("Content-Length: ");
        if (at == std::string::npos || text.size() >= end + 4 + std::stoul(text.substr(at + 16))) return text;
      }
      const ssize_t n = ::recv(socket, bytes, sizeof bytes, 0);
      if (n <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(n));
    }
  }
  std::function<void(int, int, const std::string&)> say_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> count_{0};
  std::atomic<bool> is_over_{false};
  std::string last_;
  std::thread thread_;
};

inline bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}
inline void answer(int socket, const std::string& status, const std::string& body, const std::string& headers = "") {
  send_all(socket, "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "Connection: close\r\n\r\n" + body);
}

}  // namespace attune::testing
