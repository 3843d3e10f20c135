// Embeds texts and prints one JSON line with the time; bench/offline/embed.py sets it beside llama.cpp and onnxruntime.
//   bench_embed MODEL.gguf TEXTS [--prefix "query: "] [--engine ours|llama] [--repeat 3] [--threads 2] [--out VECTORS.npy]
// TEXTS: a file with a text a line, or a dataset's items.tsv[.gz] (header; rows by their first column; the last column is the text).
// VECTORS.npy: float32 rows of length 1, in the order of the file or of the items' ids.
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "attune/core/error.h"
#include "attune/core/json.h"
#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/lm/language_model.h"
#include "attune/lm/llama.h"

namespace {

using namespace attune;

std::vector<std::string> read_lines(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");  // reads plain files too
  if (file == nullptr) throw Error(Code::not_found, "cannot open " + path);
  std::string all;
  char buffer[1 << 16];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(n));
  gzclose(file);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    lines.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> read_texts(const std::string& path) {
  std::vector<std::string> lines = read_lines(path);
  if (path.find(".tsv") == std::string::npos) return lines;
  std::map<long, std::string> by_id;
  for (std::size_t i = 1; i < lines.size(); ++i) by_id[std::stol(lines[i])] = lines[i].substr(lines[i].rfind('\t') + 1);
  std::vector<std::string> texts;
  for (auto& [id, text] : by_id) texts.push_back(std::move(text));
  return texts;
}

void write_npy(const std::string& path, const Matrix& m) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(m.rows()) + ", " + std::to_string(m.cols()) + "), }";
  header.resize((header.size() + 1 + 10 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  const auto length = static_cast<std::uint16_t>(header.size());
  out.write(reinterpret_cast<const char*>(&length), 2);
  out << header;
  out.write(reinterpret_cast<const char*>(m.data()), static_cast<std::streamsize>(m.size_bytes()));
  if (!out) throw Error(Code::io, "cannot write " + path);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int run(const std::vector<std::string>& words) {
  std::map<std::string, std::string> option = {{"--prefix", ""}, {"--engine", "ours"}, {"--repeat", "3"}, {"--threads", "0"}, {"--out", ""}};
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) option.at(words[i]) = words[i + 1];
  const std::vector<std::string> texts = read_texts(words.at(1));
  const Run run{.threads = std::stoi(option["--threads"])};
  auto start = std::chrono::steady_clock::now();
  const auto model = option["--engine"] == "ours" ? lm::open_gguf(words.at(0), "bench", option["--prefix"])
                                                  : lm::open_llama(std::make_shared<const lm::GgufFile>(words.at(0)), "bench", option["--prefix"]);
  const double load = seconds_since(start);
  double best = 1e30;
  Matrix vectors;
  for (int r = std::stoi(option["--repeat"]); r > 0; --r) {
    start = std::chrono::steady_clock::now();
    vectors = model->embed(texts, run);
    best = std::min(best, seconds_since(start));
  }
  if (!option["--out"].empty()) write_npy(option["--out"], vectors);
  Json line;
  line["engine"] = option["--engine"];
  line["kernels"] = kernel_name();
  line["threads"] = run.threads > 0 ? run.threads : core_count();
  line["texts"] = static_cast<unsigned long>(texts.size());
  line["load_s"] = load;
  line["seconds"] = best;
  line["texts_per_s"] = static_cast<double>(texts.size()) / best;
  std::cout << line.dump() << "\n";
  return 0;
}

}  // namespace

int main(int count, char** words) try {
  return run({words + 1, words + count});
} catch (const std::exception& error) {
  std::cerr << error.what() << "\nusage: bench_embed MODEL.gguf TEXTS [--prefix P] [--engine ours|llama] [--repeat N] [--threads N] [--out FILE.npy]\n";
  return 2;
}
