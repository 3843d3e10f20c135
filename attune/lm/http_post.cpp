// HTTP by libcurl: see the header.
#include "attune/lm/http_post.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>

#include "attune/core/ascii.h"
#include "attune/core/error.h"

namespace attune::lm {
namespace {

struct FreeEasy {
  void operator()(CURL* c) const { curl_easy_cleanup(c); }
};
struct FreeList {
  void operator()(curl_slist* l) const { curl_slist_free_all(l); }
};

struct Transfer {
  PostAnswer answer;
  std::size_t most = 0;
  bool is_too_long = false;
  const Run* run = nullptr;
};

std::size_t take(char* data, std::size_t, std::size_t n, void* to) {
  auto& t = *static_cast<Transfer*>(to);
  if (t.answer.body.size() + n > t.most) {
    t.is_too_long = true;
    return 0;                      // ends the transfer
  }
  t.answer.body.append(data, n);
  return n;
}

std::size_t take_header(char* data, std::size_t, std::size_t n, void* to) {
  auto& t = *static_cast<Transfer*>(to);
  const std::string line = lowered({data, std::min<std::size_t>(n, 200)});
  constexpr std::string_view retry = "retry-after:";
  if (line.starts_with(retry)) {
    std::size_t at = retry.size();
    while (at < line.size() && line[at] == ' ') ++at;
    int seconds = -1;
    if (std::from_chars(line.data() + at, line.data() + line.size(), seconds).ec == std::errc() && seconds >= 0) t.answer.retry_after_s = seconds;
  }
  return n;
}

int is_stopped(void* to, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return static_cast<Transfer*>(to)->run->stopped() ? 1 : 0; }

}  // namespace

PostAnswer post_json(const PostRequest& request, const Run& run) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, FreeEasy> curl(curl_easy_init());
  if (!curl) throw Error(Code::internal, "libcurl gives no handle");
  std::unique_ptr<curl_slist, FreeList> headers(curl_slist_append(nullptr, "Content-Type: application/json"));
  curl_slist_append(headers.get(), "Accept: application/json");
  curl_slist_append(headers.get(), "Expect:");
  if (!request.key.empty()) curl_slist_append(headers.get(), ("Authorization: Bearer " + request.key).c_str());
  Transfer transfer;
  transfer.most = request.most_bytes;
  transfer.run = &run;
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, request.timeout_ms);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, std::min(request.connect_timeout_ms, request.timeout_ms));
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_POST, 1L);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(c, CURLOPT_USERAGENT, "attune/0.1");
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, is_stopped);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &transfer);
  const CURLcode code = curl_easy_perform(c);
  run.check();
  PostAnswer answer = std::move(transfer.answer);
  if (transfer.is_too_long) {
    answer.problem = "its answer is longer than " + std::to_string(request.most_bytes >> 10) + " kB";
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    answer.problem = "it gave no whole answer within " + std::to_string(request.timeout_ms) + " ms";
  } else if (code != CURLE_OK) {
    answer.problem = curl_easy_strerror(code);
  } else {
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    answer.status = static_cast<int>(status);
    if (type != nullptr) answer.type = type;
  }
  return answer;
}

}  // namespace attune::lm
