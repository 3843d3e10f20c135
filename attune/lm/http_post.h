// HTTP: one POST of JSON over libcurl, bounded in time and size. Nobody outside lm uses it.
#pragma once
#include <cstddef>
#include <string>

#include "attune/core/progress.h"

namespace attune::lm {

struct PostRequest {
  std::string url, body;
  std::string key;                 // sent as a bearer token; empty = none
  long timeout_ms = 20000, connect_timeout_ms = 3000;
  std::size_t most_bytes = std::size_t{16} << 20;
};
struct PostAnswer {
  int status = 0;                  // 0: no answer, see problem
  std::string type, body;
  int retry_after_s = -1;          // what the header says; -1 = nothing
  std::string problem;             // "no answer within 20 s", "the answer is longer than ..."; no secrets
};
// Follows no redirects (they could carry the key elsewhere). Throws Error: cancelled when the run is stopped.
PostAnswer post_json(const PostRequest& request, const Run& run);

}  // namespace attune::lm
