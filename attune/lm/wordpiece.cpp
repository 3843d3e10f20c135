// WordPiece: Devlin et al. 2019 (BERT), Schuster and Nakajima 2012. Cost: a hash look-up a tried piece.
// Normalising follows the reference: control and format characters dropped, decomposed (Hangul into jamo), marks dropped, lower case.
#include <utf8proc.h>

#include <string>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/lm/tokenizer.h"

namespace attune::lm {
namespace {

constexpr std::size_t kLongestWord = 100;         // characters; the reference's max_input_chars_per_word
constexpr std::string_view kWordStart = "\u2581";  // how GGUF marks a piece that begins a word

bool is_han(std::int32_t c) noexcept {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}
bool is_punctuation(std::int32_t c) noexcept {
  if ((c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126)) return true;
  const auto kind = utf8proc_category(c);
  return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}
bool is_space(std::int32_t c) noexcept {
  return c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029 ||
         utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}
bool is_dropped(std::int32_t c) noexcept {
  if (c == 0 || c == 0xFFFD) return true;
  const auto kind = utf8proc_category(c);
  return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_CN || kind == UTF8PROC_CATEGORY_CO ||
         kind == UTF8PROC_CATEGORY_CS;
}

class WordPiece final : public Tokenizer {
 public:
  explicit WordPiece(std::shared_ptr<const GgufFile> file) : file_(std::move(file)) {
    const auto tokens = file_->texts("tokenizer.ggml.tokens");
    if (tokens.empty()) file_->refuse("it has no vocabulary");
    if (tokens.size() > (1u << 24)) file_->refuse("its vocabulary is too large");
    pieces_.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) pieces_.emplace(tokens[i], static_cast<std::int32_t>(i));
    begin_ = mark("[CLS]"), end_ = mark("[SEP]"), unknown_ = mark("[UNK]");
  }

  std::vector<std::int32_t> tokens(std::string_view text, std::size_t most) const override {
    ATTUNE_ASSERT(most >= 3, "a text needs room for its marks and one piece");
    Reading reading{.out = {begin_}, .full = most - 1};
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::size_t at = 0; at < text.size() && reading.out.size() < reading.full;) {
      std::int32_t c = -1;
      const auto used = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
      at += used > 0 ? static_cast<std::size_t>(used) : 1;
      if (used > 0) read(c, reading);  // bytes that are no UTF-8 are dropped, as U+FFFD is
    }
    end_word(reading);
    if (reading.out.size() == 1) return {};
    if (reading.out.size() > reading.full) reading.out.resize(reading.full);
    reading.out.push_back(end_);
    return std::move(reading.out);
  }

 private:
  struct Reading {
    std::vector<std::int32_t> out;
    std::size_t full = 0;         // tokens before the closing mark
    std::string word = {};
    std::size_t characters = 0;  // of the word
  };

  std::int32_t mark(const char* name) const {
    const auto found = pieces_.find(name);
    if (found == pieces_.end()) file_->refuse(std::string("its vocabulary lacks ") + name);
    return found->second;
  }

  void read(std::int32_t c, Reading& reading) const {
    if (is_space(c)) return end_word(reading);
    if (is_dropped(c)) return;
    if (is_han(c)) {
      end_word(reading);
      append(c, reading);
      return end_word(reading);
    }
    std::int32_t parts[32];
    int last_class = 0;
    const auto n = c < 128 ? 0 : utf8proc_decompose_char(c, parts, 32, static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE), &last_class);
    if (n <= 0 || n > 32) return read_part(c, reading);
    for (utf8proc_ssize_t i = 0; i < n; ++i)
      if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN) read_part(parts[i], reading);
  }
  void read_part(std::int32_t c, Reading& reading) const {
    c = utf8proc_tolower(c);
    if (!is_punctuation(c)) return append(c, reading);
    end_word(reading);
    append(c, reading);
    end_word(reading);
  }
  static void append(std::int32_t c, Reading& reading) {
    if (++reading.characters > kLongestWord) return;  // the word is unknown already; a giant one takes no memory
    std::uint8_t utf8[4];
    const auto n = utf8proc_encode_char(c, utf8);
    reading.word.append(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(n));
  }

  void end_word(Reading& reading) const {
    if (reading.characters == 0) return;
    const std::size_t before = reading.out.size();
    if (reading.characters > kLongestWord || !split(reading.word, reading.out)) {
      reading.out.resize(before);
      reading.out.push_back(unknown_);
    }
    reading.word.clear();
    reading.characters = 0;
  }
  // Longest piece first; false when some part of the word is in no piece.
  bool split(const std::string& word, std::vector<std::int32_t>& out) const {
    std::string piece;
    for (std::size_t from = 0; from < word.size();) {
      std::size_t to = word.size();
      for (;; --to) {
        if (to == from) return false;
        if (to < word.size() && (static_cast<unsigned char>(word[to]) & 0xC0) == 0x80) continue;  // inside a character
        piece.assign(from == 0 ? kWordStart : std::string_view());
        piece.append(word, from, to - from);
        const auto found = pieces_.find(piece);
        if (found == pieces_.end()) continue;
        out.push_back(found->second);
        break;
      }
      from = to;
    }
    return true;
  }

  std::shared_ptr<const GgufFile> file_;
  std::unordered_map<std::string_view, std::int32_t> pieces_;
  std::int32_t begin_ = 0, end_ = 0, unknown_ = 0;
};

}  // namespace

std::unique_ptr<const Tokenizer> make_wordpiece(std::shared_ptr<const GgufFile> file) {
  return std::make_unique<const WordPiece>(std::move(file));
}

std::unique_ptr<const Tokenizer> make_tokenizer(std::shared_ptr<const GgufFile> file) {
  const auto kind = file->text("tokenizer.ggml.model").value_or("");
  if (kind == "bert") return make_wordpiece(std::move(file));
  if (kind == "t5") return make_unigram(std::move(file));
  throw Error(Code::unsupported, file->path() + " has a tokenizer '" + std::string(kind) + "', encoders are read with 'bert' (WordPiece) or 't5' (Unigram)");
}

}  // namespace attune::lm
