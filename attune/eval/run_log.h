// Run log: what was tried and how it went, in a folder that plain tools read.
//   ledger.jsonl          one JSON object a line: what, model, settings, seed, program, data checksum, figures, seconds, memory, time
//   NAME/events.out...    learning curves and figures of one run, for TensorBoard: tensorboard --logdir FOLDER
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "attune/core/json.h"
#include "attune/data/dataset.h"
#include "attune/eval/event_file.h"
#include "attune/eval/trial.h"

namespace attune::eval {

class RunLog {
 public:
  // Makes the folder. Throws Error: io.
  explicit RunLog(std::filesystem::path folder);
  // Appends one line, with "time" and "program" put behind; flushed before it returns.
  void line(Json fields);
  // Curves, and figures as curves of one point, under FOLDER/name.
  void curves(const std::string& name, const std::map<std::string, Curve>& curves, const std::map<std::string, double>& figures = {});
  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
};

// Of everything a model can learn from: names, texts, features, histories. Equal checksums = the same data, wherever they came from.
std::string checksum_of(const data::Dataset& data);

// The program and, when it was built from a checkout, its commit.
std::string program_name();

}  // namespace attune::eval
