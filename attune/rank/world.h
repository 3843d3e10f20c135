// World: all that stages may look at: the fitted models, the items (fitted, fresh, changed since), the fusion weights.
// A value that never changes: Live makes a new one, sharing the big parts, when an item is put or erased.
// Safe from any thread.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/types.h"
#include "attune/data/catalogue.h"
#include "attune/index/index.h"
#include "attune/model/recommender.h"
#include "attune/rank/fusion_weights.h"

namespace attune::rank {

class Stacker;

// A model as a source of scores.
struct Source {
  std::string name;                                       // as in plugins.def
  std::shared_ptr<const model::Recommender> model;
  std::shared_ptr<const index::Index> index = nullptr;    // over its item vectors, when the catalogue is large
};

// An item put since the snapshot was sealed. Its id follows the fitted ones.
struct FreshItem {
  data::CatalogueItem item;
  std::map<std::string, std::vector<float>, std::less<>> columns;  // source name -> weights over the fitted items (column())
  std::map<std::string, std::vector<float>, std::less<>> item_vectors;  // source name -> its row beside the fitted ones (item_vector())
  std::vector<Touch> neighbours;     // nearest fitted items by text, weights sum to 1: stands for it in a history
  model::NewItem read;               // what the encoders say of its text
  std::vector<float> vector;         // its row for diversity, length 1; empty = none
};

struct World {
  std::shared_ptr<const data::Catalogue> catalogue;      // fitted items
  std::vector<Source> sources;
  FusionWeights weights;
  std::shared_ptr<const Matrix> vectors;                 // [fitted items, dim] rows of length 1, for diversity; may be null
  std::shared_ptr<const std::vector<std::uint32_t>> popularity;   // [fitted items] users who took it; may be null
  std::shared_ptr<const Stacker> stacker = nullptr;      // trees on top of the fused scores; null = none were learned
  std::vector<std::shared_ptr<const FreshItem>> fresh;
  std::map<ItemId, std::shared_ptr<const data::CatalogueItem>> changed;  // fitted items whose text or attributes changed
  std::vector<ItemId> gone;                              // erased; sorted

  std::size_t fitted_count() const noexcept { return catalogue->item_count(); }
  std::size_t item_count() const noexcept { return fitted_count() + fresh.size(); }
  bool is_fresh(ItemId id) const noexcept { return to_index(id) >= fitted_count(); }
  const data::CatalogueItem& item(ItemId id) const;                // the newest version
  std::optional<ItemId> find(std::string_view name) const;         // not those that are gone
  bool is_gone(ItemId id) const;
  std::span<const float> vector(ItemId id) const;                  // empty = none
  // Users who took it; 0 for fresh items.
  std::uint32_t takers(ItemId id) const;
  std::uint64_t version = 0;                                       // grows with every change
};

// The history as models may see it: fresh items replaced by their neighbours (touch weight times neighbour weight), `about`
// appended as the newest touches and as loud as all the rest together, items gone left out.
//   origin[t] = the item of the request that touch t stands for; kAbout = the free text.
inline constexpr ItemId kAbout = static_cast<ItemId>(0xffffffffu);
struct ModelHistory {
  std::vector<Touch> touches;
  std::vector<ItemId> origin;
  std::size_t places = 0;   // events it stands for, those of weight 0 too: what the history segment is read from
};
struct Request;
ModelHistory model_history(const World& world, const Request& request);

}  // namespace attune::rank
