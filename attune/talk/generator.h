// Generator: what may put replies into other words, as [language] says: a local model, a remote one, or (by default) none.
#pragma once
#include <memory>

#include "attune/engine/settings.h"
#include "attune/lm/language_model.h"

namespace attune::talk {

struct Generator {
  std::shared_ptr<const lm::LanguageModel> model;   // null: templates alone
  int most_ms = 3000;                               // for one reply
};
// Throws Error: bad_request for settings that cannot be, not_found for a model file that is not there, saying how to get it.
Generator open_generator(const engine::Settings& settings);

}  // namespace attune::talk
