// Half precision: 16-bit floats (1 sign, 5 exponent, 10 fraction bits) for numbers that are only looked up, never solved with.
#pragma once
#include <bit>
#include <cstdint>

namespace attune::model {

// Rounds to nearest even; beyond 65504 becomes infinite; not-a-number is not kept.
constexpr std::uint16_t to_half(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x33000001u) return sign;  // at most half of the smallest step
  const std::uint32_t exponent = magnitude >> 23;
  std::uint32_t fraction = (magnitude & 0x7fffffu) | 0x800000u;
  const std::uint32_t drop = exponent >= 113 ? 13 : 126 - exponent;  // below 2^-14 steps stop shrinking
  const std::uint32_t half_step = 1u << (drop - 1), rest = fraction & ((1u << drop) - 1);
  fraction >>= drop;
  if (rest > half_step || (rest == half_step && (fraction & 1u) != 0)) ++fraction;
  const std::uint32_t base = exponent >= 113 ? (exponent - 113) << 10 : 0;  // the leading 1 of the fraction adds the last step
  return static_cast<std::uint16_t>(sign | (base + fraction));
}

constexpr float from_half(std::uint16_t half) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u);
  if (magnitude < 0x400u) {  // steps of 2^-24
    const float value = static_cast<float>(magnitude) * 0x1.0p-24f;
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

}  // namespace attune::model
