// The space of intents: see the header.
#include "attune/talk/desk/intent_space.h"

#include <algorithm>
#include <string>

#include "attune/core/error.h"
#include "attune/core/kernels.h"

namespace attune::talk::desk {

constexpr std::uint64_t kMostEncoders = 16;

IntentSpace IntentSpace::fit(const std::vector<Matrix>& vectors, const SpaceOptions& options) {
  IntentSpace space;
  space.later_weight_ = options.later_weight;
  for (std::size_t e = 0; e < vectors.size(); ++e) {
    if (options.is_white) space.whitenings_.push_back(Whitening::fit(vectors[e], options.whitening));
    std::vector<float> mean(vectors[e].cols());
    for (std::size_t r = 0; e > 0 && r < vectors[e].rows(); ++r) axpy(1.0f / static_cast<float>(vectors[e].rows()), vectors[e].row(r), mean);
    space.means_.push_back(std::move(mean));
  }
  return space;
}

Matrix IntentSpace::apply(const std::vector<Matrix>& vectors) const {
  if (vectors.size() != means_.size())
    throw Error(Code::bad_data, "the intents were trained with " + std::to_string(means_.size()) + " encoders, got " + std::to_string(vectors.size()) + "; train again");
  Matrix out(vectors.front().rows(), dim());
  std::size_t at = 0;
  for (std::size_t e = 0; e < vectors.size(); ++e) {
    if (vectors[e].cols() != means_[e].size()) throw Error(Code::bad_data, "an encoder's vectors are not as long as when the intents were trained; train again");
    const Matrix white = whitenings_.empty() ? Matrix() : whitenings_[e].apply(vectors[e]);
    for (std::size_t r = 0; r < out.rows(); ++r) {
      const auto to = out.row(r).subspan(at, vectors[e].cols());
      const auto from = whitenings_.empty() ? vectors[e].row(r) : white.row(r);
      std::copy(from.begin(), from.end(), to.begin());
      if (whitenings_.empty()) axpy(-1.0f, means_[e], to);
      normalise(to);
      if (whitenings_.empty() && e > 0)
        for (float& x : to) x *= later_weight_;
    }
    at += vectors[e].cols();
  }
  return out;
}

std::size_t IntentSpace::dim() const noexcept {
  std::size_t sum = 0;
  for (const auto& mean : means_) sum += mean.size();
  return sum;
}

void IntentSpace::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(means_.size()));
  out.number(static_cast<std::uint8_t>(!whitenings_.empty()));
  out.number(later_weight_);
  for (std::size_t e = 0; e < means_.size(); ++e) {
    out.array(std::span<const float>(means_[e]));
    if (!whitenings_.empty()) whitenings_[e].save(out);
  }
}

IntentSpace IntentSpace::load(ByteReader& in) {
  IntentSpace space;
  const auto encoders = in.number<std::uint64_t>();
  const bool is_white = in.number<std::uint8_t>() != 0;
  space.later_weight_ = in.number<float>();
  if (encoders == 0 || encoders > kMostEncoders || !(space.later_weight_ > 0)) throw Error(Code::bad_data, "the trained intents are damaged; run: attune desk train");
  for (std::uint64_t e = 0; e < encoders; ++e) {
    space.means_.push_back(in.array<float>());
    if (is_white) space.whitenings_.push_back(Whitening::load(in));
  }
  return space;
}

}  // namespace attune::talk::desk
