// GGUF files: every length, count and offset is checked against the file's end before it is used.
#include "attune/lm/gguf_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "attune/core/bytes.h"
#include "attune/core/error.h"

namespace attune::lm {
namespace {

enum Type : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, truth, text_type, list, u64, i64, f64, type_count };
constexpr std::array<std::uint32_t, type_count> kTypeBytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
constexpr std::uint64_t kMostKeys = 1 << 16, kMostTensors = 1 << 16, kLongestKey = 1 << 16, kLongestName = 63;

// Formats of numbers in tensors, numbered as ggml numbers them. A block of `block` numbers takes `bytes`.
struct Format {
  std::uint32_t type, block, bytes;
};
enum : std::uint32_t { kF32 = 0, kF16 = 1, kQ4_0 = 2, kQ8_0 = 8, kBF16 = 30 };
constexpr Format kFormats[] = {
    {kF32, 1, 4},    {kF16, 1, 2},    {kQ4_0, 32, 18}, {3, 32, 20},     {6, 32, 22},    {7, 32, 24},    {kQ8_0, 32, 34}, {9, 32, 36},
    {10, 256, 84},   {11, 256, 110},  {12, 256, 144},  {13, 256, 176},  {14, 256, 210}, {15, 256, 292}, {20, 32, 18},    {23, 256, 136},
    {24, 1, 1},      {25, 1, 2},      {26, 1, 4},      {27, 1, 8},      {28, 1, 8},     {kBF16, 1, 2},
};
const Format* format_of(std::uint32_t type) noexcept {
  for (const Format& f : kFormats)
    if (f.type == type) return &f;
  return nullptr;
}

float half_to_float(std::uint16_t h) noexcept {
  const std::uint32_t sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 31, mantissa = h & 1023;
  if (exponent == 0) {
    const float tiny = std::ldexp(static_cast<float>(mantissa), -24);
    return sign != 0 ? -tiny : tiny;
  }
  const std::uint32_t bits = exponent == 31 ? sign | 0x7f800000u | mantissa << 13 : sign | (exponent + 112) << 23 | mantissa << 13;
  return std::bit_cast<float>(bits);
}
template <class T>
T load(const std::uint8_t* at) noexcept {
  T v;
  std::memcpy(&v, at, sizeof v);
  return v;
}

}  // namespace

// Reads forward through the header.
class GgufFile::Cursor {
 public:
  Cursor(const GgufFile& file, std::uint64_t at) : file_(file), at_(at) {}
  std::uint64_t at() const noexcept { return at_; }
  void skip(std::uint64_t bytes) {
    if (bytes > file_.data_.size() - at_) file_.refuse("it ends in the middle of its header");
    at_ += bytes;
  }
  template <class T>
  T number() {
    const std::uint64_t from = at_;
    skip(sizeof(T));
    return load<T>(file_.data_.data() + from);
  }
  std::string_view text(std::uint64_t longest) {
    const auto n = number<std::uint64_t>();
    if (n > longest) file_.refuse("a text in its header is " + std::to_string(n) + " bytes long");
    const std::uint64_t from = at_;
    skip(n);
    return {reinterpret_cast<const char*>(file_.data_.data()) + from, n};
  }

 private:
  const GgufFile& file_;
  std::uint64_t at_;
};

std::uint64_t GgufTensor::elements() const noexcept {
  std::uint64_t n = 1;
  for (const std::uint64_t d : shape) n *= d;
  return n;
}

