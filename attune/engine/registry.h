// Registry: every plug-in of attune/plugins.def, by kind and name.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/params.h"
#include "attune/data/split.h"
#include "attune/encode/encoder.h"
#include "attune/model/recommender.h"

namespace attune::engine {

// What every plug-in says of itself.
struct Plugin {
  std::string kind, name, about, source;
};
struct ModelPlugin : Plugin {
  std::unique_ptr<const model::Recommender> (*fit)(const data::Dataset&, const Json&, const Run&);
  std::unique_ptr<const model::Recommender> (*load)(ByteReader&);
  std::vector<Setting> (*settings)();
};
struct EncoderPlugin : Plugin {
  std::unique_ptr<const encode::Encoder> (*make)(std::span<const std::string> texts, const Json&, const Run&);
  std::unique_ptr<const encode::Encoder> (*load)(ByteReader&);
  std::vector<Setting> (*settings)();
};
struct SplitPlugin : Plugin {
  data::Split (*split)(const data::Dataset&, const Json&, const data::SplitOptions&, const Run&);
};

std::span<const ModelPlugin> models();
std::span<const EncoderPlugin> encoders();
std::span<const SplitPlugin> splits();
// Every line of the table, in its order.
std::span<const Plugin> plugins();

// Throws Error: bad_request naming the nearest and, when none is near, all there are.
const ModelPlugin& model_named(std::string_view name);
const EncoderPlugin& encoder_named(std::string_view name);
const SplitPlugin& split_named(std::string_view name);

}  // namespace attune::engine
