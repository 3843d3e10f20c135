#include "attune/serve/metrics.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "attune/serve/router.h"

namespace attune::serve {
namespace {

TEST(Metrics, a_request_is_counted_by_pattern_and_status_never_by_path) {
  Metrics metrics;
  const Route route{.method = "GET", .pattern = "/v1/users/{user}"};
  HttpRequest request;
  request.method = "GET";
  request.path = "/v1/users/very-secret-person";
  metrics.answered(&route, request, {.status = 200, .body = "12345"}, .003);
  metrics.answered(&route, request, {.status = 200}, .3);
  metrics.answered(nullptr, request, {.status = 404}, .001);
  const std::string text = metrics.text();
  EXPECT_NE(text.find("attune_http_requests_total{method=\"GET\",route=\"/v1/users/{user}\",status=\"200\"} 2"), std::string::npos) << text;
  EXPECT_NE(text.find("attune_http_requests_total{method=\"none\",route=\"none\",status=\"404\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("attune_http_request_seconds_bucket{method=\"GET\",route=\"/v1/users/{user}\",le=\"0.005\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("attune_http_request_seconds_count{method=\"GET\",route=\"/v1/users/{user}\"} 2"), std::string::npos) << text;
  EXPECT_EQ(text.find("very-secret-person"), std::string::npos);
}

TEST(Metrics, stages_come_from_the_server_timing_header) {
  HttpResponse response;
  response.with("Server-Timing", "retrieve;dur=1.250, fuse;dur=0.5,broken").with("Other", "x;dur=3");
  const auto timings = server_timings(response);
  ASSERT_EQ(timings.size(), 2u);
  EXPECT_EQ(timings[0].first, "retrieve");
  EXPECT_DOUBLE_EQ(timings[0].second, 1.25);
  EXPECT_DOUBLE_EQ(timings[1].second, .5);
}

TEST(Metrics, a_value_that_cannot_be_read_is_left_out_and_the_others_stay) {
  Metrics metrics;
  metrics.gauge("attune_broken", "never", []() -> std::vector<Metrics::Value> { throw std::runtime_error("disk"); });
  metrics.gauge("attune_whole", "always", [] { return std::vector<Metrics::Value>{{{{"of", "a\"b\n"}}, 3}}; });
  metrics.count("attune_things_total", "things", {{"of", "x"}});
  metrics.count("attune_things_total", "things", {{"of", "x"}}, 2);
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("attune_broken"), std::string::npos);
  EXPECT_NE(text.find("attune_whole{of=\"a\\\"b\\n\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("attune_things_total{of=\"x\"} 3"), std::string::npos) << text;
}

}  // namespace
}  // namespace attune::serve
