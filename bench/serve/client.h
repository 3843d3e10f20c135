// A small HTTP client for load: one blocking connection with keep-alive. Knows Content-Length answers only.
#pragma once
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace load {

struct Answer {
  int status = 0;       // 0: the connection broke
  std::string body;
};

class Connection {
 public:
  explicit Connection(int port) : port_(port) {}
  Connection(Connection&& o) noexcept : port_(o.port_), fd_(std::exchange(o.fd_, -1)), buffer_(std::move(o.buffer_)) {}
  Connection(const Connection&) = delete;
  ~Connection() { close(); }

  bool open() {
    if (fd_ >= 0) return true;
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port_));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return true;
    close();
    return false;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    buffer_.clear();
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  Answer ask(std::string_view method, std::string_view path, std::string_view body = {}, std::string_view type = "application/json") {
    if (!open()) return {};
    std::string text;
    text.reserve(body.size() + 256);
    text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
    if (!body.empty()) text.append("Content-Type: ").append(type).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    text.append("\r\n").append(body);
    if (!write(text)) {
      close();
      return {};
    }
    return read();
  }

 private:
  bool fill() {
    char piece[1 << 16];
    const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
    if (n <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(n));
    return true;
  }
  Answer read() {
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill()) {
        close();
        return {};
      }
    Answer answer;
    answer.status = std::atoi(buffer_.c_str() + 9);
    const std::size_t at = buffer_.find("Content-Length: ");
    const std::size_t length = at < end ? std::strtoull(buffer_.c_str() + at + 16, nullptr, 10) : 0;
    const bool is_last = buffer_.find("Connection: close") < end;
    while (buffer_.size() < end + 4 + length)
      if (!fill()) {
        close();
        return {};
      }
    answer.body = buffer_.substr(end + 4, length);
    buffer_.erase(0, end + 4 + length);
    if (is_last) close();
    return answer;
  }

  int port_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace load
