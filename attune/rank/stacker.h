// Stacker: gradient-boosted trees on top of the fused score: what the models' scores say together, and how it depends on how
// many took the item and how long the history is. Source: stacking, Wolpert 1992; LambdaMART, Burges 2010; trees by XGBoost.
//   stacked = fused + trees(features) / slope;   the trees start from slope x fused, so without a tree the list is the fused one.
// The trees' share is told apart by feature (TreeSHAP, Lundberg 2018), so explanations still add up.
// Born fitted, const ever after, safe from any thread. XGBoost stays behind this header.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/explanation.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/rank/request.h"
#include "attune/rank/slate.h"
#include "attune/rank/world.h"

namespace attune::rank {

// What the trees look at, in the order of the columns: "z:slist" (the model's score on its scale), "place:slist" (its place among
// the candidates, 1 = first), "fused", "behind" (how far below the best), "takers", "history" (touches), and, where the items'
// texts are known, "text:last", "text:near" (likeness to the last touch, to the nearest of the last ten).
std::vector<std::string> stack_features(const World& world);
// [candidates, features]; NaN where a model cannot score the item. `slate` as it is after fuse.
Matrix stack_rows(const World& world, const Request& request, const Slate& slate);

struct StackOptions {
  int rounds = 100;      // trees
  int depth = 4;
  float eta = 0.1f;
  float min_weight = 5;  // least sum of second derivatives in a leaf
};

class Stacker {
 public:
  // Lists one after another: rows [sum of sizes, features], fused [rows], wanted [rows] 1 = the item that was taken.
  struct Lists {
    Matrix rows;
    std::vector<float> fused, wanted;
    std::vector<unsigned> sizes;
  };
  // The same trees for the same lists and seed, whatever run.threads. Throws Error: cancelled; internal when XGBoost refuses.
  static Stacker learn(std::vector<std::string> features, const Lists& lists, float slope, const StackOptions& options, const Run& run);

  // What the first `rounds` trees add to each fused score [rows]; 0 = all of them.
  std::vector<float> shares(MatrixView rows, int rounds = 0) const;
  // The same told apart by feature: parts of each row sum to its share.
  std::vector<Explanation> told(MatrixView rows) const;

  const std::vector<std::string>& features() const noexcept { return features_; }
  void save(ByteWriter& out) const;
  static Stacker load(ByteReader& in);   // throws Error: bad_data

 private:
  struct Trees;
  std::vector<std::string> features_;
  float slope_ = 1;
  std::shared_ptr<const Trees> trees_;
};

}  // namespace attune::rank
