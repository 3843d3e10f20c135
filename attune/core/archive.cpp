// Archive: see the header. The form is that of POSIX ustar; sizes of 8 GiB and more in binary, as GNU tar writes them.
#include "attune/core/archive.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "attune/core/error.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 33;   // from here on a size does not fit eleven octal digits
constexpr int kForm = 1;
constexpr const char* kList = "MANIFEST.json";
constexpr const char* kSeal = "SEAL";

// Where the fields of a header stand, and how long they are.
constexpr std::size_t kNameAt = 0, kNameSize = 100, kModeAt = 100, kSizeAt = 124, kTimeAt = 136, kSumAt = 148, kTypeAt = 156, kMagicAt = 257, kPrefixAt = 345, kPrefixSize = 155;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameSize + kPrefixSize || name.front() == '/' || name.back() == '/') return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || std::strchr("._-/+:", c) != nullptr; });
}

std::string octal(std::uint64_t value, std::size_t width) {
  std::string digits(width, '0');
  for (std::size_t i = width; i-- > 0; value >>= 3) digits[i] = static_cast<char>('0' + (value & 7));
  return digits;
}

unsigned sum_of(const char* header) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += i >= kSumAt && i < kSumAt + 8 ? ' ' : static_cast<unsigned char>(header[i]);
  return sum;
}

std::uint64_t from_octal(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c == ' ' || c == '\0') continue;
    if (c < '0' || c > '7') return ~std::uint64_t{0};
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::uint64_t size_of(const char* header) {
  const auto* field = reinterpret_cast<const unsigned char*>(header + kSizeAt);
  if ((field[0] & 0x80) == 0) return from_octal(std::string_view(header + kSizeAt, 12));
  std::uint64_t value = 0;
  for (std::size_t i = 4; i < 12; ++i) value = value << 8 | field[i];
  return value;
}

std::string text_at(const char* header, std::size_t at, std::size_t size) {
  const std::string_view field(header + at, size);
  return std::string(field.substr(0, field.find('\0')));
}

std::int64_t now_s() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

MappedFile::MappedFile(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw Error(errno == ENOENT ? Code::not_found : Code::io, "cannot open " + path.string() + ": " + std::strerror(errno));
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw Error(Code::io, path.string() + " is not a plain file");
  }
  mode_ = static_cast<unsigned>(info.st_mode) & 0777u;
  size_ = static_cast<std::size_t>(info.st_size);
  void* p = size_ == 0 ? nullptr : ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (p == MAP_FAILED) throw Error(Code::io, "cannot map " + path.string() + ": " + std::strerror(errno));
  data_ = static_cast<const char*>(p);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), mode_(other.mode_) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mode_, other.mode_);
  return *this;
}

ArchiveWriter::ArchiveWriter(const fs::path& path) {
  // The writer opens what is there: made first, so that nobody else ever reads it.
  const std::string beside = path.string() + ".part" + std::to_string(::getpid());
  if (const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); fd >= 0) ::close(fd);
  out_ = std::make_unique<ByteWriter>(path);
}

void ArchiveWriter::raw(std::string_view bytes) {
  out_->raw(bytes.data(), bytes.size());
  written_ += bytes.size();
}

