// Protocols of `attune evaluate --protocol`: what is judged otherwise than by one split.
#pragma once
#include <optional>
#include <string>
#include <string_view>
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
  bool models_given = false;                // by --models; else transfer takes those of the settings that can be moved, or all that can
};

// The table (or, with context.json, the JSON line) of a protocol; to be printed.
struct Shown {
  std::string text;
  Json json;
  std::optional<eval::Report> report = {};   // of models side by side on one set of cases: candidates, transfer
};
// Has this protocol a report that --report can make a page of.
bool has_report(std::string_view protocol) noexcept;
// Throws Error: bad_request for an unknown protocol, naming the nearest; and what the protocol throws.
// `reader`: the encoders of the dataset's items.
Shown run_protocol(const ProtocolRequest& request, const engine::Settings& settings, const data::Dataset& data, const engine::Reader& reader, const Run& run);

}  // namespace attune::cli
