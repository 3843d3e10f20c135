// OTLP: see the header. The HTTP client is libcurl.
#include "attune/serve/otlp.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "attune/core/error.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMost = 8192;          // spans waiting: about 4 MB
constexpr std::size_t kBatch = 512;
constexpr std::chrono::milliseconds kPause{1000};       // spans gather for so long
constexpr std::chrono::milliseconds kLongestPause{30000};
constexpr long kTimeoutMs = 5000, kLastTimeoutMs = 1000;

Json attribute(const std::string& key, const Json& value) {
  Json one = Json::object();
  one["key"] = key;
  if (value.is_integer()) one["value"]["intValue"] = std::to_string(value.as_integer());   // 64 bits are strings in this mapping
  else if (value.is_number()) one["value"]["doubleValue"] = value;
  else if (value.is_bool()) one["value"]["boolValue"] = value;
  else one["value"]["stringValue"] = value;
  return one;
}

Json to_json(const Span& span) {
  Json one = Json::object();
  one["traceId"] = span.trace;
  one["spanId"] = span.span;
  if (!span.parent.empty()) one["parentSpanId"] = span.parent;
  one["name"] = span.name;
  one["kind"] = span.is_server ? 2 : 1;      // SERVER, INTERNAL
  one["startTimeUnixNano"] = std::to_string(span.begin_ns);
  one["endTimeUnixNano"] = std::to_string(span.end_ns);
  one["attributes"] = Json::array();
  for (const auto& [key, value] : span.attributes) one["attributes"].push_back(attribute(key, value));
  one["status"] = Json::object();
  if (span.is_error) one["status"]["code"] = 2;
  return one;
}

std::string checked(std::string url) {
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw Error(Code::bad_request, "--otlp takes the address of a collector, such as http://127.0.0.1:4318, not '" + url.substr(0, 100) + "'");
  while (url.ends_with('/')) url.pop_back();
  return url.ends_with("/v1/traces") ? url : url + "/v1/traces";
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

Json to_otlp(const std::vector<Span>& spans) {
  Json scope = Json::object();
  scope["scope"]["name"] = "attune";
  scope["spans"] = Json::array();
  for (const Span& span : spans) scope["spans"].push_back(to_json(span));
  Json resource = Json::object();
  resource["resource"]["attributes"].push_back(attribute("service.name", "attune"));
  resource["scopeSpans"].push_back(std::move(scope));
  Json body = Json::object();
  body["resourceSpans"].push_back(std::move(resource));
  return body;
}

Otlp::Otlp(std::string url) : url_(checked(std::move(url))) {
  static const bool is_ready = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!is_ready) throw Error(Code::internal, "libcurl cannot be started");
  thread_ = std::thread([this] { work(); });
}

Otlp::~Otlp() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Otlp::add(std::vector<Span> spans) {
  const std::lock_guard lock(mutex_);
  if (spans_.size() + spans.size() > kMost) {
    counts_.dropped += spans.size();
    return;
  }
  for (Span& span : spans) spans_.push_back(std::move(span));
  if (spans_.size() >= kBatch) wake_.notify_one();
}

Otlp::Counts Otlp::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.waiting = spans_.size();
  return counts;
}

bool Otlp::send(const std::vector<Span>& spans, long timeout_ms) {
  const std::string body = to_otlp(spans).dump();
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(::curl_easy_init(), ::curl_easy_cleanup);
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(::curl_slist_append(nullptr, "Content-Type: application/json"), ::curl_slist_free_all);
  if (!curl || !headers) return false;
  ::curl_easy_setopt(curl.get(), CURLOPT_URL, url_.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  ::curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  ::curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, timeout_ms);
  ::curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, drop);
  ::curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");      // the address given is the one meant
  if (::curl_easy_perform(curl.get()) != CURLE_OK) return false;
  long status = 0;
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300;
}

void Otlp::work() {
  auto pause = kPause;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, pause, [this, &pause] { return is_over_ || (pause == kPause && spans_.size() >= kBatch); });
    const bool is_last = is_over_;
    std::vector<Span> batch;
    while (!spans_.empty() && batch.size() < kBatch) {
      batch.push_back(std::move(spans_.front()));
      spans_.pop_front();
    }
    if (!batch.empty()) {
      lock.unlock();
      const bool is_sent = send(batch, is_last ? kLastTimeoutMs : kTimeoutMs);
      lock.lock();
      if (is_sent) {
        counts_.sent += batch.size();
        pause = kPause;
      } else {
        // Tried again later, unless newer spans need the room by then: those are of more use.
        ++counts_.failed_exports;
        pause = std::min(kLongestPause, pause * 2);
        const std::size_t room = kMost - std::min(kMost, spans_.size());
        const std::size_t kept = is_last ? 0 : std::min(room, batch.size());
        counts_.dropped += batch.size() - kept;
        for (std::size_t i = 0; i < kept; ++i) spans_.push_front(std::move(batch[batch.size() - 1 - i]));
      }
    }
    if (is_last && (spans_.empty() || pause != kPause)) {
      counts_.dropped += spans_.size();
      return;
    }
  }
}

}  // namespace attune::serve
