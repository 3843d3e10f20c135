// Registry: the table of contents, read once per kind.
#include "attune/engine/registry.h"

#include "attune/core/did_you_mean.h"
#include "attune/core/error.h"

namespace attune::model {
#define MODEL(name, about, source)                                                                          \
  std::unique_ptr<const Recommender> fit_##name(const data::Dataset&, const Json&, const Run&);             \
  std::unique_ptr<const Recommender> load_##name(ByteReader&);                                              \
  std::vector<Setting> settings_##name();
#include "attune/plugins.def"
}  // namespace attune::model

namespace attune::encode {
#define ENCODER(name, about, source)                                                                        \
  std::unique_ptr<const Encoder> make_##name(std::span<const std::string>, const Json&, const Run&);        \
  std::unique_ptr<const Encoder> load_##name(ByteReader&);                                                  \
  std::vector<Setting> settings_##name();
#include "attune/plugins.def"
}  // namespace attune::encode

namespace attune::engine {
namespace {

// Throws unless one of `list` has the name.
template <class T>
const T& find_plugin(std::span<const T> list, std::string_view name, const char* kind) {
  std::vector<std::string> known;
  for (const T& plugin : list) {
    if (plugin.name == name) return plugin;
    known.push_back(plugin.name);
  }
  std::string message = std::string("there is no ") + kind + " '" + std::string(name) + "'";
  if (const std::string meant = did_you_mean(name, known); !meant.empty()) {
    message += meant;
  } else {
    message += "; there are:";
    for (const std::string& k : known) message += " " + k;
  }
  throw Error(Code::bad_request, message);
}

}  // namespace

std::span<const ModelPlugin> models() {
  static const std::vector<ModelPlugin> list = {
#define MODEL(name, about, source) \
  {{"model", #name, about, source}, model::fit_##name, model::load_##name, model::settings_##name},
#include "attune/plugins.def"
  };
  return list;
}

std::span<const EncoderPlugin> encoders() {
  static const std::vector<EncoderPlugin> list = {
#define ENCODER(name, about, source) \
  {{"encoder", #name, about, source}, encode::make_##name, encode::load_##name, encode::settings_##name},
#include "attune/plugins.def"
  };
  return list;
}

std::span<const SplitPlugin> splits() {
  static const std::vector<SplitPlugin> list = {
#define SPLIT(name, about, source) {{"split", #name, about, source}, data::split_##name},
#include "attune/plugins.def"
  };
  return list;
}

std::span<const Plugin> plugins() {
  static const std::vector<Plugin> list = {
#define MODEL(name, about, source) {"model", #name, about, source},
#define ENCODER(name, about, source) {"encoder", #name, about, source},
#define SPLIT(name, about, source) {"split", #name, about, source},
#define INDEX(name, about, source) {"index", #name, about, source},
#define STORE(name, about, source) {"store", #name, about, source},
#define FORMAT(name, about, source) {"format", #name, about, source},
#define METRIC(name, about, source) {"metric", #name, about, source},
#define STAGE(name, about, source) {"stage", #name, about, source},
#include "attune/plugins.def"
  };
  return list;
}

const ModelPlugin& model_named(std::string_view name) { return find_plugin(models(), name, "model"); }
const EncoderPlugin& encoder_named(std::string_view name) { return find_plugin(encoders(), name, "encoder"); }
const SplitPlugin& split_named(std::string_view name) { return find_plugin(splits(), name, "split"); }

}  // namespace attune::engine
