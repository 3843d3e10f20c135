// The Transformer of attune/model/transformer.h written once more on MLX, whose automatic derivatives the passes by hand are held
// to, and whose speed they are compared with. No MLX type shows here.
// MLX brings a slow BLAS of its own: OpenBLAS must stand before it among the libraries of a program, blas_file() tells whether it does.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/model/sequence_train.h"

namespace attune::mlx_reference {

// As model::sequence_gradient(). Sequences are padded to the longest of them; the softmax sees real places alone.
model::SequenceGradient gradient(const model::Transformer& transformer, const std::vector<std::vector<std::uint32_t>>& sequences, std::span<const std::uint32_t> drawn);

// The file that MLX's call of cblas_sgemm goes to.
std::string blas_file();

}  // namespace attune::mlx_reference
