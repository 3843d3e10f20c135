// Generator: see the header. A remote model goes first and the local one answers where it fails.
#include "attune/talk/generator.h"

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "attune/lm/remote.h"

namespace attune::talk {

Generator open_generator(const engine::Settings& settings) {
  const auto params = params_from<lm::RemoteParams>(settings.of_plugin("language"));
  if (params.generator_ms < 100 || params.generator_ms > 60000) throw Error(Code::bad_request, "language.generator_ms must be 100..60000");
  Generator made{.model = nullptr, .most_ms = params.generator_ms};
  if (params.generator != "off" && !params.generator.empty()) {
    try {
      made.model = lm::open_gguf(lm::find_model(params.generator), "generator", "");
    } catch (const Error& e) {
      if (e.code() != Code::not_found) throw;
      throw Error(Code::not_found, std::string(e.what()) + "; a small one: scripts/setup --generator, then [language] generator = \"smollm2.gguf\"");
    }
  }
  if (params.remote != "off" && !params.model.empty()) made.model = lm::with_fallback(lm::open_remote(params), made.model);
  return made;
}

}  // namespace attune::talk
