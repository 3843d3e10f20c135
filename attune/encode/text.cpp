// Sentence encoders: texts read by a Transformer, one row of length 1 a text.
//   minilm  all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), English
//   e5      multilingual-e5-small (Wang et al. 2024), a hundred languages; wants "query: " before every text
#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/encode/encoder.h"
#include "attune/lm/language_model.h"

namespace attune::encode {
namespace {

struct Params {
  std::string file, prefix;
  template <class Visitor>
  void visit(Visitor& v) {
    v("file", file, "GGUF file of the encoder: a name in the models folder, or a path");
    v("prefix", prefix, "put before every text");
  }
};

class Text final : public Encoder {
 public:
  Text(std::string name, Params params)
      : name_(std::move(name)), params_(std::move(params)), model_(lm::open_gguf(lm::find_model(params_.file), name_, params_.prefix)) {}
  std::string name() const override { return name_; }
  std::string fingerprint() const override { return model_->fingerprint(); }
  bool is_sparse() const override { return false; }
  std::size_t dim() const override { return model_->dim(); }
  data::ItemFeatures encode(std::span<const std::string> texts, const Run& run) const override {
    data::ItemFeatures features;
    features.dense = model_->embed(texts, run);
    return features;
  }
  void save(ByteWriter& out) const override { out.text(to_json(params_).dump()); }

 private:
  std::string name_;
  Params params_;
  std::unique_ptr<lm::LanguageModel> model_;
};

std::unique_ptr<const Encoder> make(const std::string& name, const Params& standard, const Json& given) {
  Json all = to_json(standard);
  if (!given.is_null())
    for (const auto& [key, value] : given.as_object()) all[key] = value;
  return std::make_unique<const Text>(name, params_from<Params>(all));
}

std::vector<Setting> documented(const Params& standard) {
  std::vector<Setting> settings = settings_of<Params>();
  settings[0].standard = standard.file;
  settings[1].standard = standard.prefix;
  return settings;
}

const Params kMinilm{"minilm.gguf", ""};
const Params kE5{"e5.gguf", "query: "};

}  // namespace

std::unique_ptr<const Encoder> make_minilm(std::span<const std::string>, const Json& json, const Run&) { return make("minilm", kMinilm, json); }
std::unique_ptr<const Encoder> load_minilm(ByteReader& in) { return make("minilm", kMinilm, Json::parse(in.text(), "settings of minilm")); }
std::vector<Setting> settings_minilm() { return documented(kMinilm); }

std::unique_ptr<const Encoder> make_e5(std::span<const std::string>, const Json& json, const Run&) { return make("e5", kE5, json); }
std::unique_ptr<const Encoder> load_e5(ByteReader& in) { return make("e5", kE5, Json::parse(in.text(), "settings of e5")); }
std::vector<Setting> settings_e5() { return documented(kE5); }

}  // namespace attune::encode
