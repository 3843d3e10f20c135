// Settings of the service: where it listens and how much it takes.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace attune::serve {

struct ServeSettings {
  std::string host = "127.0.0.1";
  int port = 8080;                       // 0 = any that is free
  int threads = 0;                       // for model work; 0 = as many as cores
  int io_threads = 1;                    // for the network
  std::string tls_cert, tls_key;         // PEM files; both or none
  std::string cors;                      // origins that pages may ask from: "*", or "https://a.example,https://b.example"
  bool log_requests = true;
  std::size_t queue = 512;               // requests waiting for a thread; more get 503
  std::size_t connections = 20000;
  std::size_t header_bytes = 16 * 1024;
  int idle_s = 75;                       // a connection without a request
  int header_s = 10, body_s = 60, write_s = 30;   // longest for each, per request
  int drain_s = 20;                      // after SIGTERM, until what is still running is cut off
  int queue_wait_ms = 5000;              // a request that waited longer for a thread gets 503
};

}  // namespace attune::serve
