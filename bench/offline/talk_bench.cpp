// Shared parts of the conversation benches.
#include "bench/offline/talk_bench.h"

#include <ctime>

#include <algorithm>

#include "attune/data/text_file.h"
#include "attune/engine/fit.h"

namespace attune::bench {
namespace {

double thread_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

}  // namespace

std::unique_ptr<engine::Engine> fitted(const std::filesystem::path& folder, const data::Batch& batch, const std::vector<std::string>& encoders, const std::vector<std::string>& models) {
  std::filesystem::remove_all(folder);
  const auto workspace = engine::Workspace::init(folder);
  workspace.store()->take(batch);
  engine::Settings settings = engine::standard_settings();
  settings.encoders = encoders;
  settings.models = models;
  settings.fit.evaluate = false;
  engine::fit(workspace, settings, Run{});
  return std::make_unique<engine::Engine>(workspace, settings, Run{});
}

data::Batch made_up_shop(std::uint64_t seed) {
  static const std::vector<std::string> kBrands = {"Alder", "Brisk", "Cobalt Lane", "Dovetail", "Emberly", "Fenwick", "Gildon", "Harrow", "Ivo", "Juniper Works", "Kestrel", "Lomond", "Marlowe", "Northby", "Osier", "Pellow"};
  static const std::vector<std::string> kColours = {"red", "blue", "green", "black", "white", "yellow", "purple", "orange"};
  static const std::vector<std::string> kKinds = {"mug", "lamp", "bag", "clock", "blanket", "bottle", "notebook", "chair", "candle", "mirror", "vase", "tray"};
  static const std::vector<std::string> kMaterials = {"leather", "bamboo", "ceramic", "steel", "cotton", "glass", "velvet", "oak"};
  static const std::vector<std::string> kStyles = {"striped", "spotted", "plain", "floral", "checked", "vintage"};
  Random random(seed);
  const auto pick = [&](const std::vector<std::string>& list) { return list[random.below(list.size())]; };
  data::Batch batch;
  for (int i = 0; i < 2000; ++i) {
    const std::string brand = pick(kBrands), colour = pick(kColours), kind = pick(kKinds), material = pick(kMaterials), style = pick(kStyles);
    data::Record item{.name = "item-" + std::to_string(i), .text = brand + " " + style + " " + material + " " + kind + " " + std::to_string(i)};
    item.attributes["price"] = rounded(2 + 98 * random.uniform() * random.uniform(), 2);
    item.attributes["brand"] = brand;
    item.attributes["colour"] = colour;
    item.attributes["category"] = kind;
    item.attributes["year"] = static_cast<int>(1980 + random.below(45));
    batch.items.push_back(std::move(item));
  }
  for (int user = 0; user < 300; ++user)
    for (int step = 0; step < 12; ++step)
      batch.events.push_back({.user = "user" + std::to_string(user), .item = "item-" + std::to_string((static_cast<std::size_t>(user) * 7 + random.below(60)) % 2000), .type = "purchase", .value = {},
                              .time_ms = 1700000000000 + user * 1000 + step * 86400000, .session = "", .request = ""});
  return batch;
}

data::Batch restaurants(const std::filesystem::path& json_gz, std::uint64_t seed) {
  std::string text;
  data::TextFile file(json_gz);
  std::vector<char> part(1 << 16);
  for (std::size_t n = file.read(part); n > 0; n = file.read(part)) text.append(part.data(), n);
  const Json all = Json::parse(text, json_gz.string());
  data::Batch batch;
  Random random(seed);
  for (const Json& pair : all.as_array()) {
    const Json& fields = pair.as_array().at(1);
    data::Record item{.name = pair.as_array().at(0).as_string(), .text = pair.as_array().at(0).as_string()};
    for (const char* key : {"人均消费", "评分", "推荐菜", "地铁"})
      if (const Json* value = fields.find(key); value != nullptr && !value->is_null()) item.attributes[key] = *value;
    if (const Json* dishes = item.attributes.find("推荐菜"); dishes != nullptr && dishes->is_array())
      for (std::size_t d = 0; d < dishes->size() && d < 6; ++d) item.text += (d == 0 ? "，" : " ") + dishes->as_array()[d].as_string();
    batch.items.push_back(std::move(item));
  }
  for (int user = 0; user < 200; ++user)
    for (int step = 0; step < 8; ++step)
      batch.events.push_back({.user = "user" + std::to_string(user), .item = batch.items[random.below(batch.items.size())].name, .type = "visit", .value = {},
                              .time_ms = 1700000000000 + user * 1000 + step * 86400000, .session = "", .request = ""});
  return batch;
}

talk::Reply Talker::say(const std::string& message, const std::string& user, int k) {
  const Clock clock;
  const double cpu = thread_ms();
  talk::Reply reply = chat_.turn(dialogue_, {.message = message, .user = user, .language = "", .k = k, .now_ms = 1800000000000});
  cpu_ms.push_back(thread_ms() - cpu);
  wall_ms.push_back(clock.seconds() * 1e3);
  dialogue_ = talk::dialogue_from(talk::to_json(reply.dialogue));     // as a caller would hand it back
  const auto world = engine_.world();
  for (const talk::ReplyItem& item : reply.items) {
    ++items_named;
    const auto id = world->find(item.item);
    if (!id || world->item(*id).text != item.text || world->item(*id).hidden) ++items_unknown;
  }
  return reply;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

}  // namespace attune::bench
