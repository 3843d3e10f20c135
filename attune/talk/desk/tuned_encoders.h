// Tuned encoders: copies of a sentence encoder whose layers were moved until messages of one intent lie together (encode/tune.h), each
// under a linear head; their chances averaged. They answer beside the frozen encoders, never alone.
// Cost: minutes to tune, tens of MB a copy (the model file's size), one more pass of the encoder a message.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/encode/tune.h"
#include "attune/talk/desk/intent_lessons.h"
#include "attune/talk/desk/strangeness.h"
#include "attune/train/linear_head.h"

namespace attune::lm {
class LanguageModel;
}

namespace attune::talk::desk {

struct TunedOptions {
  int count = 0;                        // copies, each with a seed of its own; 0 = none
  encode::TuneOptions tune;
  std::vector<std::filesystem::path> from;   // model files: copy k begins at from[k % size]; with 0 epochs it is taken as it is
  float reg = 1e-5f;                    // of the head on a copy's vectors
};

// Const after tune and calibrate, safe from any thread; learn is for the owner alone.
class TunedEncoders {
 public:
  TunedEncoders();
  ~TunedEncoders();
  TunedEncoders(TunedEncoders&&) noexcept;
  TunedEncoders& operator=(TunedEncoders&&) noexcept;

  // Writes the models into `folder` (tuned-0.gguf, ...), which must outlive this.
  // Throws Error: not_found, unsupported (a model that cannot be trained), io, cancelled.
  static TunedEncoders tune(const Lessons& lessons, std::size_t classes, const TunedOptions& options, const std::filesystem::path& folder, const Run& run);

  bool empty() const noexcept { return copies_.empty(); }
  // [texts, classes], each row a chance distribution; `signs` [texts] get their part.
  Matrix chances(std::span<const std::string> texts, std::span<Signs> signs, const Run& run) const;
  // Sets the temperatures by messages that did not teach.
  void calibrate(const Lessons& held_out, const Run& run);
  void learn(const std::string& text, std::uint32_t label, const Run& run);

  void save(ByteWriter& out) const;
  // Throws Error: bad_data, not_found when a model file of the folder is damaged, another one's or gone.
  static TunedEncoders load(ByteReader& in, std::size_t classes, const std::filesystem::path& folder);

 private:
  struct Copy {
    std::string file, hash;   // the name in the folder, and what its bytes were
    std::unique_ptr<lm::LanguageModel> model;
    Matrix centres;           // [classes, dim] of length 1
    train::LinearHead head;
  };
  std::vector<Copy> copies_;
};

}  // namespace attune::talk::desk
