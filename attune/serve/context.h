// Context: what handlers and middleware may use. Further things (keys, metrics, experiments) are parts, added by whoever
// makes them, so that nothing else is compiled again.
#pragma once
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <unordered_map>

#include "attune/core/error.h"
#include "attune/engine/engine.h"
#include "attune/serve/commits.h"
#include "attune/serve/pool.h"
#include "attune/serve/settings.h"

namespace attune::serve {

class Router;
struct HttpRequest;
struct HttpResponse;

struct Context {
  const engine::Workspace& workspace;
  engine::Engine& engine;
  Commits& commits;                         // events and exposures on their way to the store
  Pool& pool;                               // model work
  const ServeSettings& settings;
  const Router& router;                     // filled before the first request
  std::function<std::int64_t()> now_ms;     // the clock
  std::function<void(const Json&)> log;     // one line of the log, from any thread
  // The answer to what was thrown; what its caller is not told goes to the log.
  HttpResponse refused(const HttpRequest& request, std::exception_ptr thrown) const;
  std::atomic<bool> is_draining{false};

  // Parts by type, made before the first request and there until the last: context.add<Keys>(...), context.part<Keys>().
  template <class T, class... Args>
  T& add(Args&&... args) {
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    parts_[typeid(T)] = made;
    return *made;
  }
  template <class T>
  T& part() const {
    const auto found = parts_.find(typeid(T));
    if (found == parts_.end()) throw Error(Code::internal, std::string("the service was started without ") + typeid(T).name());
    return *static_cast<T*>(found->second.get());
  }
  template <class T>
  T* find_part() const {
    const auto found = parts_.find(typeid(T));
    return found == parts_.end() ? nullptr : static_cast<T*>(found->second.get());
  }

 private:
  std::unordered_map<std::type_index, std::shared_ptr<void>> parts_;
 public:
  Context(const engine::Workspace& w, engine::Engine& e, Commits& c, Pool& p, const ServeSettings& s, const Router& r)
      : workspace(w), engine(e), commits(c), pool(p), settings(s), router(r) {}
};

}  // namespace attune::serve
