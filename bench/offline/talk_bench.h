// What the benches of conversation share: catalogues to talk about, time per reply.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/random.h"
#include "attune/engine/engine.h"
#include "attune/talk/chat.h"
#include "bench/offline/bench.h"

namespace attune::bench {

// A workspace in `folder` (made anew) with these items and events, fitted.
std::unique_ptr<engine::Engine> fitted(const std::filesystem::path& folder, const data::Batch& batch, const std::vector<std::string>& encoders, const std::vector<std::string>& models);

// A made-up shop of 2,000 items: price, brand, colour, category, year, material in the text; 300 customers with a taste. The same for one seed.
data::Batch made_up_shop(std::uint64_t seed);
// CrossWOZ's restaurants: 人均消费 (price), 评分 (rating), 推荐菜 (dishes, a list), 地铁 (nearest station); events are drawn at random.
data::Batch restaurants(const std::filesystem::path& json_gz, std::uint64_t seed);

// Talks to a Chat, times every reply, and holds every item against the catalogue.
class Talker {
 public:
  explicit Talker(const engine::Engine& engine) : engine_(engine), chat_(engine) {}
  talk::Reply say(const std::string& message, const std::string& user = "", int k = 10);
  void begin() { dialogue_ = {}; }
  const engine::Engine& engine() const { return engine_; }
  const talk::Chat& chat() const { return chat_; }

  std::vector<double> wall_ms, cpu_ms;
  std::size_t items_named = 0, items_unknown = 0;

 private:
  const engine::Engine& engine_;
  talk::Chat chat_;
  talk::Dialogue dialogue_;
};
double quantile(std::vector<double> values, double share);

}  // namespace attune::bench
