// How long a file takes from disk to a durable store: guessed, read, cleaned, taken into SQLite with fsync.
//   bench_import_bench [FILE] [--runs 5] [--folder /tmp]
// FILE: the invoice lines of the repository by default. Each run makes a new store, deleted after. Prints one JSON line
// with the median run; rows are those of the file, good and bad.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "attune/core/error.h"
#include "attune/data/import.h"

namespace {

using namespace attune;
using Clock = std::chrono::steady_clock;

struct Timing {
  double guess_s = 0, read_s = 0, store_s = 0, again_s = 0;
  std::uint64_t rows = 0, events = 0, rejected = 0, repeated = 0, store_bytes = 0;
  double total_s() const { return guess_s + read_s + store_s; }
};

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Timing once(const std::string& file, const std::string& database) {
  Timing t;
  const Run run{.threads = 1};
  const data::ImportOptions options;
  auto start = Clock::now();
  const data::Mapping mapping = data::guess(file, options);
  t.guess_s = since(start);
  start = Clock::now();
  const data::Batch batch = data::read(file, mapping, options, run);
  t.read_s = since(start);
  start = Clock::now();
  {
    const auto store = data::open_sqlite(database);
    const data::Appended taken = store->take(batch);
    t.store_s = since(start);  // take returns once it is on disk
    t.events = taken.accepted;
    start = Clock::now();
    t.repeated = store->take(batch).repeated;
    t.again_s = since(start);
    t.store_bytes = store->counts().size_bytes;
  }
  t.rows = static_cast<std::uint64_t>(batch.report.at("counts").at("rows").as_integer());
  t.rejected = batch.rejections.size();
  return t;
}

}  // namespace

int main(int argc, char** argv) {
  std::string file = "data/online-retail/transactions.csv.gz", folder = std::filesystem::temp_directory_path();
  int runs = 5;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--runs") && i + 1 < argc) runs = std::max(1, std::atoi(argv[++i]));
    else if (!std::strcmp(argv[i], "--folder") && i + 1 < argc) folder = argv[++i];
    else file = argv[i];
  }
  try {
    std::vector<Timing> timings;
    for (int i = 0; i < runs; ++i) {
      const auto database = std::filesystem::path(folder) / ("attune_import_bench_" + std::to_string(::getpid()) + ".db");
      const auto clear = [&] {
        for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(database.string() + suffix);
      };
      clear();
      timings.push_back(once(file, database));
      clear();
    }
    std::sort(timings.begin(), timings.end(), [](const Timing& a, const Timing& b) { return a.total_s() < b.total_s(); });
    const Timing& t = timings[timings.size() / 2];
    Json line = Json::object();
    line["bench"] = "import/durable";
    line["file"] = std::filesystem::path(file).filename().string();
    line["rows"] = t.rows;
    line["events"] = t.events;
    line["rejected"] = t.rejected;
    line["rows_per_s"] = static_cast<std::int64_t>(static_cast<double>(t.rows) / t.total_s());
    line["total_s"] = t.total_s();
    line["guess_s"] = t.guess_s;
    line["read_and_clean_s"] = t.read_s;
    line["store_s"] = t.store_s;
    line["again_s"] = t.again_s;
    line["again_repeated"] = t.repeated;
    line["store_bytes"] = t.store_bytes;
    line["runs"] = runs;
    line["threads"] = 1;
    std::printf("%s\n", line.dump().c_str());
    return 0;
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return exit_code(e.code());
  }
}
