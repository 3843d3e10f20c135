// Head: what a sentence as a whole asks, by an encoder and by what the rules saw in it: kernel ridge regression on cases. English.
// Source: textbook (product of two Gaussian kernels: of the sentence's vector, and of the lists its words are in). With the encoder as it is the vector alone tells a sentence with unseen words, asked in an
// unseen way, right in 76 % of each sort, both together in 85 % (cross-validation over templates and their fillings). Cost: n^3/3 flops to fit n cases; a judgement n dot products beside one embedding.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/talk/safety/cases.h"
#include "attune/talk/safety/reading.h"
#include "attune/train/kernel_head.h"

namespace attune::talk::safety {

struct HeadScore {
  float refuse = 0;                // towards 1: must be refused; towards -1: passes
  Kind kind = Kind::none;          // of the cases that speak loudest for refusing
};

// What the rules see in a text: the lists its words are in, and the rule that spoke. Length 1 or less.
inline constexpr std::size_t kTraits = kMostLists + 6;
inline constexpr int kHeadFormat = 3;                              // of the file
void traits_of(std::string_view text, std::span<float> out);      // [kTraits]

class Head {
 public:
  // vectors [cases, dim] of length 1; traits [cases, kTraits]. Throws Error: bad_data without cases of both sorts.
  static Head fit(const Matrix& vectors, const Matrix& traits, const std::vector<Kind>& kinds);
  HeadScore score(std::span<const float> vector, std::span<const float> traits) const;
  void save(const std::filesystem::path& file) const;                             // throws Error: io
  static Head load(const std::filesystem::path& file);                            // throws Error: bad_data, io

 private:
  train::KernelHead kernel_;             // of two classes: passes, must be refused
  std::vector<std::uint32_t> kinds_;     // [cases]
};

// Is it written in Latin letters, mostly: the encoder reads English.
bool is_latin(std::string_view text) noexcept;

}  // namespace attune::talk::safety