GgufFile::GgufFile(const std::filesystem::path& path) : path_(path.string()) {
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    throw Error(errno == ENOENT ? Code::not_found : Code::io, "cannot open the model " + path_ + ": " + std::strerror(errno));
  struct stat status {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<std::size_t>(regular ? status.st_size : 0);
  void* mapped = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  ::close(file);
  if (!regular) refuse("it is not a file");
  if (size < 24) refuse("it has " + std::to_string(size) + " bytes");
  if (mapped == MAP_FAILED) throw Error(Code::io, "cannot map the model " + path_ + ": " + std::strerror(errno));
  data_ = {static_cast<const std::uint8_t*>(mapped), size};
  try {
    Cursor in(*this, 0);
    if (in.number<std::uint32_t>() != 0x46554747u) refuse("it does not begin with GGUF");
    const auto version = in.number<std::uint32_t>();
    if (version != 2 && version != 3) refuse("it is of version " + std::to_string(version) + ", versions 2 and 3 are known");
    const auto tensors = in.number<std::uint64_t>(), values = in.number<std::uint64_t>();
    if (tensors > kMostTensors || values > kMostKeys) refuse("its header counts more tensors or settings than a model has");
    read_values(in, values);
    read_tensors(in, tensors);
  } catch (...) {
    ::munmap(mapped, size);
    throw;
  }
}
GgufFile::~GgufFile() { ::munmap(const_cast<std::uint8_t*>(data_.data()), data_.size()); }

void GgufFile::refuse(const std::string& why) const {
  throw Error(Code::bad_data, path_ + " is not a model that can be read: " + why + "; fetch it again with scripts/setup");
}

std::string GgufFile::fingerprint() const {
  return hash_hex({reinterpret_cast<const char*>(data_.data()), data_.size()});
}

void GgufFile::read_values(Cursor& in, std::uint64_t count) {
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::string_view key = in.text(kLongestKey);
    Value v;
    v.type = in.number<std::uint32_t>();
    if (v.type >= type_count) refuse("a setting is of the unknown type " + std::to_string(v.type));
    if (v.type == list) {
      v.of = in.number<std::uint32_t>();
      v.count = in.number<std::uint64_t>();
      if (v.of >= type_count || v.of == list) refuse("a setting is a list of the unknown type " + std::to_string(v.of));
      if (v.count > data_.size()) refuse("a setting lists more than the file can hold");
    }
    v.at = in.at();
    if (v.type == text_type) {
      in.text(data_.size());
    } else if (v.type != list) {
      in.skip(kTypeBytes[v.type]);
    } else if (v.of == text_type) {
      for (std::uint64_t i = 0; i < v.count; ++i) in.text(kLongestKey);
    } else {
      in.skip(v.count * kTypeBytes[v.of]);
    }
    v.end = in.at();
    if (!values_.emplace(std::string(key), v).second) refuse("it says '" + std::string(key) + "' twice");
  }
}

void GgufFile::read_tensors(Cursor& in, std::uint64_t count) {
  std::vector<std::pair<std::string, std::uint64_t>> places;
  for (std::uint64_t t = 0; t < count; ++t) {
    const std::string name(in.text(kLongestName));
    GgufTensor tensor;
    const auto axes = in.number<std::uint32_t>();
    if (axes == 0 || axes > 4) refuse("tensor '" + name + "' has " + std::to_string(axes) + " axes");
    std::uint64_t elements = 1;
    for (std::uint32_t a = 0; a < axes; ++a) {
      const auto n = in.number<std::uint64_t>();
      if (n == 0 || n > (std::uint64_t{1} << 40) / elements) refuse("tensor '" + name + "' has an impossible shape");
      elements *= n;
      tensor.shape.push_back(n);
    }
    tensor.type = in.number<std::uint32_t>();
    if (format_of(tensor.type) == nullptr) refuse("tensor '" + name + "' is in the unknown format " + std::to_string(tensor.type));
    if (tensor.shape[0] % format_of(tensor.type)->block != 0) refuse("the rows of tensor '" + name + "' are no whole blocks");
    places.emplace_back(name, in.number<std::uint64_t>());
    if (!tensors_.emplace(name, std::move(tensor)).second) refuse("it holds tensor '" + name + "' twice");
  }
  const double alignment = number("general.alignment").value_or(32);
  if (!(alignment >= 1 && alignment <= 65536) || !std::has_single_bit(static_cast<std::uint32_t>(alignment)))
    refuse("its alignment is no power of two");
  const auto step = static_cast<std::uint64_t>(alignment);
  const std::uint64_t start = (in.at() + step - 1) / step * step;
  for (const auto& [name, offset] : places) {
    GgufTensor& tensor = tensors_.at(name);
    const Format& format = *format_of(tensor.type);
    const std::uint64_t bytes = tensor.elements() / format.block * format.bytes;
    if (offset % step != 0 || start > data_.size() || offset > data_.size() - start || bytes > data_.size() - start - offset)
      refuse("tensor '" + name + "' lies outside the file (is it cut short?)");
    tensor.bytes = data_.subspan(start + offset, bytes);
  }
}

