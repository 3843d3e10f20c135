// Caps and the standard pipeline: how list settings become stages.
#pragma once
#include <map>
#include <string>

#include "attune/rank/pipeline.h"

namespace attune::engine {

// "category=3,brand=2" -> {category: 3, brand: 2}. Throws Error: bad_request.
std::map<std::string, int> parse_caps(const std::string& text);

// retrieve, fuse, stack, threshold, diversify, cap, cut; every stage acts on what the request asks for.
rank::Pipeline standard_pipeline();

}  // namespace attune::engine
