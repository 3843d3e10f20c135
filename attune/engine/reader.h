// Reader: the encoders of a snapshot with what they said of its items; turns new texts into features and neighbours.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "attune/core/types.h"
#include "attune/data/dataset.h"
#include "attune/encode/encoder.h"
#include "attune/model/recommender.h"

namespace attune::engine {

// One encoder and its view of the fitted items.
struct Reading {
  std::shared_ptr<const encode::Encoder> encoder;
  std::shared_ptr<const data::ItemFeatures> features;   // [items, dim]
};

// The n items with the largest similarity, weights by softmax(similarity / temperature), sum 1, largest first.
std::vector<Touch> nearest_of(std::span<const float> similar, std::size_t n, double temperature);

// Const after it is built, safe from any thread.
class Reader {
 public:
  explicit Reader(std::vector<Reading> readings);
  bool empty() const noexcept { return readings_.empty(); }
  std::span<const Reading> readings() const noexcept { return readings_; }
  // What every encoder says of a new text.
  model::NewItem read(const std::string& text, const Run& run) const;
  // The n fitted items most like it (cosine, averaged over the encoders), weights by softmax(similarity / temperature), sum 1,
  // largest first. Empty when the text says nothing.
  std::vector<Touch> nearest(const model::NewItem& item, std::size_t n, double temperature) const;
  // Cosine to every fitted item: out [items]. By the sentence encoders where there are any (words would match on "a"), averaged;
  // else by words.
  void similarity(const model::NewItem& item, std::span<float> out) const;
  // Cosine between two texts that were read, averaged over the encoders that `a` has.
  float similarity(const model::NewItem& a, const model::NewItem& b) const;
  // The row of a fitted item, as if it were new.
  model::NewItem row(ItemId item) const;

 private:
  std::vector<Reading> readings_;
};

}  // namespace attune::engine
