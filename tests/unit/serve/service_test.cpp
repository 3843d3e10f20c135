// Service: the whole way of a request, without a network.
#include "attune/serve/service.h"

#include <gtest/gtest.h>

#include <set>

#include "attune/engine/fit.h"
#include "attune/serve/openapi.h"
#include "attune/serve/shown.h"
#include "tests/support/folder.h"
#include "tests/support/quick_fit.h"

namespace attune::serve {
namespace {

// A small shop: even users take even items, odd users odd ones; one item of each circle is not taken by everybody.
class Service_ : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto workspace = engine::Workspace::init(folder_.path / "shop");
    data::Batch batch;
    for (int item = 0; item < 16; ++item) batch.items.push_back({.name = "item" + std::to_string(item), .text = std::string(item % 2 == 0 ? "garden" : "space") + " book " + std::to_string(item)});
    for (int user = 0; user < 24; ++user)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "user" + std::to_string(user), .item = "item" + std::to_string(user % 2 + 2 * ((user / 2 + step) % 8)), .type = "purchase",
                                .time_ms = 1700000000000 + user * 1000 + step * 86400000});
    attune::testing::quick_fit(workspace, batch);
    start();
  }
  void start() {
    service_.reset();
    ServeSettings settings;
    settings.threads = 2;
    settings.open_admin = true;
    service_ = std::make_unique<Service>(engine::Workspace::open(folder_.path / "shop"), settings, attune::Run{}, nullptr);
  }
  HttpResponse ask(const std::string& method, const std::string& target, const std::string& body = "", Pairs headers = {}) {
    return service_->ask({.method = method, .target = target, .headers = std::move(headers), .body = body});
  }
  Json json(const HttpResponse& response) { return Json::parse(response.body); }
  static std::vector<std::string> names(const Json& list) {
    std::vector<std::string> found;
    for (const Json& item : list.at("items").as_array()) found.push_back(item.at("item").as_string());
    return found;
  }

  testing::Folder folder_;
  std::unique_ptr<Service> service_;
};

TEST_F(Service_, an_acknowledged_event_is_in_the_next_list) {
  const auto before = names(json(ask("GET", "/v1/users/nobody/recommendations?k=3")));
  ASSERT_EQ(before.size(), 3u);
  EXPECT_EQ(ask("POST", "/v1/events", R"({"user": "nobody", "item": ")" + before[0] + "\"}").status, 201);
  const auto after = names(json(ask("GET", "/v1/users/nobody/recommendations?k=3")));
  EXPECT_EQ(std::count(after.begin(), after.end(), before[0]), 0);
}

TEST_F(Service_, pages_bring_every_item_once_also_over_a_restart_and_while_events_come) {
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 1; page <= 20; ++page) {
    const HttpResponse response = ask("GET", "/v1/users/user1/recommendations?k=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(response.status, 200) << response.body;
    const Json list = json(response);
    for (const std::string& name : names(list)) seen.push_back(name);
    if (page == 1) ask("POST", "/v1/events", R"({"user": "user1", "item": "item2", "type": "view"})");
    if (page == 2) start();
    if (list.at("cursor").is_null()) break;
    cursor = list.at("cursor").as_string();
  }
  std::vector<std::string> once = seen;
  std::sort(once.begin(), once.end());
  EXPECT_EQ(std::unique(once.begin(), once.end()), once.end());
  EXPECT_GE(seen.size(), 11u);    // 16 less the four taken and perhaps item2
  EXPECT_EQ(ask("GET", "/v1/users/user2/recommendations?cursor=" + cursor).status, 400);   // of somebody else
  EXPECT_EQ(ask("GET", "/v1/users/user1/recommendations?cursor=x.2").status, 400);
  EXPECT_EQ(ask("GET", "/v1/users/user1/recommendations?cursor=x.02").status, 400);
}

TEST_F(Service_, what_was_shown_and_not_taken_goes_down_and_the_reasons_still_add_up) {
  const std::string path = "/v1/users/user1/recommendations?k=3&explain=true&rotate=5";
  const auto first = names(json(ask("GET", path)));
  const Json list = json(ask("GET", path));
  EXPECT_NE(names(list), first);
  for (const Json& item : list.at("items").as_array()) {
    double sum = 0;
    for (const Json& part : item.at("parts").as_array()) sum += part.at("value").as_number();
    EXPECT_NEAR(sum, item.at("score").as_number(), 1e-4);
  }
  const std::string plain = "/v1/users/user3/recommendations?k=3";
  EXPECT_EQ(names(json(ask("GET", plain))), names(json(ask("GET", plain))));
}

