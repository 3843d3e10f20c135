// Sequences: the files of the sequential-recommendation papers into a dataset, without a workspace.
#pragma once
#include <filesystem>

#include "attune/data/dataset.h"

namespace attune::data {

struct SequenceOptions {
  bool keep_unseen_items = true;  // items of the item file that nobody took stay in the catalogue
};

// Reads a folder that holds
//   sequential_data.txt or sequences.txt    `user item item ...` a line, oldest first, or
//   sequences.tsv                           a header; user in the first column, `item item ...` in the last
//   items.tsv                               a header; id first, text last (a column `name` or `title` before it is text too), or
//   movies.dat                              MovieLens' `id::title::genres` in Latin-1, or
//   items.jsonl                             item_id, title, brand, description; all three may end in .gz or .zst,
// or one file of sequences. Items are numbered in the order of the item file, then of first event. Times are places in the
// history (1, 2, 3, ...), weights 1. Without an item file the texts are empty.
// Throws Error: not_found, bad_data (naming file and line), io.
Dataset read_sequences(const std::filesystem::path& folder_or_file, const SequenceOptions& options = {});

}  // namespace attune::data
