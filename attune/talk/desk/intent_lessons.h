// What intents are taught with: messages, what they want, and who turns texts into vectors.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::talk::desk {

// Sentence vectors of texts, one [texts, dim] an encoder, rows of length 1. Whoever calls caches.
using ReadTexts = std::function<std::vector<Matrix>(std::span<const std::string>, const Run&)>;

// Messages with what they want: labels[i] in 0..classes-1.
struct Lessons {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> labels;

  Lessons picked(std::span<const std::uint32_t> rows) const {
    Lessons some;
    for (const std::uint32_t r : rows) some.texts.push_back(texts[r]), some.labels.push_back(labels[r]);
    return some;
  }
};

}  // namespace attune::talk::desk
