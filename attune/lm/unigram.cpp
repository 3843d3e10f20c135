// Unigram segmentation: Kudo 2018, with SentencePiece's table of rewritten characters. Viterbi over the text.
// Cost: a hash look-up for each pair of a place and a length up to the longest piece.
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/lm/tokenizer.h"

namespace attune::lm {
namespace {

constexpr std::string_view kSpace = "\u2581";
constexpr double kUnknownPenalty = 10;            // below the least likely piece, as SentencePiece has it
constexpr std::size_t kReadBytesPerToken = 64;    // no piece of a text longer than this many bytes a token can matter after the cut

std::size_t character_bytes(std::string_view text, std::size_t at) {
  std::int32_t c = -1;
  const auto n = utf8proc_iterate(reinterpret_cast<const std::uint8_t*>(text.data()) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

// The precompiled map of SentencePiece: a double array (Aoe 1989) from byte strings to their replacements.
class CharacterMap {
 public:
  CharacterMap(const GgufFile& file, std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return;
    std::uint32_t size = 0;
    if (bytes.size() >= 4) std::memcpy(&size, bytes.data(), 4);
    if (bytes.size() < 4 || size % 4 != 0 || size > bytes.size() - 4) file.refuse("its table of rewritten characters is damaged");
    units_.resize(size / 4);
    if (size > 0) std::memcpy(units_.data(), bytes.data() + 4, size);
    strings_ = bytes.subspan(4 + size);
    if (!strings_.empty() && strings_.back() != 0) file.refuse("its table of rewritten characters is damaged");
  }
  // The replacement of the longest known string at `at`; `used` receives its length, 0 when there is none.
  std::string_view replace(std::string_view text, std::size_t at, std::size_t& used) const {
    used = 0;
    std::string_view found;
    if (units_.empty()) return found;
    std::size_t node = offset(units_[0]);
    for (std::size_t i = at; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      node ^= c;
      if (c == 0 || node >= units_.size() || (units_[node] & 0x800000ffu) != c) break;
      const std::uint32_t unit = units_[node];
      node ^= offset(unit);
      if ((unit >> 8 & 1) == 0) continue;
      const std::size_t string = node < units_.size() ? units_[node] & 0x7fffffffu : strings_.size();
      if (string >= strings_.size()) break;
      used = i + 1 - at;
      found = reinterpret_cast<const char*>(strings_.data()) + string;
    }
    return found;
  }

 private:
  static std::size_t offset(std::uint32_t unit) noexcept { return static_cast<std::size_t>(unit >> 10) << ((unit & (1u << 9)) >> 6); }
  std::vector<std::uint32_t> units_;
  std::span<const std::uint8_t> strings_;
};

class Unigram final : public Tokenizer {
 public:
  explicit Unigram(std::shared_ptr<const GgufFile> file)
      : file_(std::move(file)), map_(*file_, file_->bytes("tokenizer.ggml.precompiled_charsmap")) {
    const auto tokens = file_->texts("tokenizer.ggml.tokens");
    const auto kinds = file_->integers("tokenizer.ggml.token_type");
    scores_ = file_->floats("tokenizer.ggml.scores");
    if (tokens.empty()) file_->refuse("it has no vocabulary");
    if (tokens.size() > (1u << 24) || scores_.size() != tokens.size() || kinds.size() != tokens.size())
      file_->refuse("its vocabulary has " + std::to_string(tokens.size()) + " pieces, " + std::to_string(scores_.size()) + " scores and " +
                    std::to_string(kinds.size()) + " kinds");
    pieces_.reserve(tokens.size());
    double lowest = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!std::isfinite(scores_[i])) file_->refuse("a score of its vocabulary is no number");
      if (kinds[i] != kNormal || tokens[i].empty()) continue;
      pieces_.emplace(tokens[i], static_cast<std::int32_t>(i));
      longest_ = std::max(longest_, tokens[i].size());
      lowest = std::min(lowest, static_cast<double>(scores_[i]));
    }
    longest_ = std::min(longest_, kReadBytesPerToken);
    unknown_score_ = lowest - kUnknownPenalty;
    begin_ = mark("tokenizer.ggml.bos_token_id"), end_ = mark("tokenizer.ggml.eos_token_id");
    unknown_ = mark("tokenizer.ggml.unknown_token_id");
  }

  std::vector<std::int32_t> tokens(std::string_view text, std::size_t most) const override {
    ATTUNE_ASSERT(most >= 3, "a text needs room for its marks and one piece");
    const std::string words = normalise(text, most * kReadBytesPerToken);
    if (words.empty()) return {};
    std::vector<std::int32_t> out = {begin_};
    segment(words, out);
    if (out.size() > most - 1) out.resize(most - 1);
    out.push_back(end_);
    return out;
  }

 private:
  static constexpr std::int32_t kNormal = 1;

  std::int32_t mark(const char* key) const {
    const double id = file_->number(key).value_or(-1);
    if (!(id >= 0 && id < static_cast<double>(scores_.size()))) file_->refuse(std::string("its setting ") + key + " names no piece");
    return static_cast<std::int32_t>(id);
  }

  // Characters rewritten, runs of spaces made one mark, a mark before the first word; "" when nothing is left.
  std::string normalise(std::string_view text, std::size_t most_bytes) const {
    std::string out;
    bool space = true;
    const auto add = [&](std::string_view piece) {
      for (const char c : piece) {
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
          space = true;
          continue;
        }
        if (space) out += kSpace;
        space = false;
        out += c;
      }
    };
    for (std::size_t at = 0; at < text.size() && out.size() < most_bytes;) {
      std::size_t used = 0;
      const std::string_view replaced = map_.replace(text, at, used);
      if (used == 0) {
        used = character_bytes(text, at);
        add(used > 0 ? text.substr(at, used) : std::string_view("\uFFFD"));
        used = std::max<std::size_t>(used, 1);
      } else {
        add(replaced);
      }
      at += used;
    }
    return out;
  }

