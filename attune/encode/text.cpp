// Sentence encoders: a language model's vectors of the items' texts. What they are good for is measured in bench/offline.
// Cost: about a millisecond of a core a product title with minilm, three with e5; cached in the workspace.
#include <mutex>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/encode/encoder.h"
#include "attune/lm/language_model.h"

namespace attune::encode {
namespace {

struct Minilm {
  std::string file = "minilm.gguf";
  std::string prefix;
  template <class Visitor>
  void visit(Visitor& v) {
    v("file", file, "the model's GGUF file: a name in the models folder or a whole path");
    v("prefix", prefix, "put before every text");
  }
};
struct E5 {
  std::string file = "e5.gguf";
  std::string prefix = "query: ";
  template <class Visitor>
  void visit(Visitor& v) {
    v("file", file, "the model's GGUF file: a name in the models folder or a whole path");
    v("prefix", prefix, "put before every text; the model was trained with \"query: \"");
  }
};
struct TinyParams {
  int dim = 64;
  template <class Visitor>
  void visit(Visitor& v) {
    v("dim", dim, "numbers a text; 1..4096");
  }
};

using Opener = std::unique_ptr<lm::LanguageModel> (*)(const std::string& name, const std::string& file, const std::string& prefix);

std::unique_ptr<lm::LanguageModel> open_file(const std::string& name, const std::string& file, const std::string& prefix) {
  return lm::open_gguf(lm::find_model(file), name, prefix);
}
std::unique_ptr<lm::LanguageModel> open_tiny(const std::string&, const std::string& dim, const std::string&) {
  return lm::make_tiny(static_cast<std::size_t>(std::stoul(dim)));
}

// After a restart the model is opened when the first text comes: most answers need none, and opening takes a moment.
class Text final : public Encoder {
 public:
  Text(std::string name, std::string file, std::string prefix, Opener open)
      : name_(std::move(name)), file_(std::move(file)), prefix_(std::move(prefix)), open_(open) {
    fingerprint_ = model().fingerprint();
    dim_ = model().dim();
  }
  Text(std::string name, ByteReader& in, Opener open) : name_(std::move(name)), open_(open) {
    if (in.text() != name_) throw Error(Code::bad_data, "a saved encoder is not the '" + name_ + "' its manifest says");
    file_ = in.text(), prefix_ = in.text(), fingerprint_ = in.text();
    dim_ = in.number<std::uint64_t>();
  }

  std::string name() const override { return name_; }
  std::string fingerprint() const override { return fingerprint_; }
  bool is_sparse() const override { return false; }
  std::size_t dim() const override { return dim_; }
  data::ItemFeatures encode(std::span<const std::string> texts, const Run& run) const override {
    return {.dense = model().embed(texts, run), .sparse = {}};
  }
  void save(ByteWriter& out) const override {
    out.text(name_);
    out.text(file_);
    out.text(prefix_);
    out.text(fingerprint_);
    out.number(static_cast<std::uint64_t>(dim_));
  }

 private:
  const lm::LanguageModel& model() const {
    std::call_once(once_, [&] {
      auto opened = open_(name_, file_, prefix_);
      if (!fingerprint_.empty() && opened->fingerprint() != fingerprint_)
        throw Error(Code::bad_data, "the model file " + file_ + " is not the one the snapshot was made with, new texts cannot be compared with its vectors; fit again (attune fit)");
      model_ = std::move(opened);
    });
    return *model_;
  }

  std::string name_, file_, prefix_, fingerprint_;
  std::size_t dim_ = 0;
  Opener open_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<lm::LanguageModel> model_;
};

}  // namespace

std::unique_ptr<const Encoder> make_minilm(std::span<const std::string>, const Json& json, const Run&) {
  const auto params = params_from<Minilm>(json);
  return std::make_unique<const Text>("minilm", params.file, params.prefix, open_file);
}
std::unique_ptr<const Encoder> load_minilm(ByteReader& in) { return std::make_unique<const Text>("minilm", in, open_file); }
std::vector<Setting> settings_minilm() { return settings_of<Minilm>(); }

std::unique_ptr<const Encoder> make_e5(std::span<const std::string>, const Json& json, const Run&) {
  const auto params = params_from<E5>(json);
  return std::make_unique<const Text>("e5", params.file, params.prefix, open_file);
}
std::unique_ptr<const Encoder> load_e5(ByteReader& in) { return std::make_unique<const Text>("e5", in, open_file); }
std::vector<Setting> settings_e5() { return settings_of<E5>(); }

std::unique_ptr<const Encoder> make_tiny(std::span<const std::string>, const Json& json, const Run&) {
  const auto params = params_from<TinyParams>(json);
  if (params.dim < 1 || params.dim > 4096) throw Error(Code::bad_request, "tiny.dim is 1 to 4096, got " + std::to_string(params.dim));
  return std::make_unique<const Text>("tiny", std::to_string(params.dim), "", open_tiny);
}
std::unique_ptr<const Encoder> load_tiny(ByteReader& in) { return std::make_unique<const Text>("tiny", in, open_tiny); }
std::vector<Setting> settings_tiny() { return settings_of<TinyParams>(); }

}  // namespace attune::encode
