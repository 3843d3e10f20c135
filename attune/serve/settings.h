// Settings of the service: the server's, and what lies behind it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "attune/serve/server.h"

namespace attune::serve {

// When to fit without being asked, by a process beside the service.
struct RefitRule {
  double every_minutes = 0;              // 0 = never by time
  std::uint64_t after_events = 0;        // events since the snapshot; 0 = never by their number
  double after_share = 0;                // the same as a share of those that were fitted; 0 = never
};

struct ServeSettings : ServerSettings {
  int threads = 0;                       // for model work; 0 = as many as cores
  std::string cors;                      // origins that pages may ask from: "*", or "https://a.example,https://b.example"
  double rotate = 0;                     // what each showing without a take takes from an item's score; 0 = lists stay as they are
  bool log_requests = true;
  bool log_paths = false;                // with the whole path in the log: it names users and items
  bool open_admin = false;               // without keys, on loopback: everybody may do everything, not only read and write
  bool behind_proxy = false;             // the caller's address and TLS are what X-Forwarded-For and -Proto say
  std::string otlp;                      // http://127.0.0.1:4318: where traces go; empty = nowhere
  double otlp_sample = 1.0;              // the part of requests that are traced, where the caller does not decide
  std::size_t queue = 512;               // requests waiting for a thread; more get 503
  int queue_wait_ms = 5000;              // a request that waited longer for a thread gets 503
  std::string program = "/proc/self/exe";   // what runs jobs
  RefitRule refit;
  bool gorse = false;                    // the paths of Gorse's API, /api/..., too
  std::vector<std::string> gorse_boards; // its leaderboards: "most_starred_weekly=star/7" (gorse.h)
  std::vector<std::string> gorse_similar = {"neighbors"};   // names under which its clients ask for items or users alike
  std::string kafka;                     // broker:9092/topic?group=NAME: events read from there beside requests; empty = none
  int keep_lists_days = 90;              // lists shown are forgotten after; 0 = never
};

}  // namespace attune::serve
