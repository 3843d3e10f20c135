// Protocols of `attune evaluate --protocol`: what is judged otherwise than by one split.
#pragma once
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/data/dataset.h"
#include "attune/data/split.h"
#include "attune/engine/settings.h"
#include "attune/engine/reader.h"
#include "attune/eval/protocol.h"

namespace attune::cli {

struct ProtocolRequest {
  std::string protocol, file;               // "cold-items", "cold-users" (file: profiles, optional), "candidates" (file: lists), "transfer" (file: workspace to learn in)
  Json split_settings;                      // --split-settings
  eval::SplitFn split;                      // of candidates and transfer
  std::size_t budget = 20;                  // candidates a list, the held-out one among them
  std::string figure = "ndcg@10";
  std::vector<std::string> figures;         // columns; empty = the usual ones
  data::Part part = data::Part::test;
  eval::EvalOptions eval;
};

// The table (or, with context.json, the JSON line) of a protocol; to be printed.
struct Shown {
  std::string text;
  Json json;
};
// Throws Error: bad_request for an unknown protocol, naming the nearest; and what the protocol throws.
// `reader`: the encoders of the dataset's items.
Shown run_protocol(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const engine::Reader& reader, const Run& run);

}  // namespace attune::cli
