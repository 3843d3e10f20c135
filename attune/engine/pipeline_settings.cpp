// Caps and the standard pipeline.
#include "attune/engine/pipeline_settings.h"

#include <charconv>

#include "attune/core/error.h"
#include "attune/policy/stages.h"

namespace attune::engine {

std::map<std::string, int> parse_caps(const std::string& text) {
  std::map<std::string, int> caps;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find(',', at);
    if (end == std::string::npos) end = text.size();
    const std::string part = text.substr(at, end - at);
    const std::size_t equals = part.find('=');
    int most = 0;
    const char* last = part.data() + part.size();
    if (equals == std::string::npos || equals == 0 || std::from_chars(part.data() + equals + 1, last, most).ptr != last || most < 1)
      throw Error(Code::bad_request, "a cap is attribute=number (category=3), not '" + part + "'");
    caps[part.substr(0, equals)] = most;
    at = end + 1;
  }
  return caps;
}

rank::Pipeline standard_pipeline() {
  std::vector<std::unique_ptr<const rank::Stage>> stages;
  stages.push_back(rank::make_retrieve(Json()));
  stages.push_back(rank::make_fuse(Json()));
  stages.push_back(rank::make_stack(Json()));
  stages.push_back(policy::make_threshold(Json()));
  stages.push_back(rank::make_diversify(Json()));
  stages.push_back(policy::make_cap(Json()));
  stages.push_back(rank::make_cut(Json()));
  return rank::Pipeline(std::move(stages));
}

}  // namespace attune::engine