TEST_F(Service_, a_list_shown_is_found_by_its_request_with_what_answered_it_and_what_was_said_of_it) {
  const Json list = json(ask("GET", "/v1/users/user1/recommendations?k=3"));
  const std::string request = list.at("request").as_string(), taken = names(list)[1];
  EXPECT_EQ(ask("POST", "/v1/events", R"({"user": "user1", "item": ")" + taken + R"(", "request": ")" + request + "\"}").status, 201);
  EXPECT_EQ(ask("POST", "/v1/exposures/" + request + "/rating", R"({"value": 0.75, "comment": "nice"})").status, 201);
  EXPECT_EQ(ask("POST", "/v1/exposures/" + request + "/rating", R"({"value": 7})").status, 400);
  EXPECT_EQ(ask("POST", "/v1/exposures/none/rating", R"({"value": 1})").status, 404);
  start();
  const Json shown = json(ask("GET", "/v1/exposures/" + request));
  EXPECT_EQ(names(shown), names(list));
  EXPECT_EQ(shown.at("items").as_array()[1].at("taken").size(), 1u);
  EXPECT_EQ(shown.at("items").as_array()[0].at("taken").size(), 0u);
  EXPECT_EQ(shown.at("items").as_array()[0].at("propensity").as_number(), 1);
  EXPECT_EQ(shown.at("rating").at("value").as_number(), 0.75);
  EXPECT_EQ(ask("DELETE", "/v1/users/user1").status, 200);
  EXPECT_EQ(ask("GET", "/v1/exposures/" + request).status, 404);
  EXPECT_EQ(json(ask("GET", "/v1/ratings")).at("count").as_integer(), 0);
}

TEST_F(Service_, a_request_sent_twice_with_one_idempotency_key_is_done_once) {
  const std::string event = R"({"user": "user1", "item": "item9"})";
  const HttpResponse first = ask("POST", "/v1/events", event, {{"idempotency-key", "k1"}});
  const HttpResponse again = ask("POST", "/v1/events", event, {{"idempotency-key", "k1"}});
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(json(ask("GET", "/v1/users/user1")).at("events").as_integer(), 5);
  EXPECT_EQ(ask("POST", "/v1/events", R"({"user": "user1", "item": "item7"})", {{"idempotency-key", "k1"}}).status, 422);
  EXPECT_EQ(ask("POST", "/v1/events", R"({"user": "user1", "itm": "item7"})", {{"idempotency-key", "k2"}}).status, 400);
}

TEST_F(Service_, an_etag_that_still_holds_is_answered_by_304) {
  const HttpResponse first = ask("GET", "/v1/items/item1");
  std::string tag;
  for (const auto& [name, value] : first.headers)
    if (name == "ETag") tag = value;
  ASSERT_FALSE(tag.empty());
  EXPECT_EQ(ask("GET", "/v1/items/item1", "", {{"if-none-match", tag}}).status, 304);
  EXPECT_EQ(ask("PUT", "/v1/items/item1", R"({"text": "other"})").status, 200);
  EXPECT_EQ(ask("GET", "/v1/items/item1", "", {{"if-none-match", tag}}).status, 200);
}

TEST_F(Service_, an_older_snapshot_is_pinned_and_served_until_the_pin_is_taken_away) {
  const Json before = json(ask("GET", "/v1/snapshots"));
  const std::string old = before.at("in_service").as_string();
  engine::Settings settings = engine::standard_settings();
  settings.encoders = {"tfidf"};
  settings.models = {"popularity"};
  settings.fit.evaluate = false;
  settings.fit.keep_snapshots = 1;
  EXPECT_EQ(ask("PUT", "/v1/snapshots/" + old + "/pin").status, 200);
  engine::fit(engine::Workspace::open(folder_.path / "shop"), settings, attune::Run{});
  service_->context().engine.reload(attune::Run{});
  EXPECT_EQ(json(ask("GET", "/v1/snapshots")).at("in_service").as_string(), old);
  EXPECT_EQ(json(ask("GET", "/v1/snapshots")).at("snapshots").size(), 2u);   // keep = 1, and the pinned one
  start();
  EXPECT_EQ(json(ask("GET", "/v1/health")).at("snapshot").as_string(), old);
  EXPECT_EQ(ask("DELETE", "/v1/snapshots/pin").status, 200);
  EXPECT_NE(json(ask("GET", "/v1/health")).at("snapshot").as_string(), old);
  EXPECT_EQ(ask("PUT", "/v1/snapshots/none/pin").status, 404);
}

TEST_F(Service_, every_route_is_in_the_openapi_document_with_schemas_that_are_there) {
  const Json document = json(ask("GET", "/v1/openapi.json"));
  for (const Route& route : service_->router().routes()) {
    if (route.is_hidden) continue;
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::tolower(c); });
    const Json* path = document.at("paths").find(route.pattern);
    ASSERT_NE(path, nullptr) << route.pattern;
    ASSERT_NE(path->find(method), nullptr) << route.method << " " << route.pattern;
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
    EXPECT_EQ(route.answer_schema.empty(), route.answer_status == 204) << route.pattern;
  }
}

