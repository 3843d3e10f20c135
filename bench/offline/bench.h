// What the offline benches share: .npy files, TF-IDF as the reference computes it, leave-one-out ranks, JSON lines.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/data/split.h"

namespace attune::bench {

// A float32 or float64 matrix in C order. Throws Error: bad_data or io.
Matrix read_npy(const std::filesystem::path& path);
void write_npy(const std::filesystem::path& path, MatrixView m);

// Words [a-z0-9]+ of the lower-cased texts, tf x (ln((1 + items) / (1 + df)) + 1), rows of length 1 (ref_text_prior.py).
data::ItemFeatures word_features(const data::Catalogue& catalogue);

// The score of every item for one case; called from many threads.
using Scorer = std::function<void(const data::Case&, std::span<float>)>;

// Full ranking of one target a case, seen items left out, mean rank of ties.
struct Figures {
  double hr = 0, ndcg = 0;  // at 10
  std::size_t users = 0;
};
// Where the first target stands. Seen items become -infinity in `scores`.
double mean_rank(std::span<float> scores, const data::Case& asked);
Figures figures_of(const std::vector<double>& ranks);
Figures judge(const std::vector<data::Case>& cases, std::size_t items, const Scorer& scorer, const Run& run);

// Wall seconds since it was made.
class Clock {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double rounded(double value, int digits);
// Prints one line with the bench's name in front and commit, machine, BLAS and kernels behind.
void emit(const std::string& bench, const Json& fields);

// --name value pairs and plain words of a command line.
struct Arguments {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> options;
  Arguments(int argc, char** argv);
  std::string get(const std::string& name, const std::string& otherwise = "") const;
  std::vector<std::string> all(const std::string& name) const;
};
// What main() returns: 0, or 1 after an exception, told with the program's name.
int run_bench(int argc, char** argv, void (*go)(const Arguments&));
// The pieces of `text` between the marks, empty ones left out.
std::vector<std::string> split_at(const std::string& text, char by);
// "k=v" strings as a JSON object of settings.
Json settings_of(const std::vector<std::string>& pairs);

}  // namespace attune::bench
