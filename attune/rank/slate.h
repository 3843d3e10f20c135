// Slate: an ordered list of candidates on its way through the stages, each change with its note.
#pragma once
#include <string>
#include <vector>

#include "attune/core/explanation.h"
#include "attune/core/types.h"

namespace attune::rank {

// What a stage did to a candidate and why.
struct Note {
  std::string stage;    // "diversify"
  std::string reason;   // "too like 'RED RETROSPOT MUG'": a sentence for people
  double effect = 0;    // places moved (positive = up), or score added; the stage's docstring says which
};

struct Candidate {
  ItemId item{};
  float score = 0;                       // after fuse: sum of weight * z over the sources, plus the adjustments
  std::vector<float> raw;                // [sources] score of each model; NaN = the model cannot score this item
  std::vector<Explanation> adjustments;  // what policy stages added to the score ("rule:boost"); included in `score`
  std::vector<Note> notes;
  Explanation why;                       // filled by explain::attach; parts sum to `score`
  std::string because;                   // one sentence made from `why` alone
};

// Mean and spread of one model's scores over all items it was asked about: the scale that fuse puts it on.
struct Scale {
  double mean = 0, sd = 1;
};

struct Slate {
  std::vector<Candidate> candidates;     // best first
  std::vector<Candidate> dropped;        // what police stages took out, each with the note that says why
  std::vector<Scale> scales;             // [sources], filled by retrieve
  std::vector<Note> notes;               // about the list as a whole: "asked for 10, only 7 items pass the filter"
};

}  // namespace attune::rank
