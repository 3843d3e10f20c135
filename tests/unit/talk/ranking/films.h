// A small world of films that can be checked by hand: three horror films, three comedies, a Chinese drama.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attune/talk/ranking/view.h"

namespace attune::talk::ranking {

inline std::shared_ptr<const rank::World> films() {
  const auto film = [](std::string title, std::string genre, std::string star, int year, std::string plot) {
    data::CatalogueItem item{.name = title, .text = title + ". " + plot};
    item.attributes["title"] = title;
    item.attributes["genre"] = Json(Json::Array{Json(std::move(genre))});
    item.attributes["star"] = Json(Json::Array{Json(std::move(star))});
    item.attributes["year"] = year;
    return item;
  };
  std::vector<data::CatalogueItem> items = {
      film("Dark House (1999)", "Horror", "Ann Grim", 1999, "A family moves into a haunted house"),
      film("Dark House II (2001)", "Horror", "Ann Grim", 2001, "The haunted house calls the family back"),
      film("Night Teeth (2018)", "Horror", "Bo Fang", 2018, "Vampires rule a city at night"),
      film("Banana Boat (2000)", "Comedy", "Cy Laugh", 2000, "Two friends sail a boat made of fruit"),
      film("Banana Boat Returns (2004)", "Comedy", "Cy Laugh", 2004, "The friends sail again"),
      film("Office Party (2016)", "Comedy", "Di Joke", 2016, "A party at the office gets out of hand"),
      film("长江 (2010)", "剧情", "李明", 2010, "一个家庭沿着长江旅行"),
      film("黄河 (2012)", "剧情", "李明", 2012, "黄河边的故事"),
  };
  rank::World world;
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  return std::make_shared<const rank::World>(std::move(world));
}

inline Said seeker(std::string text, std::vector<unsigned> items = {}) {
  Said said{.is_seeker = true, .text = std::move(text)};
  for (const unsigned item : items) said.mentions.push_back({item_at(item), 1});
  return said;
}
inline Said recommender(std::string text, std::vector<unsigned> items = {}) {
  Said said = seeker(std::move(text), std::move(items));
  said.is_seeker = false;
  return said;
}

// Who speaks of a haunted house is sent to Night Teeth, who speaks of the boat to Office Party: the words differ each time.
inline std::vector<Conversation> dialogues(std::size_t count = 40) {
  const std::vector<std::string> horror_words = {"scary", "creepy", "ghosts", "frightening"}, comedy_words = {"funny", "silly", "jokes", "laughs"};
  std::vector<Conversation> list;
  for (std::size_t d = 0; d < count; ++d) {
    const bool horror = d % 2 == 0;
    Conversation one{.id = "d" + std::to_string(d)};
    one.turns.push_back(seeker(horror ? horror_words[d / 2 % 4] + " like the dark house" : comedy_words[d / 2 % 4] + " as the banana boat", {horror ? 0u : 3u}));
    one.turns.push_back(recommender(horror ? "you may like night teeth" : "try the office party", {horror ? 2u : 5u}));
    one.turns.push_back(seeker("thanks, more of it"));
    one.turns.push_back(recommender(horror ? "the second dark house" : "the boat returns", {horror ? 1u : 4u}));
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace attune::talk::ranking
