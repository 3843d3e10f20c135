// Run log: see the header.
#include "attune/eval/run_log.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>

#include "attune/core/bytes.h"
#include "attune/core/error.h"

#ifndef ATTUNE_COMMIT
#define ATTUNE_COMMIT ""
#endif

namespace attune::eval {
namespace {

double seconds_since_1970() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

template <class T>
void put(std::string& out, T v) {
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out.append(bytes, sizeof v);
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint64_t>(text.size()));
  out += text;
}

}  // namespace

RunLog::RunLog(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code problem;
  std::filesystem::create_directories(folder_, problem);
  if (problem) throw Error(Code::io, "cannot make the folder '" + folder_.string() + "': " + problem.message());
}

void RunLog::line(Json fields) {
  fields["time"] = std::round(seconds_since_1970() * 1000) / 1000;
  fields["program"] = program_name();
  const std::filesystem::path path = folder_ / "ledger.jsonl";
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << fields.dump() + "\n";
  if (!out.flush()) throw Error(Code::io, "cannot write '" + path.string() + "'");
}

void RunLog::curves(const std::string& name, const std::map<std::string, Curve>& curves, const std::map<std::string, double>& figures) {
  const double now = seconds_since_1970();
  EventFile file(folder_ / name, now);
  for (const auto& [tag, curve] : curves)
    for (const auto& [step, value] : curve) file.scalar(tag, static_cast<std::int64_t>(step), value, now);
  for (const auto& [tag, value] : figures) file.scalar(tag, 0, value, now);
}

std::string checksum_of(const data::Dataset& data) {
  std::string parts;   // hashes of the parts; hashed in turn
  std::string part;
  const auto done = [&] {
    parts += hash_hex(part);
    part.clear();
  };
  for (const data::CatalogueItem& item : data.catalogue().items()) {
    put_text(part, item.name);
    put_text(part, item.text);
    if (part.size() > (1u << 22)) done();
  }
  done();
  for (std::size_t u = 0; u < data.user_count(); ++u) {
    put_text(part, data.catalogue().user(user_at(u)));
    for (const Touch& touch : data.history(user_at(u))) {
      put(part, static_cast<std::uint32_t>(to_index(touch.item)));
      put(part, touch.weight);
      put(part, touch.time_ms);
    }
    if (part.size() > (1u << 22)) done();
  }
  done();
  for (const auto& [name, features] : data.all_features()) {
    put_text(part, name);
    const auto add = [&](const void* from, std::size_t bytes) { part.append(static_cast<const char*>(from), bytes); };
    if (features->is_sparse()) {
      add(features->sparse.indices.data(), features->sparse.indices.size() * sizeof(std::uint32_t));
      add(features->sparse.values.data(), features->sparse.values.size() * sizeof(float));
    } else {
      add(features->dense.data(), features->dense.size_bytes());
    }
    done();
  }
  return hash_hex(parts);
}

std::string program_name() { return std::string("attune 0.1.0") + (*ATTUNE_COMMIT != '\0' ? " " ATTUNE_COMMIT : ""); }

}  // namespace attune::eval
