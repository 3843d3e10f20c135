// Learned: see the header.
#include "attune/talk/safety/learned.h"

#include <memory>
#include <optional>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/encode/trainable_bert.h"
#include "attune/lm/language_model.h"

namespace attune::talk::safety {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kMostRead = 400;   // bytes of a text that the encoder reads: half a millisecond of CPU a word
constexpr std::size_t kKinds = 6;        // none and five that are refused
constexpr char kRecipe[] = "tuned-1";    // changes with what follows: another recipe, another file
encode::TuneOptions recipe() { return {.epochs = 2.2f}; }

// All that the traits are made from: another list, another head.
constexpr const char* kLists =
#define LIST(name, text) text "|"
#include "attune/talk/safety/lexicon_en.inc"
#undef LIST
    ;

std::string hash16(const std::string& of) { return hash_hex(of).substr(0, 16); }

fs::path tuned_file(const fs::path& base) { return base.parent_path() / ("guard-" + hash16(std::string(english_cases()) + lm::open_gguf(base, "minilm", "")->fingerprint() + kRecipe) + ".gguf"); }

struct Reader {
  std::unique_ptr<lm::LanguageModel> encoder;
  std::optional<Head> head;
  bool is_tuned = false;
};

// The head on an encoder: from its file, else fitted and written there.
Head head_on(const lm::LanguageModel& encoder, const fs::path& folder, const Run& told) {
  const fs::path file = folder / ("guard-" + hash16(std::string(english_cases()) + kLists + encoder.fingerprint() + std::to_string(kHeadFormat)) + ".bin");
  try {
    return Head::load(file);
  } catch (const Error&) {                    // not there yet, or damaged: made anew
  }
  const auto cases = expanded(english_cases(), kCasesOfATemplate);
  std::vector<std::string> texts;
  std::vector<Kind> kinds;
  for (const SafetyCase& c : cases) texts.push_back(c.text), kinds.push_back(c.kind);
  Run run;
  run.progress = told.progress, run.stop = told.stop, run.threads = told.threads;
  if (told.progress) told.progress("learning what is refused, once on this machine", 0, 0);
  Matrix traits(texts.size(), kTraits);
  for (std::size_t i = 0; i < texts.size(); ++i) traits_of(texts[i], traits.row(i));
  Head head = Head::fit(encoder.embed(texts, run), traits, kinds);
  try {
    head.save(file);
  } catch (const Error&) {                    // a folder that nobody may write to: fitted again next time
  }
  return head;
}

// Made once: what is learned or repaired later is read when the program starts again.
const Reader& reader(const Run& told = {}) {
  static const Reader made = [&told]() -> Reader {
    Reader r;
    try {
      const fs::path base = lm::find_model("minilm.gguf");
      try {
        const fs::path tuned = tuned_file(base);
        if (fs::exists(tuned)) {
          r.encoder = lm::open_gguf(tuned, "guard", "");
          r.head = head_on(*r.encoder, base.parent_path(), told);
          r.is_tuned = true;
          return r;
        }
      } catch (const Error& e) {              // damaged, say: the encoder as it is does
        told.remark(std::string("the guard's tuned encoder cannot be used (") + e.what() + "): delete it and learn anew with attune guard learn");
      }
      r.encoder = lm::open_gguf(base, "minilm", "");
      r.head = head_on(*r.encoder, base.parent_path(), told);
    } catch (const Error&) {
      r.head.reset();
    }
    return r;
  }();
  return made;
}

}  // namespace

void prepare(const Run& run) { reader(run); }

std::vector<HeadScore> opinions(std::span<const std::string> texts) {
  if (texts.empty()) return {};
  const Reader& r = reader();
  if (!r.head) return {};
  Run run;
  run.threads = 1;
  std::vector<std::string> read;
  for (const std::string& text : texts) read.push_back(text.substr(0, kMostRead));
  const Matrix vectors = r.encoder->embed(read, run);
  std::vector<HeadScore> scores;
  std::vector<float> traits(kTraits);
  for (std::size_t i = 0; i < read.size(); ++i) {
    traits_of(read[i], traits);
    scores.push_back(r.head->score(vectors.row(i), traits));
  }
  return scores;
}

const HeadThresholds& thresholds() { return reader().is_tuned ? kTunedThresholds : kFrozenThresholds; }
bool is_tuned() { return reader().is_tuned; }

void tune_encoder(std::span<const SafetyCase> cases, const encode::TuneOptions& options, const fs::path& base, const fs::path& file, const Run& run) {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> labels;
  for (const SafetyCase& c : cases) texts.push_back(c.text), labels.push_back(static_cast<std::uint32_t>(c.kind));
  encode::TrainableBert bert(base, "");
  encode::tune(bert, texts, labels, kKinds, options, run);
  bert.write(file);
}

Learned learn(const Run& run) {
  const fs::path base = lm::find_model("minilm.gguf");
  const auto cases = expanded(english_cases(), kTunedCasesOfATemplate);
  Learned learned{.file = tuned_file(base), .cases = cases.size()};
  learned.was_there = fs::exists(learned.file);
  if (!learned.was_there) tune_encoder(cases, recipe(), base, learned.file, run);
  head_on(*lm::open_gguf(learned.file, "guard", ""), base.parent_path(), run);
  return learned;
}

}  // namespace attune::talk::safety
