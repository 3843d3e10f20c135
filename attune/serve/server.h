// Server: HTTP/1.1 on a port: connections, limits, time-outs, keep-alive, TLS, draining. Knows nothing of recommending: what
// to answer is an Application's. server.cpp is the only file that includes Boost.Beast.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "attune/serve/http.h"

namespace attune::serve {

// Where it listens and how much it takes. Kept apart from ServeSettings, so that those may change without compiling server.cpp.
struct ServerSettings {
  std::string host = "127.0.0.1";
  int port = 8080;                       // 0 = any that is free
  int io_threads = 1;                    // for the network
  std::string tls_cert, tls_key;         // PEM files; both or none
  std::size_t connections = 20000;
  std::size_t header_bytes = 16 * 1024;
  std::uint64_t bodies_bytes = std::uint64_t{512} << 20;   // of all long bodies at once; more get 503
  int idle_s = 75;                       // a connection without a request
  int header_s = 10, body_s = 60, write_s = 30;   // longest for each, per request
  int drain_s = 20;                      // after SIGTERM, until what is still running is cut off
};

// Called on network threads: must not block.
class Application {
 public:
  virtual ~Application() = default;
  // The header is here. How long a body may be; or the answer, when there is nothing to wait for.
  struct Opening {
    std::size_t body_bytes = 0;
    std::optional<HttpResponse> answer;
  };
  virtual Opening open(HttpRequest& request) = 0;
  // The whole request is here.
  virtual void answer(std::shared_ptr<HttpRequest> request, Reply reply) = 0;
  // The answer to what the server itself cannot take: 400 malformed, 408 too slow, 413 too large, 431 header too large.
  virtual HttpResponse refuse(const HttpRequest& request, int status, const std::string& code, const std::string& message) = 0;
  virtual void draining() {}
};

// Connections, told to whoever measures.
struct ServerCounts {
  std::uint64_t open = 0, accepted = 0, turned_away = 0;
};

class Server {
 public:
  // Binds, so that the port is known. Throws Error: io naming address and port, bad_request for a certificate that cannot be read.
  Server(Application& application, const ServerSettings& settings);
  ~Server();
  int port() const;
  std::string url() const;
  // Serves until SIGTERM, SIGINT or stop(); then lets what runs come to an end, at most drain_s.
  void run();
  void stop();                 // from any thread
  ServerCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::serve
