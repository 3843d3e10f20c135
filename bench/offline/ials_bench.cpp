// Fits iALS on a file of pairs and writes the vectors, for bench/offline/ials_vs_implicit.py, which judges them beside a peer.
//   ials_bench TRAIN.tsv OUT_FOLDER [setting=value ...]      TRAIN.tsv: `user<TAB>item` a line, ids from 0, users ascending
// OUT_FOLDER/cases.u32: users to fold in. Writes users.f32 [cases, factors], items.f32 [items, factors]; one JSON line.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {
std::unique_ptr<const Recommender> fit_ials(const data::Dataset& data, const Json& params, const Run& run);
}

namespace {

using Clock = std::chrono::steady_clock;
using namespace attune;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Of this program alone: ru_maxrss would still hold what the script had before it started us.
double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1024;
  return 0;
}
double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

data::Dataset read_pairs(const std::string& path) {
  const std::string text = read_file(path);
  std::vector<std::vector<data::HistoryRow>> rows;
  std::size_t items = 0;
  const char* at = text.data();
  const auto number = [&] {
    std::size_t n = 0;
    for (; *at >= '0' && *at <= '9'; ++at) n = n * 10 + static_cast<std::size_t>(*at - '0');
    ++at;   // tab or end of line
    return n;
  };
  while (at < text.data() + text.size()) {
    const std::size_t user = number(), item = number();
    if (rows.size() <= user) rows.resize(user + 1);
    rows[user].push_back({.touch = {.item = item_at(item), .time_ms = static_cast<std::int64_t>(rows[user].size() + 1)}});
    items = std::max(items, item + 1);
  }
  std::vector<data::CatalogueItem> names(items);
  for (std::size_t i = 0; i < items; ++i) names[i].name = std::to_string(i);
  std::vector<std::string> users(rows.size());
  for (std::size_t u = 0; u < users.size(); ++u) users[u] = std::to_string(u);
  return data::Dataset(std::make_shared<const data::Catalogue>(std::move(names), std::move(users)), std::move(rows));
}

void write_floats(const std::string& path, const float* data, std::size_t n) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(n * sizeof(float)));
}

int run(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "ials_bench TRAIN.tsv OUT_FOLDER [setting=value ...]\n";
    return 2;
  }
  const std::string folder = argv[2];
  Json settings = Json::object();
  Run work;
  for (int k = 3; k < argc; ++k) {
    const char* equals = std::strchr(argv[k], '=');
    if (equals == nullptr) continue;
    const std::string name(static_cast<const char*>(argv[k]), equals);
    if (name == "threads") work.threads = std::atoi(equals + 1);
    else settings[name] = Json(std::string(equals + 1));
  }
  work.memory_bytes = std::size_t{16} << 30;
  const data::Dataset data = read_pairs(argv[1]);
  const double loaded_mb = peak_mb();

  std::vector<double> epochs;
  Clock::time_point last = Clock::now();
  work.progress = [&](std::string_view, std::size_t done, std::size_t) {
    if (done > 0) epochs.push_back(seconds_since(last));
    last = Clock::now();
  };
  const auto start = Clock::now();
  const double cpu = cpu_seconds();
  const auto model = model::fit_ials(data, settings, work);
  const double fit_s = seconds_since(start), fit_cpu_s = cpu_seconds() - cpu, fit_mb = peak_mb();

  const std::string bytes = read_file(folder + "/cases.u32");
  std::vector<std::uint32_t> cases(bytes.size() / sizeof(std::uint32_t));
  std::memcpy(cases.data(), bytes.data(), bytes.size());
  const MatrixView items = *model->item_vectors();
  Matrix users(cases.size(), items.cols);
  const auto folding = Clock::now();
  parallel_for(0, cases.size(), 256, work, [&](std::size_t first, std::size_t to) {
    for (std::size_t k = first; k < to; ++k) {
      const auto u = *model->query_vector({.history = data.history(user_at(cases[k]))});
      std::copy(u.begin(), u.end(), users.row(k).begin());
    }
  });
  const double fold_s = seconds_since(folding);
  write_floats(folder + "/users.f32", users.data(), users.size());
  write_floats(folder + "/items.f32", items.data, items.rows * items.cols);

  std::sort(epochs.begin(), epochs.end());
  Json line = Json::object();
  line["epoch_wall_s"] = epochs[epochs.size() / 2];
  line["epoch_wall_min_s"] = epochs.front();
  line["fit_wall_s"] = fit_s;
  line["fit_cpu_s"] = fit_cpu_s;
  line["fold_in_users_per_s"] = static_cast<double>(cases.size()) / fold_s;
  line["rss_data_mb"] = loaded_mb;
  line["peak_rss_mb"] = fit_mb;
  line["kernels"] = kernel_name();
  line["settings"] = model->settings();
  std::cout << line.dump() << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
