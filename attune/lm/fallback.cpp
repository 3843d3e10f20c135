// Fallback: one model answers where another cannot; see with_fallback in remote.h.
#include <utility>

#include "attune/core/error.h"
#include "attune/lm/remote.h"

namespace attune::lm {
namespace {

class Fallback final : public LanguageModel {
 private:
  template <class Ask>
  auto either(const Run& run, Ask&& ask) const {
    try {
      return ask(*first_);
    } catch (const Error& e) {
      if (!second_ || (e.code() != Code::io && e.code() != Code::unsupported)) throw;
      run.remark(std::string(e.what()) + "; " + second_->name() + " answers instead");
    }
    return ask(*second_);
  }

 public:
  Fallback(std::shared_ptr<const LanguageModel> first, std::shared_ptr<const LanguageModel> second) : first_(std::move(first)), second_(std::move(second)) {}
  std::string name() const override { return first_->name(); }
  std::string fingerprint() const override { return first_->fingerprint(); }
  std::size_t dim() const override { return first_->dim(); }
  Matrix embed(std::span<const std::string> texts, const Run& run) const override { return first_->embed(texts, run); }
  std::string generate(const std::string& prompt, const GenerateOptions& options, const Run& run) const override {
    return either(run, [&](const LanguageModel& m) { return m.generate(prompt, options, run); });
  }
  std::vector<float> score(const std::string& prompt, std::span<const std::string> answers, const Run& run) const override {
    return either(run, [&](const LanguageModel& m) { return m.score(prompt, answers, run); });
  }

 private:
  std::shared_ptr<const LanguageModel> first_, second_;
};

}  // namespace

std::unique_ptr<LanguageModel> with_fallback(std::shared_ptr<const LanguageModel> first, std::shared_ptr<const LanguageModel> second) {
  return std::make_unique<Fallback>(std::move(first), std::move(second));
}

}  // namespace attune::lm
