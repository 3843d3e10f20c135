// What the offline benches share.
#include "bench/offline/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>

#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/place.h"

namespace attune::bench {
namespace {

std::string field(const std::string& header, const std::string& key) {
  const std::size_t at = header.find("'" + key + "':");
  if (at == std::string::npos) return "";
  const std::size_t begin = header.find_first_not_of(' ', at + key.size() + 3);
  return header.substr(begin, header.find(key == "shape" ? ')' : ',', begin) - begin);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) word += lower;
    else if (!word.empty()) words.push_back(std::exchange(word, ""));
  }
  return words;
}

std::string commit() {
  std::string id;
  if (FILE* pipe = ::popen("git describe --always --dirty --exclude '*' 2>/dev/null", "r")) {
    char buffer[64];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) id += buffer;
    ::pclose(pipe);
  }
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace

Matrix read_npy(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  char magic[10] = {};
  if (!in.read(magic, 10) || std::memcmp(magic, "\x93NUMPY\x01", 7) != 0)
    throw Error(Code::bad_data, path.string() + " is no .npy file of version 1");
  std::string header(static_cast<std::size_t>(static_cast<unsigned char>(magic[8])) + 256u * static_cast<unsigned char>(magic[9]), ' ');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  const std::string type = field(header, "descr"), order = field(header, "fortran_order"), shape = field(header, "shape");
  std::size_t rows = 0, cols = 0;
  if (order != "False" || std::sscanf(shape.c_str(), "(%zu, %zu", &rows, &cols) != 2 || (type != "'<f4'" && type != "'<f8'"))
    throw Error(Code::bad_data, path.string() + ": expected a float matrix in C order, got " + header);
  Matrix m(rows, cols);
  if (type == "'<f4'") {
    in.read(reinterpret_cast<char*>(m.data()), static_cast<std::streamsize>(m.size_bytes()));
  } else {
    std::vector<double> numbers(m.size());
    in.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * 8));
    std::copy(numbers.begin(), numbers.end(), m.data());
  }
  if (!in) throw Error(Code::bad_data, path.string() + " is cut short");
  return m;
}

void write_npy(const std::filesystem::path& path, MatrixView m) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(m.rows) + ", " + std::to_string(m.cols) + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  out.put(static_cast<char>(header.size() % 256));
  out.put(static_cast<char>(header.size() / 256));
  out << header;
  out.write(reinterpret_cast<const char*>(m.data), static_cast<std::streamsize>(m.rows * m.cols * sizeof(float)));
  if (!out) throw Error(Code::io, "could not write " + path.string());
}

data::ItemFeatures word_features(const data::Catalogue& catalogue) {
  std::vector<std::map<std::string, int>> counts;
  std::map<std::string, std::pair<std::size_t, std::uint32_t>> vocabulary;  // word: items that have it, number
  for (const auto& item : catalogue.items()) {
    counts.emplace_back();
    for (const std::string& word : words_of(item.text)) ++counts.back()[word];
    for (const auto& [word, count] : counts.back()) ++vocabulary[word].first;
  }
  std::uint32_t number = 0;
  for (auto& [word, facts] : vocabulary) facts.second = number++;
  data::ItemFeatures features;
  features.sparse.rows = counts.size();
  features.sparse.cols = vocabulary.size();
  for (const auto& item : counts) {
    std::vector<float> row;
    for (const auto& [word, count] : item) {
      const auto& [holders, column] = vocabulary.at(word);
      features.sparse.indices.push_back(column);
      row.push_back(static_cast<float>(count * (std::log((1.0 + static_cast<double>(counts.size())) / (1.0 + static_cast<double>(holders))) + 1)));
    }
    normalise(row);
    features.sparse.values.insert(features.sparse.values.end(), row.begin(), row.end());
    features.sparse.offsets.push_back(features.sparse.indices.size());
  }
  return features;
}

Figures judge(const std::vector<data::Case>& cases, std::size_t items, const Scorer& scorer, const Run& run) {
  std::vector<double> rank(cases.size());
  parallel_for(0, cases.size(), 64, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> scores(items);
    for (std::size_t c = first; c < last; ++c) {
      scorer(cases[c], scores);
      rank[c] = mean_rank(scores, cases[c]);
    }
  });
  return figures_of(rank);
}

double mean_rank(std::span<float> scores, const data::Case& asked) {
  return places_of(scores, asked.seen, asked.targets).at(0).mean();
}

Figures figures_of(const std::vector<double>& ranks) {
  Figures figures{.users = ranks.size()};
  for (const double r : ranks) {
    if (r > 10) continue;
    figures.hr += 1;
    figures.ndcg += 1 / std::log2(r + 1);
  }
  figures.hr /= static_cast<double>(std::max<std::size_t>(ranks.size(), 1));
  figures.ndcg /= static_cast<double>(std::max<std::size_t>(ranks.size(), 1));
  return figures;
}

double rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

void emit(const std::string& bench, const Json& fields) {
  Json line = Json::object();
  line["bench"] = bench;
  for (const auto& [key, value] : fields.as_object()) line[key] = value;
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  line["peak_rss_mb"] = static_cast<long long>(usage.ru_maxrss / 1024);
  line["commit"] = commit();
  line["machine"] = std::to_string(core_count()) + " cores";
  line["blas"] = blas_name();
  line["kernels"] = kernel_name();
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

Arguments::Arguments(int argc, char** argv) {
  for (int a = 1; a < argc; ++a) {
    const std::string word = argv[a];
    if (!word.starts_with("--")) words.push_back(word);
    else if (a + 1 < argc && !std::string(argv[a + 1]).starts_with("--")) options.emplace_back(word.substr(2), argv[++a]);
    else options.emplace_back(word.substr(2), "");
  }
}

int run_bench(int argc, char** argv, void (*go)(const Arguments&)) try {
  go(Arguments(argc, argv));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s: %s\n", std::filesystem::path(argv[0]).filename().c_str(), e.what());
  return 1;
}

std::string Arguments::get(const std::string& name, const std::string& otherwise) const {
  for (const auto& [key, value] : options)
    if (key == name) return value;
  return otherwise;
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : options)
    if (key == name) values.push_back(value);
  return values;
}

std::vector<std::string> split_at(const std::string& text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Json settings_of(const std::vector<std::string>& pairs) {
  Json settings = Json::object();
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) throw Error(Code::bad_request, "--set wants NAME=VALUE, got '" + pair + "'");
    settings[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return settings;
}

}  // namespace attune::bench
