// A remote model against an endpoint that misbehaves: a server in this test, on a port of its own.
#include "attune/lm/remote.h"

#include <cstdlib>
#include <thread>

#include "attune/core/error.h"
#include "tests/support/http_server.h"
#include "tests/support/test.h"

namespace attune::lm {
namespace {

using testing::answer;
using testing::send_all;
using testing::Server;

std::string said(const std::string& text, const std::string& usage = R"({"prompt_tokens": 3, "completion_tokens": 2})") {
  return R"({"choices": [{"message": {"role": "assistant", "content": ")" + text + R"("}}], "usage": )" + usage + "}";
}

struct World {
  std::int64_t now_ms = 1'700'000'000'000;
  std::vector<int> waits;
  RemoteClock clock() {
    return {[this] { return now_ms; }, [this](int ms) { waits.push_back(ms), now_ms += ms; }};
  }
};
RemoteParams params(const std::string& url) {
  RemoteParams p;
  p.remote = "on";
  p.url = url;
  p.model = "writer";
  p.embedding_model = "reader";
  p.timeout_s = 2;
  return p;
}
std::string problem(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::io) << e.what();
    return e.what();
  }
  return {};
}

TEST("a remote model writes and reads, the key goes along and only the text of the prompt leaves") {
  ::setenv("ATTUNE_TEST_KEY", "sk-very-secret", 1);
  Server server([](int socket, int, const std::string& request) {
    if (request.find("POST /v1/embeddings") == 0) answer(socket, "200 OK", R"({"data": [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 4]}]})");
    else answer(socket, "200 OK", said("hello"));
  });
  auto p = params(server.url());
  p.key_env = "ATTUNE_TEST_KEY";
  const auto model = open_remote(p);
  EXPECT_EQ(model->generate("say hello", {}, attune::Run{}), "hello");
  CHECK(server.last().find("Authorization: Bearer sk-very-secret") != std::string::npos);
  CHECK(server.last().find("say hello") != std::string::npos);
  EXPECT_EQ(model->use().tokens_in, 3);
  EXPECT_EQ(model->use().tokens_out, 2);
  const std::string texts[] = {"a", " ", "b"};
  const Matrix vectors = model->embed(texts, attune::Run{});
  ASSERT_EQ(vectors.cols(), 2u);
  EXPECT_FLOAT_EQ(vectors(0, 0), 0.6f);
  EXPECT_FLOAT_EQ(vectors(1, 0), 0.0f);
  EXPECT_FLOAT_EQ(vectors(2, 1), 1.0f);
  EXPECT_EQ(model->dim(), 2u);
}

TEST("an endpoint that answers nonsense is told as such, with no retry and no crash") {
  const std::pair<const char*, const char*> cases[] = {{"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"}, {"{\"choices\": [{\"mess", "no JSON"}, {"", "empty"}, {"{}", "no choices"}, {"{\"choices\": []}", "no choices"},
                                                       {"{\"choices\": [{\"message\": {\"content\": 7}}]}", "content"}, {"[1, 2]", "no choices"}, {"\xff\xfe\x00", "JSON"}, {"null", "no choices"}};
  for (const auto& [body, word] : cases) {
    World world;
    Server server([body = std::string(body)](int socket, int, const std::string&) { answer(socket, "200 OK", body); });
    const auto model = open_remote(params(server.url()), world.clock());
    const std::string what = problem([&] { model->generate("x", {}, attune::Run{}); });
    CHECK(what.find(word) != std::string::npos) << what;
    EXPECT_EQ(server.count(), 1);
  }
  for (const char* body : {R"({"data": []})", R"({"data": [{"index": 0, "embedding": []}]})", R"({"data": [{"index": 9, "embedding": [1]}]})", R"({"data": [{"index": 0, "embedding": ["x"]}]})", R"({"data": [{"index": 0, "embedding": [1e999]}]})",
                           R"({"data": [{"index": 0, "embedding": null}]})"}) {
    World world;
    Server server([body](int socket, int, const std::string&) { answer(socket, "200 OK", body); });
    const auto model = open_remote(params(server.url()), world.clock());
    const std::string text[] = {"a"};
    CHECK(!problem([&] { model->embed(text, attune::Run{}); }).empty()) << body;
  }
}

