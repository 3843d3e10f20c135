// Router: patterns compared segment by segment. Cost: about a microsecond for fifty routes.
#include "attune/serve/router.h"

#include <algorithm>

#include "attune/core/params.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (path.empty() && end < segments.back().size()) segments.emplace_back();
  }
  return segments;
}

bool is_param(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

}  // namespace

void Router::add(Route route) {
  Pattern pattern;
  for (const std::string_view segment : segments_of(route.pattern)) pattern.segments.emplace_back(segment);
  if (!pattern.segments.empty() && pattern.segments.back().ends_with("...}")) pattern.takes_rest = true;
  for (const Route& other : routes_)
    if (other.method == route.method && other.pattern == route.pattern)
      throw Error(Code::internal, "two routes for " + route.method + " " + route.pattern);
  routes_.push_back(std::move(route));
  patterns_.push_back(std::move(pattern));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const auto segments = segments_of(path);
  Match found;
  std::vector<std::size_t> best;   // kinds of the segments matched so far: 0 fixed, 1 param, 2 rest; smaller goes first
  for (std::size_t r = 0; r < routes_.size(); ++r) {
    const Pattern& pattern = patterns_[r];
    const std::size_t n = pattern.segments.size();
    if (pattern.takes_rest ? segments.size() + 1 < n : segments.size() != n) continue;
    std::vector<std::size_t> kinds;
    bool fits = true;
    for (std::size_t s = 0; s < n && fits; ++s) {
      const bool is_rest = pattern.takes_rest && s + 1 == n, takes_any = is_param(pattern.segments[s]);
      kinds.push_back(is_rest ? 2u : takes_any ? 1u : 0u);
      fits = is_rest || (takes_any ? !segments[s].empty() : pattern.segments[s] == segments[s]);
    }
    if (!fits) continue;
    if (routes_[r].method != method) {
      found.allowed.push_back(routes_[r].method);
      continue;
    }
    if (found.route != nullptr && best <= kinds) continue;
    best = kinds;
    found.route = &routes_[r];
    found.params.clear();
    for (std::size_t s = 0; s < n; ++s) {
      const std::string& name = pattern.segments[s];
      if (kinds[s] == 1) found.params.emplace_back(name.substr(1, name.size() - 2), unescape(segments[s], false));
      if (kinds[s] != 2) continue;
      std::string rest;
      for (std::size_t t = s; t < segments.size(); ++t) rest += (t > s ? "/" : "") + unescape(segments[t], false);
      found.params.emplace_back(name.substr(1, name.size() - 5), std::move(rest));
    }
  }
  return found;
}

void check_query(const Route& route, const HttpRequest& request) {
  if (route.any_query) return;
  for (const auto& [key, value] : request.query) {
    std::vector<std::string> known;
    for (const QueryParam& param : route.query) known.push_back(param.name);
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string fix = known.empty() ? "leave it out: this path takes no parameters" : "it takes:";
    for (const std::string& k : known) fix += " " + k;
    if (const std::string near = nearest(key, known); !near.empty()) fix = "did you mean '" + near + "'?";
    throw Refusal(400, "unknown_field", "there is no parameter '" + key + "' here", key, fix);
  }
}

}  // namespace attune::serve