TEST_F(Service_, errors_name_code_field_fix_and_request) {
  const HttpResponse response = ask("GET", "/v1/users/user1/recommendations?k=many", "", {{"x-request-id", "mine-1"}});
  EXPECT_EQ(response.status, 400);
  const Json error = json(response).at("error");
  EXPECT_EQ(error.at("code").as_string(), "bad_field");
  EXPECT_EQ(error.at("field").as_string(), "k");
  EXPECT_EQ(error.at("request").as_string(), "mine-1");
  EXPECT_EQ(ask("POST", "/v1/events", std::string(100, '[')).status, 400);
  EXPECT_EQ(ask("POST", "/v1/recommendations", "{}").status, 400);
  EXPECT_EQ(ask("PUT", "/v1/items/x", R"({"attributes": [1]})").status, 400);
  EXPECT_EQ(ask("PUT", "/v1/items/%01", "{}").status, 400);
}

TEST_F(Service_, weights_turn_a_list_and_what_cannot_be_a_weight_is_refused) {
  const auto asked = [&](const std::string& weights) { return ask("POST", "/v1/recommendations", R"({"user": "user1", "k": 8, "explain": true, "weights": )" + weights + "}"); };
  const auto parts = [&](const HttpResponse& response) {
    std::set<std::string> found;
    const Json list = json(response);
    for (const Json& item : list.at("items").as_array())
      for (const Json& part : item.at("parts").as_array()) found.insert(part.at("what").as_string());
    return found;
  };
  EXPECT_TRUE(parts(asked("{}")).contains("model:slist"));
  const HttpResponse popular = asked(R"({"slist": 0})");
  ASSERT_EQ(popular.status, 200) << popular.body;
  EXPECT_FALSE(parts(popular).contains("model:slist"));
  EXPECT_TRUE(parts(popular).contains("model:popularity"));
  EXPECT_EQ(asked(R"({"slist": 0, "popularity": 0})").status, 400);
  EXPECT_EQ(asked(R"({"no_such": 1})").status, 400);
  EXPECT_EQ(json(asked(R"({"slist": -1})")).at("error").at("field").as_string(), "weights.slist");
  EXPECT_EQ(asked(R"({"slist": "much"})").status, 400);
  EXPECT_EQ(asked("[1]").status, 400);
}

TEST_F(Service_, tuning_runs_are_told_study_by_study) {
  EXPECT_EQ(json(ask("GET", "/v1/studies")).at("studies").size(), 0u);
  Json trial = Json::object();
  trial["model"] = "slist";
  trial["settings"]["lambda"] = 200;
  trial["share"] = 1;
  trial["fit_seconds"] = 0.5;
  const auto store = engine::Workspace::open(folder_.path / "shop").store();
  for (const std::uint64_t number : {0u, 1u}) store->put_trial({.study = "abc", .number = number, .time_ms = 1, .result = trial});
  const Json studies = json(ask("GET", "/v1/studies"));
  ASSERT_EQ(studies.at("studies").size(), 1u);
  const Json& study = studies.at("studies").as_array()[0];
  EXPECT_EQ(study.at("model").as_string(), "slist");
  ASSERT_EQ(study.at("trials").size(), 2u);
  EXPECT_EQ(study.at("trials").as_array()[1].at("settings").at("lambda").as_integer(), 200);
  EXPECT_TRUE(study.at("trials").as_array()[0].at("figure").is_null());
}

TEST_F(Service_, a_snapshot_without_vectors_has_no_map) {
  EXPECT_EQ(json(ask("GET", "/v1/map")).at("state").as_string(), "no_vectors");   // fitted with tfidf alone
  EXPECT_EQ(json(ask("GET", "/v1/map/items?at=0,1&item=item3")).at("items").size(), 3u);
  EXPECT_EQ(ask("GET", "/v1/map/items?at=99").status, 400);
  EXPECT_EQ(ask("GET", "/v1/map/items?at=-1").status, 400);
  EXPECT_EQ(ask("GET", "/v1/map/items?at=x").status, 400);
}

TEST_F(Service_, the_page_is_there_for_everybody_with_a_strict_policy_and_its_views_are_one_document) {
  const HttpResponse page = ask("GET", "/");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  const auto header = [&](const char* name) {
    for (const auto& [key, value] : page.headers)
      if (key == name) return value;
    return std::string();
  };
  EXPECT_NE(header("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(header("Content-Security-Policy").find("unsafe"), std::string::npos);
  EXPECT_EQ(ask("GET", "/users/somebody/else").body, page.body);
  EXPECT_EQ(ask("GET", "/", "", {{"if-none-match", header("ETag")}}).status, 304);
  EXPECT_EQ(ask("GET", "/assets/none.js").status, 404);
  EXPECT_EQ(ask("GET", "/v1/nothing").status, 404);
  EXPECT_EQ(ask("POST", "/users/x", "{}").status, 405);
}

}  // namespace
}  // namespace attune::serve