  void segment(const std::string& text, std::vector<std::int32_t>& out) const {
    struct Best {
      double score = -std::numeric_limits<double>::infinity();
      std::size_t from = 0;
      std::int32_t piece = 0;
    };
    std::vector<Best> best(text.size() + 1);
    best[0].score = 0;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t next = from + std::max<std::size_t>(character_bytes(text, from), 1);
      const auto offer = [&](std::size_t to, double score, std::int32_t piece) {
        if (best[from].score + score > best[to].score) best[to] = {best[from].score + score, from, piece};
      };
      bool single = false;
      for (std::size_t to = next; to <= text.size() && to - from <= longest_;) {
        const auto found = pieces_.find(std::string_view(text).substr(from, to - from));
        if (found != pieces_.end()) {
          offer(to, scores_[static_cast<std::size_t>(found->second)], found->second);
          single = single || to == next;
        }
        if (to == text.size()) break;
        to += std::max<std::size_t>(character_bytes(text, to), 1);
      }
      if (!single) offer(next, unknown_score_, unknown_);
      from = next;
    }
    const std::size_t first = out.size();
    for (std::size_t to = text.size(); to > 0; to = best[to].from) {
      const std::int32_t piece = best[to].piece;
      if (piece != unknown_ || out.size() == first || out.back() != unknown_) out.push_back(piece);  // unknown neighbours are one
    }
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
  }

  std::shared_ptr<const GgufFile> file_;
  CharacterMap map_;
  std::vector<float> scores_;
  std::unordered_map<std::string_view, std::int32_t> pieces_;
  std::size_t longest_ = 1;
  double unknown_score_ = 0;
  std::int32_t begin_ = 0, end_ = 0, unknown_ = 0;
};

}  // namespace

std::unique_ptr<const Tokenizer> make_unigram(std::shared_ptr<const GgufFile> file) {
  return std::make_unique<const Unigram>(std::move(file));
}

}  // namespace attune::lm
