// Explanation: a score taken apart. The parts of every node add up to its value (within float rounding).
#pragma once
#include <string>
#include <vector>

namespace attune {

struct Explanation {
  std::string what;                     // machine-readable: "model:slist", "item:85123A", "text:minilm", "rule:mmr", "rest"
  double value = 0;                     // share of the parent's value, in the parent's unit
  std::vector<Explanation> parts = {};  // empty = a leaf; else the values of the parts sum to `value`
};

// Largest difference between a node's value and the sum of its parts, anywhere in the tree.
double gap(const Explanation& e);

}  // namespace attune
