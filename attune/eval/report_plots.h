// Report plots: the pictures of a report, made from its figures alone. Controls (shuffled ties) stay out: they answer another question.
#pragma once
#include <string>
#include <vector>

#include "attune/eval/protocol.h"
#include "attune/eval/svg_plot.h"

namespace attune::eval {

// One picture with a name for its file and a sentence on how to read it.
struct Picture {
  std::string name;      // "accuracy_by_popularity"
  std::string part;      // the part of the report it belongs to: "accuracy", "time", "segments", "calibration", "learning", "comparison"
  std::string caption;
  Plot plot;
};

// Every picture that the report has figures for, in the order they are shown. `figure`: what is called accuracy, "ndcg@10".
std::vector<Picture> pictures(const Report& report, const std::string& figure);

// The figure a report is about: what its comparisons were made on, else the first NDCG, else the first figure; "" if there is none.
std::string main_figure(const Report& report);

// "ndcg@10" as people write it: "NDCG@10".
std::string figure_title(const std::string& figure);

}  // namespace attune::eval
