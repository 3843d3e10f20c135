// Sequence model: what sasrec and bsarec share: settings, fitting, answering, saving. Items are inner products with the state of
// the history, so an index can serve them; with texts an unseen item gets its vector by a ridge map from its text.
#pragma once
#include <memory>
#include <string>

#include "attune/core/params.h"
#include "attune/model/recommender.h"
#include "attune/model/transformer.h"

namespace attune::model {

struct SequenceParams {
  int width = 64;
  int inner = 256;
  int blocks = 2;
  int heads = 1;
  int length = 50;
  int epochs = 100;
  int patience = 10;
  float minutes = 0;
  int batch = 2048;
  float lr = 0.001f;
  float decay = 0;
  float average = 0;
  float dropout = 0.3f;
  float attention_dropout = 0.3f;
  int negatives = 0;
  bool whole_history = true;
  bool has_places = false;
  std::string text = "none";
  std::string texts;
  int text_width = 64;
  float text_scale = 0.1f;
  template <class Visitor>
  void visit(Visitor& v) {
    v("width", width, "length of the item vectors and states; 1..1024");
    v("inner", inner, "width of the layer between; 1..8192");
    v("blocks", blocks, "blocks of attention; 0..16");
    v("heads", heads, "parts of the vectors that attend each for itself; divides width");
    v("length", length, "newest places of the history that are read; 1..1000");
    v("epochs", epochs, "passes over all events at most; 1..100000");
    v("patience", patience, "epochs without a better one on the held-out cases before it stops; 0 = never");
    v("minutes", minutes, "training ends after so many minutes with what was best so far; 0 = no limit (with one, the machine's speed tells)");
    v("batch", batch, "events a step of training; 1..1000000");
    v("lr", lr, "step size of Adam; > 0");
    v("decay", decay, "pull of the weights towards zero, a step lr x decay; 0..10");
    v("average", average, "answers by a running mean of the weights of which this share stays at each step, .99 or .999; 0 = by the last weights; below 1");
    v("dropout", dropout, "share of the numbers between layers that are left out in training; 0..0.9");
    v("attention_dropout", attention_dropout, "share of the attention weights that are left out in training; 0..0.9");
    v("negatives", negatives, "items drawn a step to compare the target with; 0 = with all items");
    v("whole_history", whole_history, "learn from all windows of a long history; false = from its newest");
    v("has_places", has_places, "learn a vector for each place of the window, beside the number for each distance");
    v("text", text, "texts in the items' vectors: none, start (begin as the text, learn on), fixed (part stays the text, the rest learns), map (text through a learned map, added)");
    v("texts", texts, "encoders whose vectors are read, NAME,NAME; empty = all there are");
    v("text_width", text_width, "strongest directions of the texts that are used; 1..4096; start takes at most width, fixed half of it");
    v("text_scale", text_scale, "size of the text's numbers in an item's vector; > 0");
  }
};

// Fits `name`; `settings` as the plug-in's own params say them, its epochs replaced by those that were best.
std::unique_ptr<const Recommender> fit_sequence(const std::string& name, const SequenceParams& params, Json settings, TransformerShape shape, const data::Dataset& data, const Run& run);
std::unique_ptr<const Recommender> load_sequence(ByteReader& in);

}  // namespace attune::model
