// Loss and gradients of one batch by the passes by hand and by MLX (OpenBLAS linked before it): same weights, same sequences.
//   bench_sequence_vs_mlx DATA [--batch 256] [--negatives 256]     0 = over all items
#include <ctime>

#include "attune/core/random.h"
#include "attune/data/sequences.h"
#include "bench/offline/bench.h"
#include "tests/mlx/reference.h"

namespace attune::bench {
namespace {

struct Spent {
  double wall = 0, cpu = 0, loss = 0;
};

template <class Work>
Spent measure(const Work& work) {
  Spent spent{.loss = work().loss};   // once to warm up
  const Clock clock;
  const std::clock_t start = std::clock();
  constexpr int kTimes = 5;
  for (int k = 0; k < kTimes; ++k) work();
  spent.wall = clock.seconds() / kTimes;
  spent.cpu = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / kTimes;
  return spent;
}

void go(const Arguments& arguments) {
  const data::Dataset data = data::read_sequences(arguments.words.at(0));
  Random random(7);
  std::vector<std::vector<std::uint32_t>> sequences;
  std::size_t places = 0;
  while (sequences.size() < std::stoul(arguments.get("batch", "256"))) {
    const auto history = data.history(user_at(random.below(data.user_count())));
    std::vector<std::uint32_t> ids;
    for (const Touch& touch : history.last(std::min<std::size_t>(history.size(), 51))) ids.push_back(static_cast<std::uint32_t>(to_index(touch.item)));
    if (ids.size() < 2) continue;
    places += ids.size() - 1;
    sequences.push_back(std::move(ids));
  }
  std::vector<std::uint32_t> drawn(std::stoul(arguments.get("negatives", "256")));
  for (std::uint32_t& id : drawn) id = static_cast<std::uint32_t>(random.below(data.item_count()));
  const model::Transformer t = model::Transformer::drawn({.items = data.item_count(), .filter_share = 0.7f}, 1);
  const Spent ours = measure([&] { return model::sequence_gradient(t, sequences, drawn, Run{}); });
  const Spent theirs = measure([&] { return mlx_reference::gradient(t, sequences, drawn); });
  Json line = Json::object();
  line["set"] = std::filesystem::path(arguments.words.at(0)).filename().string();
  line["places"] = places;
  line["negatives"] = drawn.size();
  line["ours_ms"] = rounded(1e3 * ours.wall, 1);
  line["ours_cpu_ms"] = rounded(1e3 * ours.cpu, 1);
  line["mlx_ms"] = rounded(1e3 * theirs.wall, 1);
  line["mlx_cpu_ms"] = rounded(1e3 * theirs.cpu, 1);
  line["ours_loss"] = rounded(ours.loss, 6);
  line["mlx_loss"] = rounded(theirs.loss, 6);
  line["mlx_blas"] = std::filesystem::path(mlx_reference::blas_file()).filename().string();
  emit("sequence_vs_mlx", line);
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
