// Matrices: where their memory comes from.
#include "attune/core/matrix.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace attune {
namespace {
// From here on pages come straight from the system, zeroed lazily and in huge pages where the kernel gives them.
constexpr std::size_t kMapFromBytes = std::size_t{4} << 20;
}  // namespace

void Matrix::Free::operator()(float* p) const noexcept {
  if (mapped_bytes != 0)
    ::munmap(p, mapped_bytes);
  else
    std::free(p);
}

Matrix::Matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols) {
  if (size() == 0) return;
  ATTUNE_ASSERT(cols_ == 0 || rows_ <= SIZE_MAX / sizeof(float) / cols_, "the size in bytes must fit a size_t");
  const std::size_t bytes = (size_bytes() + 63) / 64 * 64;
  const auto too_big = [&] {
    return Error(Code::io, "no memory for a matrix of " + std::to_string(rows) + " x " + std::to_string(cols) + " (" +
                               std::to_string(bytes >> 20) + " MiB); lower [memory] budget or use fewer items");
  };
  if (bytes >= kMapFromBytes) {
    void* p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw too_big();
    ::madvise(p, bytes, MADV_HUGEPAGE);
    data_ = std::unique_ptr<float[], Free>(static_cast<float*>(p), Free(bytes));
  } else {
    auto* p = static_cast<float*>(std::aligned_alloc(64, bytes));
    if (p == nullptr) throw too_big();
    std::memset(p, 0, bytes);
    data_ = std::unique_ptr<float[], Free>(p, Free(0));
  }
}

Matrix Matrix::clone() const {
  Matrix copy(rows_, cols_);
  if (size() != 0) std::memcpy(copy.data(), data(), size_bytes());
  return copy;
}

}  // namespace attune
