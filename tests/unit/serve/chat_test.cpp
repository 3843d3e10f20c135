// Talking over HTTP: a turn as JSON and as a stream, the dialogue handed back, what is refused.
#include <gtest/gtest.h>

#include "attune/serve/openapi.h"
#include "attune/serve/service.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"

namespace attune::serve {
namespace {

class Talk : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto workspace = engine::Workspace::init(folder_.path / "shop");
    data::Batch batch;
    for (int item = 0; item < 16; ++item) {
      data::Record record{.name = "item" + std::to_string(item), .text = std::string(item % 2 == 0 ? "garden" : "space") + " book " + std::to_string(item)};
      record.attributes["price"] = 1.0 + item;
      batch.items.push_back(std::move(record));
    }
    for (int user = 0; user < 24; ++user)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "item" + std::to_string(user % 2 + 2 * ((user / 2 + step) % 8)), .type = "purchase", .time_ms = 1700000000000 + user * 1000 + step * 86400000});
    attune::testing::quick_fit(workspace, batch);
    ServeSettings serve;
    serve.threads = 2;
    service_ = std::make_unique<Service>(engine::Workspace::open(folder_.path / "shop"), serve, attune::Run{}, nullptr);
  }
  HttpResponse ask(const Json& body, Pairs headers = {}) { return service_->ask({.method = "POST", .target = "/v1/chat", .headers = std::move(headers), .body = body.dump()}); }
  static Json message(const std::string& text) {
    Json body = Json::object();
    body["message"] = text;
    return body;
  }

  testing::Folder folder_;
  std::unique_ptr<Service> service_;
};

TEST_F(Talk, goes_on_with_the_dialogue_that_is_sent_back) {
  const Json first = Json::parse(ask(message("garden books under 9")).body);
  ASSERT_FALSE(first.at("items").as_array().empty());
  Json next = message("show me more");
  next["dialogue"] = first.at("dialogue");
  const Json second = Json::parse(ask(next).body);
  ASSERT_FALSE(second.at("items").as_array().empty());
  for (const Json& item : second.at("items").as_array()) EXPECT_LT(item.at("attributes").at("price").as_number(), 9);
}

TEST_F(Talk, streams_say_then_items_then_all_of_it) {
  const HttpResponse response = ask(message("便宜的书"), {{"accept", "text/event-stream"}});
  EXPECT_EQ(response.type, "text/event-stream");
  ASSERT_TRUE(response.stream);
  std::string all;
  for (bool more = true; more;) response.stream([&](std::optional<std::string> piece) { more = piece.has_value(); if (piece) all += *piece; });
  EXPECT_TRUE(all.starts_with("event: say\ndata: {\"text\":"));
  const std::size_t items = all.find("event: items\n"), done = all.find("event: done\n");
  ASSERT_NE(done, std::string::npos);
  EXPECT_LT(items, done);
  std::string said;
  for (std::size_t at = 0; (at = all.find("event: say\ndata: ", at)) != std::string::npos;) {
    at += 17;
    said += Json::parse(all.substr(at, all.find('\n', at) - at)).at("text").as_string();
  }
  EXPECT_EQ(said, Json::parse(all.substr(done + 18)).at("say").as_string());
}

TEST_F(Talk, refuses_by_the_name_of_the_field) {
  EXPECT_EQ(ask(Json::object()).status, 400);
  Json body = message("hello");
  body["dialogue"]["version"] = 99;
  const HttpResponse response = ask(body);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(Json::parse(response.body).at("error").at("field").as_string(), "dialogue");
  body = message("hello");
  body["remember"] = true;
  EXPECT_EQ(ask(body).status, 400);
  EXPECT_EQ(ask(message(std::string(100000, 'a'))).status, 400);
}

TEST_F(Talk, a_like_is_in_the_log_and_a_kept_dialogue_with_the_user) {
  Json body = message("I like item3");
  body["user"] = "zoe";
  body["remember"] = true;
  EXPECT_EQ(ask(body).status, 200);
  ASSERT_EQ(service_->context().engine.store().user_events("zoe").size(), 1u);
  EXPECT_EQ(service_->context().engine.store().user_events("zoe")[0].event.type, "like");
  Json again = message("show me more");
  again["user"] = "zoe";
  again["remember"] = true;
  EXPECT_EQ(Json::parse(ask(again).body).at("dialogue").at("turns").as_integer(), 2);
}

}  // namespace
}  // namespace attune::serve