TEST("busy and broken answers are tried again, later each time, and what Retry-After says is kept to") {
  World world;
  Server server([](int socket, int number, const std::string&) {
    if (number == 0) answer(socket, "500 Internal Server Error", "{}");
    else if (number == 1) answer(socket, "429 Too Many Requests", "{}", "Retry-After: 1\r\n");
    else answer(socket, "200 OK", said("there"));
  });
  const auto model = open_remote(params(server.url()), world.clock());
  EXPECT_EQ(model->generate("x", {}, attune::Run{}), "there");
  EXPECT_EQ(world.waits, (std::vector<int>{250, 1000}));
  // What says it will be long is not waited for.
  World other;
  Server long_busy([](int socket, int, const std::string&) { answer(socket, "429 Too Many Requests", R"({"error": {"message": "slow down"}})", "Retry-After: 3600\r\n"); });
  const auto asked = open_remote(params(long_busy.url()), other.clock());
  const std::string what = problem([&] { asked->generate("x", {}, attune::Run{}); });
  CHECK(what.find("429") != std::string::npos && what.find("slow down") != std::string::npos) << what;
  EXPECT_EQ(long_busy.count(), 1);
}

TEST("an endpoint that hangs, drips for ever or floods is left in time") {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  {
    Server silent([](int, int, const std::string&) { std::this_thread::sleep_for(std::chrono::milliseconds(700)); });
    auto p = params(silent.url());
    p.timeout_s = 0.3, p.retries = 0;
    CHECK(problem([&] { open_remote(p)->generate("x", {}, attune::Run{}); }).find("within") != std::string::npos);
  }
  {
    Server dripping([](int socket, int, const std::string&) {
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{");
      for (int k = 0; k < 200 && send_all(socket, " "); ++k) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
    auto p = params(dripping.url());
    p.timeout_s = 0.3, p.retries = 0;
    CHECK(problem([&] { open_remote(p)->generate("x", {}, attune::Run{}); }).find("within") != std::string::npos);
  }
  {
    Server flooding([](int socket, int, const std::string&) {
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
      const std::string piece(1 << 16, ' ');
      for (int k = 0; k < 100'000 && send_all(socket, piece); ++k) {}
    });
    auto p = params(flooding.url());
    p.retries = 0, p.timeout_s = 20;
    CHECK(problem([&] { open_remote(p)->generate("x", {}, attune::Run{}); }).find("longer than") != std::string::npos);
  }
  EXPECT_LT(std::chrono::duration<double>(Clock::now() - begun).count(), 20.0);
  CHECK(!problem([&] { open_remote(params("http://127.0.0.1:1/v1"), World{}.clock())->generate("x", {}, attune::Run{}); }).empty());
}

TEST("after failures in a row the endpoint is left alone for a while, then tried once") {
  World world;
  std::atomic<bool> is_well{false};
  Server server([&](int socket, int, const std::string&) { answer(socket, is_well ? "200 OK" : "503 Service Unavailable", is_well ? said("back") : "{}"); });
  auto p = params(server.url());
  p.retries = 0, p.breaker_failures = 3, p.breaker_s = 30;
  const auto model = open_remote(p, world.clock());
  for (int k = 0; k < 3; ++k) CHECK(problem([&] { model->generate("x", {}, attune::Run{}); }).find("503") != std::string::npos);
  CHECK(problem([&] { model->generate("x", {}, attune::Run{}); }).find("left alone") != std::string::npos);
  EXPECT_EQ(server.count(), 3);
  is_well = true;
  world.now_ms += 31'000;
  EXPECT_EQ(model->generate("x", {}, attune::Run{}), "back");
  EXPECT_EQ(model->generate("x", {}, attune::Run{}), "back");
  EXPECT_EQ(model->use().refused_by_breaker, 1u);
}

TEST("budgets of tokens and money hold, whatever the endpoint says it used, and begin anew with the day") {
  World world;
  Server server([](int socket, int, const std::string&) { answer(socket, "200 OK", said("ok", R"({"prompt_tokens": -100000, "completion_tokens": 999999999})")); });
  auto p = params(server.url());
  p.tokens_per_day = 400;
  const auto model = open_remote(p, world.clock());
  GenerateOptions options{.max_tokens = 100};
  EXPECT_EQ(model->generate("x", options, attune::Run{}), "ok");
  EXPECT_EQ(model->generate("x", options, attune::Run{}), "ok");
  EXPECT_EQ(model->generate("x", options, attune::Run{}), "ok");
  CHECK(problem([&] { model->generate("x", options, attune::Run{}); }).find("tokens_per_day") != std::string::npos);
  EXPECT_EQ(server.count(), 3);
  world.now_ms += 86'400'000;
  EXPECT_EQ(model->generate("x", options, attune::Run{}), "ok");
  p.tokens_per_day = 0, p.price_out = 10000, p.money_per_day = 1.5;      // a call of 100 tokens costs 1
  const auto dear = open_remote(p, world.clock());
  EXPECT_EQ(dear->generate("x", options, attune::Run{}), "ok");
  CHECK(problem([&] { dear->generate("x", options, attune::Run{}); }).find("money_per_day") != std::string::npos);
}

TEST("the key is in no message, not even when the endpoint sends it back") {
  ::setenv("ATTUNE_TEST_KEY", "sk-very-secret", 1);
  World world;
  Server server([](int socket, int, const std::string&) { answer(socket, "401 Unauthorized", R"({"error": {"message": "bad key sk-very-secret"}})"); });
  auto p = params(server.url());
  p.key_env = "ATTUNE_TEST_KEY";
  const std::string what = problem([&] { open_remote(p, world.clock())->generate("x", {}, attune::Run{}); });
  CHECK(what.find("401") != std::string::npos && what.find("[key]") != std::string::npos && what.find("secret") == std::string::npos) << what;
  EXPECT_EQ(server.count(), 1);
}

TEST("redirects are not followed, so the key stays where it was meant for") {
  World world;
  Server server([](int socket, int, const std::string&) { answer(socket, "302 Found", "{}", "Location: http://127.0.0.1:1/elsewhere\r\n"); });
  CHECK(problem([&] { open_remote(params(server.url()), world.clock())->generate("x", {}, attune::Run{}); }).find("302") != std::string::npos);
}

TEST("what a remote model cannot do goes to the local one, with a remark") {
  struct Writes final : LanguageModel {
    std::string name() const override { return "local"; }
    std::string fingerprint() const override { return ""; }
    std::size_t dim() const override { return 1; }
    Matrix embed(std::span<const std::string>, const attune::Run&) const override { return {}; }
    std::string generate(const std::string&, const GenerateOptions&, const attune::Run&) const override { return "locally"; }
    std::vector<float> score(const std::string&, std::span<const std::string>, const attune::Run&) const override { return {1}; }
  };
  auto p = params("http://127.0.0.1:1/v1");
  p.retries = 0;
  const auto both = with_fallback(open_remote(p), std::make_shared<Writes>());
  std::string remark;
  attune::Run run;
  run.say = [&](std::string text) { remark = std::move(text); };
  EXPECT_EQ(both->generate("x", {}, run), "locally");
  CHECK(remark.find("local answers instead") != std::string::npos);
  const auto none = with_fallback(open_remote(p), nullptr);
  CHECK_THROWS(none->generate("x", {}, attune::Run{}), Error);
}

TEST("settings that cannot be are refused, and off is off") {
  const auto refused = [](const std::function<void(RemoteParams&)>& change) {
    RemoteParams p = params("https://models.example/v1");
    change(p);
    CHECK_THROWS(open_remote(p), Error);
  };
  refused([](auto& p) { p.remote = "off"; });
  refused([](auto& p) { p.remote = "maybe"; });
  refused([](auto& p) { p.url = "file:///etc/passwd"; });
  refused([](auto& p) { p.url = "https://me:secret@models.example"; });
  refused([](auto& p) { p.url = "https://models.example/\nv1"; });
  refused([](auto& p) { p.model = p.embedding_model = ""; });
  refused([](auto& p) { p.timeout_s = 0; });
  refused([](auto& p) { p.retries = 100; });
  refused([](auto& p) { p.tokens_per_day = -1; });
}

}  // namespace
}  // namespace attune::lm