void ArchiveWriter::header(const std::string& name, std::uint64_t size, unsigned mode) {
  std::string block(kBlock, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
  std::size_t cut = 0;
  if (name.size() > kNameSize) {
    cut = name.find('/', name.size() - kNameSize - 1);
    if (cut == std::string::npos || cut > kPrefixSize) throw Error(Code::bad_request, "the name '" + name + "' is too long for an archive");
    put(kPrefixAt, std::string_view(name).substr(0, cut));
    ++cut;
  }
  put(kNameAt, std::string_view(name).substr(cut));
  put(kModeAt, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  if (size < kLargest) {
    put(kSizeAt, octal(size, 11));
  } else {
    block[kSizeAt] = static_cast<char>(0x80);
    for (std::size_t i = 0; i < 8; ++i) block[kSizeAt + 11 - i] = static_cast<char>(size >> (8 * i));
  }
  put(kTimeAt, octal(static_cast<std::uint64_t>(now_s()), 11));
  block[kTypeAt] = '0';
  put(kMagicAt, std::string_view("ustar\00000", 8));
  put(kSumAt, octal(sum_of(block.data()), 6) + std::string("\0 ", 2));
  raw(block);
}

void ArchiveWriter::add(const std::string& name, std::string_view content, unsigned mode) {
  if (!is_name(name)) throw Error(Code::bad_request, "'" + name + "' cannot be the name of a file in an archive");
  header(name, content.size(), mode);
  raw(content);
  raw(std::string((kBlock - content.size() % kBlock) % kBlock, '\0'));
  Json file = Json::object();
  file["name"] = name;
  file["bytes"] = content.size();
  file["hash"] = hash_hex(content);
  files_.push_back(std::move(file));
}

std::uint64_t ArchiveWriter::close(const Json& facts) {
  Json list = Json::object();
  list["form"] = kForm;
  list["facts"] = facts;
  list["files"] = files_;
  const std::string text = list.dump(1) + "\n";
  add(kList, text);
  add(kSeal, hash_hex(text) + "\n");
  raw(std::string(2 * kBlock, '\0'));
  out_->close();
  return written_;
}

struct Archive::Mapped {
  explicit Mapped(const fs::path& path) : file(path) {}
  MappedFile file;
};

Archive::Archive(const fs::path& path) : mapped_(std::make_shared<const Mapped>(path)) {
  const auto damaged = [&](const std::string& what) { return Error(Code::bad_data, path.string() + " " + what); };
  const std::string_view bytes = mapped_->file.bytes();
  std::size_t at = 0;
  while (at + kBlock <= bytes.size() && bytes[at] != '\0') {
    const char* header = bytes.data() + at;
    if (text_at(header, kMagicAt, 5) != "ustar" || from_octal(std::string_view(header + kSumAt, 8)) != sum_of(header))
      throw damaged(at == 0 ? "is no backup of attune" : "is damaged: what stands at byte " + std::to_string(at) + " is no header");
    const std::string prefix = text_at(header, kPrefixAt, kPrefixSize), name = (prefix.empty() ? "" : prefix + "/") + text_at(header, kNameAt, kNameSize);
    const std::uint64_t size = size_of(header);
    if (header[kTypeAt] != '0' || !is_name(name)) throw damaged("holds '" + name.substr(0, 100) + "', which no backup of attune does");
    if (size > bytes.size() - at - kBlock) throw damaged("is cut short: " + name + " ends beyond its end");
    files_.push_back({name, bytes.substr(at + kBlock, size), static_cast<unsigned>(from_octal(std::string_view(header + kModeAt, 8))) & 0777u});
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  if (files_.size() < 2 || files_.back().name != kSeal || files_[files_.size() - 2].name != kList) throw damaged(files_.empty() ? "is no backup of attune" : "is cut short: its seal is missing");
  const std::string_view list = files_[files_.size() - 2].content;
  if (files_.back().content != hash_hex(list) + "\n") throw damaged("is damaged: the list of its files is not the one that was sealed");
  files_.resize(files_.size() - 2);
  const Json json = Json::parse(list, path.string() + ", " + kList);
  if (json.at("form").as_integer() > kForm) throw Error(Code::unsupported, path.string() + " was made by a newer attune; use that one");
  const Json::Array& known = json.at("files").as_array();
  if (known.size() != files_.size()) throw damaged("is damaged: it holds " + std::to_string(files_.size()) + " files, its list names " + std::to_string(known.size()));
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].at("name").as_string() != files_[i].name || known[i].at("hash").as_string() != hash_hex(files_[i].content))
      throw damaged("is damaged: " + files_[i].name + " is not what it was");
  facts_ = json.at("facts");
}

void Archive::unpack(const fs::path& folder) const {
  for (const File& file : files_) {
    const fs::path path = folder / file.name;
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    if (problem) throw Error(Code::io, "cannot make the folder " + path.parent_path().string() + ": " + problem.message());
    write_file(path, file.content);
    ::chmod(path.c_str(), (file.mode & 0777u) | 0400u);
  }
}

}  // namespace attune