const GgufFile::Value* GgufFile::value(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

double GgufFile::scalar(std::uint32_t type, std::uint64_t at) const {
  const std::uint8_t* p = data_.data() + at;
  switch (type) {
    case u8: case truth: return *p;
    case i8: return static_cast<std::int8_t>(*p);
    case u16: return load<std::uint16_t>(p);
    case i16: return load<std::int16_t>(p);
    case u32: return load<std::uint32_t>(p);
    case i32: return load<std::int32_t>(p);
    case f32: return load<float>(p);
    case u64: return static_cast<double>(load<std::uint64_t>(p));
    case i64: return static_cast<double>(load<std::int64_t>(p));
    default: return load<double>(p);
  }
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const Value* v = value(key);
  if (v == nullptr || v->type != text_type) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data_.data()) + v->at + 8, v->end - v->at - 8);
}
std::optional<double> GgufFile::number(std::string_view key) const {
  const Value* v = value(key);
  if (v == nullptr || v->type == text_type || v->type == list) return std::nullopt;
  return scalar(v->type, v->at);
}
std::vector<std::string_view> GgufFile::texts(std::string_view key) const {
  std::vector<std::string_view> found;
  const Value* v = value(key);
  if (v == nullptr || v->type != list || v->of != text_type) return found;
  found.reserve(v->count);
  Cursor in(*this, v->at);
  for (std::uint64_t i = 0; i < v->count; ++i) found.push_back(in.text(kLongestKey));
  return found;
}
std::vector<float> GgufFile::floats(std::string_view key) const {
  const Value* v = value(key);
  if (v == nullptr || v->type != list || v->of != f32) return {};
  std::vector<float> found(v->count);
  if (v->count > 0) std::memcpy(found.data(), data_.data() + v->at, v->count * 4);
  return found;
}
std::vector<std::int32_t> GgufFile::integers(std::string_view key) const {
  const Value* v = value(key);
  if (v == nullptr || v->type != list || (v->of != i32 && v->of != u32)) return {};
  std::vector<std::int32_t> found(v->count);
  if (v->count > 0) std::memcpy(found.data(), data_.data() + v->at, v->count * 4);
  return found;
}
std::span<const std::uint8_t> GgufFile::bytes(std::string_view key) const {
  const Value* v = value(key);
  if (v == nullptr || v->type != list || (v->of != u8 && v->of != i8)) return {};
  return data_.subspan(v->at, v->count);
}
const GgufTensor* GgufFile::find(std::string_view tensor) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? nullptr : &found->second;
}

void GgufFile::check_numbers() const {
  for (const auto& [name, tensor] : tensors_) {
    if (tensor.type != kF32) continue;
    for (std::uint64_t i = 0; i < tensor.elements(); ++i)
      if (!(std::abs(load<float>(tensor.bytes.data() + 4 * i)) < 1e9f)) refuse("tensor '" + name + "' holds numbers that no weight has");
  }
}

bool can_read(std::uint32_t type) noexcept {
  return type == kF32 || type == kF16 || type == kBF16 || type == kQ8_0 || type == kQ4_0;
}

void read_floats(const GgufTensor& tensor, std::uint64_t first, std::span<float> out) {
  if (!can_read(tensor.type)) throw Error(Code::unsupported, "tensors of format " + std::to_string(tensor.type) + " are not read here");
  const Format& format = *format_of(tensor.type);
  ATTUNE_ASSERT(first % format.block == 0 && out.size() % format.block == 0 && first + out.size() <= tensor.elements(),
                "tensors are read in whole blocks");
  const std::uint8_t* p = tensor.bytes.data() + first / format.block * format.bytes;
  for (std::size_t i = 0; i < out.size(); i += format.block, p += format.bytes) {
    if (tensor.type == kF32) out[i] = load<float>(p);
    else if (tensor.type == kF16) out[i] = half_to_float(load<std::uint16_t>(p));
    else if (tensor.type == kBF16) out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(p)) << 16);
    else {
      const float scale = half_to_float(load<std::uint16_t>(p));
      for (std::size_t k = 0; tensor.type == kQ8_0 && k < 32; ++k) out[i + k] = scale * static_cast<float>(load<std::int8_t>(p + 2 + k));
      for (std::size_t k = 0; tensor.type == kQ4_0 && k < 16; ++k) {  // low halves first, then high halves
        out[i + k] = scale * static_cast<float>((p[2 + k] & 15) - 8);
        out[i + k + 16] = scale * static_cast<float>((p[2 + k] >> 4) - 8);
      }
    }
  }
}

}  // namespace attune::lm
