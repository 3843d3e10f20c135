// Snapshot: the folder's layout, sealing and opening. Every part is hashed; a folder is whole or not there.
#include "attune/engine/snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/engine/registry.h"

namespace attune::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kFormat = 1;
constexpr const char* kUnfinished = ".unfinished-";
constexpr const char* kPin = ".pinned";   // holds the name of a snapshot

std::string utc_name(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d-%02d-%02d-%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(ms));
  return text;
}

// Writes one part by `body` and returns its line of the manifest.
template <class Body>
Json write_part(const fs::path& folder, const std::string& file, Body&& body) {
  ByteWriter out(folder / file);
  body(out);
  const std::string hash = out.close();
  Json part = Json::object();
  part["file"] = file;
  part["hash"] = hash;
  part["bytes"] = static_cast<unsigned long long>(fs::file_size(folder / file));
  return part;
}

void save_catalogue(ByteWriter& out, const data::Catalogue& catalogue) {
  out.number(static_cast<std::uint64_t>(catalogue.item_count()));
  for (const data::CatalogueItem& item : catalogue.items()) {
    out.text(item.name);
    out.text(item.text);
    out.text(item.attributes.dump());
    out.number(item.created_ms);
    out.number(static_cast<std::uint8_t>(item.hidden));
  }
}

std::shared_ptr<const data::Catalogue> load_catalogue(ByteReader& in) {
  std::vector<data::CatalogueItem> items;
  const auto n = in.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < n; ++i) {
    data::CatalogueItem item;
    item.name = in.text();
    item.text = in.text();
    item.attributes = Json::parse(in.text(), "attributes of " + item.name);
    item.created_ms = in.number<std::int64_t>();
    item.hidden = in.number<std::uint8_t>() != 0;
    items.push_back(std::move(item));
  }
  return std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
}

void save_features(ByteWriter& out, const data::ItemFeatures& features) {
  out.number(static_cast<std::uint8_t>(features.is_sparse()));
  if (features.is_sparse())
    out.sparse(features.sparse);
  else
    out.matrix(features.dense);
}

std::shared_ptr<const data::ItemFeatures> load_features(ByteReader& in) {
  auto features = std::make_shared<data::ItemFeatures>();
  if (in.number<std::uint8_t>() != 0)
    features->sparse = in.sparse();
  else
    features->dense = in.matrix();
  return features;
}

// Opens the part named in the manifest and checks its hash.
std::unique_ptr<ByteReader> open_part(const fs::path& folder, const Json& part) {
  const std::string& file = part.at("file").as_string();
  auto in = std::make_unique<ByteReader>(folder / file);
  if (in->hash() != part.at("hash").as_string())
    throw Error(Code::bad_data, (folder / file).string() + " is damaged (its hash is not the one in the manifest); fit again, or restore the file");
  return in;
}

// Parts that are whole each but not of one fit.
void check_sizes(const Snapshot& snapshot, const fs::path& folder) {
  const std::size_t items = snapshot.catalogue->item_count();
  bool agree = snapshot.popularity->size() == items;
  for (const Reading& reading : snapshot.reader->readings())
    agree = agree && (reading.features->is_sparse() ? reading.features->sparse.rows : reading.features->dense.rows()) == items;
  for (const rank::Source& source : snapshot.sources) agree = agree && source.model->item_count() == items;
  if (!agree) throw Error(Code::bad_data, folder.string() + " is damaged (its parts are of different catalogues); fit again, or restore the folder");
}

void sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

void write_all(Snapshot& snapshot, const fs::path& folder) {
  Json& manifest = snapshot.manifest;
  manifest["parts"]["catalogue"] = write_part(folder, "catalogue.bin", [&](ByteWriter& out) { save_catalogue(out, *snapshot.catalogue); });
  manifest["parts"]["popularity"] = write_part(folder, "popularity.bin", [&](ByteWriter& out) {
    out.array(std::span<const std::uint32_t>(*snapshot.popularity));
  });
  manifest["encoders"] = Json::array();
  for (const Reading& reading : snapshot.reader->readings()) {
    const std::string name = reading.encoder->name();
    Json entry = Json::object();
    entry["name"] = name;
    entry["encoder"] = write_part(folder, "encoder_" + name + ".bin", [&](ByteWriter& out) { reading.encoder->save(out); });
    entry["features"] = write_part(folder, "features_" + name + ".bin", [&](ByteWriter& out) { save_features(out, *reading.features); });
    manifest["encoders"].push_back(std::move(entry));
  }
  manifest["models"] = Json::array();
  for (const rank::Source& source : snapshot.sources) {
    Json entry = Json::object();
    entry["name"] = source.name;
    entry["settings"] = source.model->settings();
    entry["part"] = write_part(folder, "model_" + source.name + ".bin", [&](ByteWriter& out) { source.model->save(out); });
    manifest["models"].push_back(std::move(entry));
  }
  if (snapshot.stacker != nullptr)
    manifest["parts"]["stack"] = write_part(folder, "stack.bin", [&](ByteWriter& out) { snapshot.stacker->save(out); });
  manifest["weights"] = snapshot.weights.to_json();
  const std::string text = manifest.dump(2) + "\n";
  write_file(folder / "manifest.json", text);
  write_file(folder / "manifest.hash", hash_hex(text) + "\n");
}

}  // namespace

std::shared_ptr<const Matrix> diversity_vectors(const Reader& reader) {
  for (const Reading& reading : reader.readings())
    if (!reading.features->is_sparse()) return {reading.features, &reading.features->dense};
  return nullptr;
}

void seal(Snapshot& snapshot, const Json& record, const fs::path& snapshots_folder) {
  snapshot.name = utc_name(std::chrono::system_clock::now());
  snapshot.manifest = Json::object();
  snapshot.manifest["format"] = kFormat;
  snapshot.manifest["name"] = snapshot.name;
  snapshot.manifest["until"] = static_cast<unsigned long long>(snapshot.until);
  snapshot.manifest["items"] = static_cast<unsigned long long>(snapshot.catalogue->item_count());
  snapshot.manifest["record"] = record;
  std::error_code problem;
  fs::create_directories(snapshots_folder, problem);
  const fs::path beside = snapshots_folder / (kUnfinished + snapshot.name), folder = snapshots_folder / snapshot.name;
  if (!fs::create_directory(beside, problem)) throw Error(Code::io, "cannot make the folder " + beside.string() + ": " + problem.message());
  try {
    write_all(snapshot, beside);
  } catch (...) {
    fs::remove_all(beside, problem);
    throw;
  }
  sync_folder(beside);
  fs::rename(beside, folder, problem);
  if (problem) throw Error(Code::io, "cannot rename " + beside.string() + ": " + problem.message());
  sync_folder(snapshots_folder);
}

std::shared_ptr<const Snapshot> open_snapshot(const fs::path& folder) {
  const std::string text = read_file(folder / "manifest.json");
  if (read_file(folder / "manifest.hash") != hash_hex(text) + "\n")
    throw Error(Code::bad_data, (folder / "manifest.json").string() + " is damaged (its hash does not agree)");
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->manifest = Json::parse(text, (folder / "manifest.json").string());
  const Json& manifest = snapshot->manifest;
  if (manifest.at("format").as_integer() > kFormat)
    throw Error(Code::unsupported, folder.string() + " was sealed by a newer attune (format " +
                                       std::to_string(manifest.at("format").as_integer()) + ", this one reads " +
                                       std::to_string(kFormat) + "); use that version, or fit again");
  snapshot->name = manifest.at("name").as_string();
  snapshot->until = static_cast<data::Sequence>(manifest.at("until").as_integer());
  const Json& parts = manifest.at("parts");
  snapshot->catalogue = load_catalogue(*open_part(folder, parts.at("catalogue")));
  snapshot->popularity =
      std::make_shared<const std::vector<std::uint32_t>>(open_part(folder, parts.at("popularity"))->array<std::uint32_t>());
  std::vector<Reading> readings;
  for (const Json& entry : manifest.at("encoders").as_array()) {
    Reading reading;
    reading.encoder = encoder_named(entry.at("name").as_string()).load(*open_part(folder, entry.at("encoder")));
    reading.features = load_features(*open_part(folder, entry.at("features")));
    readings.push_back(std::move(reading));
  }
  snapshot->reader = std::make_shared<const Reader>(std::move(readings));
  snapshot->vectors = diversity_vectors(*snapshot->reader);
  for (const Json& entry : manifest.at("models").as_array()) {
    rank::Source source;
    source.name = entry.at("name").as_string();
    source.model = model_named(source.name).load(*open_part(folder, entry.at("part")));
    snapshot->sources.push_back(std::move(source));
  }
  snapshot->weights = rank::FusionWeights::from_json(manifest.at("weights"));
  if (const Json* stack = parts.find("stack")) snapshot->stacker = std::make_shared<const rank::Stacker>(rank::Stacker::load(*open_part(folder, *stack)));
  check_sizes(*snapshot, folder);
  return snapshot;
}

std::vector<std::string> snapshot_names(const fs::path& snapshots_folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(snapshots_folder, problem)) {
    const std::string name = entry.path().filename().string();
    std::error_code other;
    if (!name.starts_with(".") && entry.is_directory(other)) names.push_back(name);
  }
  if (problem && problem != std::errc::no_such_file_or_directory)
    throw Error(Code::io, "cannot look into " + snapshots_folder.string() + ": " + problem.message());
  std::sort(names.rbegin(), names.rend());
  return names;
}

std::shared_ptr<const Snapshot> open_newest(const fs::path& snapshots_folder, const Run& run) {
  const std::vector<std::string> names = snapshot_names(snapshots_folder);
  for (std::size_t n = 0; n < names.size(); ++n) {
    const std::string& name = names[n];
    try {
      return open_snapshot(snapshots_folder / name);
    } catch (const Error& e) {
      if (e.code() == Code::cancelled) throw;
      if (n + 1 == names.size())
        throw Error(e.code() == Code::unsupported ? e.code() : Code::bad_data, (n == 0 ? "the only snapshot" : "none of the " + std::to_string(names.size()) + " snapshots can be used; the oldest") +
                                  std::string(", ") + name + ": " + e.what() + "; run attune fit to make a new one");
      run.remark("snapshot " + name + " cannot be used: " + e.what() + "; trying the one before");
    }
  }
  return nullptr;
}

std::string pinned(const fs::path& snapshots_folder) {
  std::error_code problem;
  const fs::path file = snapshots_folder / kPin;
  if (!fs::exists(file, problem)) return {};
  std::string name = read_file(file);
  while (!name.empty() && (name.back() == '\n' || name.back() == '\r')) name.pop_back();
  return fs::is_directory(snapshots_folder / name, problem) && name.find('/') == std::string::npos ? name : std::string();
}

void pin(const fs::path& snapshots_folder, const std::string& name) {
  std::error_code problem;
  if (name.empty()) {
    fs::remove(snapshots_folder / kPin, problem);
    return;
  }
  const std::vector<std::string> names = snapshot_names(snapshots_folder);
  if (std::find(names.begin(), names.end(), name) == names.end()) throw Error(Code::not_found, "there is no snapshot '" + name + "'");
  write_file(snapshots_folder / kPin, name + "\n");
}

std::shared_ptr<const Snapshot> open_chosen(const fs::path& snapshots_folder, const Run& run) {
  if (const std::string name = pinned(snapshots_folder); !name.empty()) {
    try {
      return open_snapshot(snapshots_folder / name);
    } catch (const Error& e) {
      if (e.code() == Code::cancelled) throw;
      run.remark("the pinned snapshot " + name + " cannot be used: " + e.what() + "; taking the newest that can");
    }
  }
  return open_newest(snapshots_folder, run);
}

void prune(const fs::path& snapshots_folder, int keep) {
  std::error_code problem;
  const std::string kept = pinned(snapshots_folder);
  const std::vector<std::string> names = snapshot_names(snapshots_folder);
  for (std::size_t i = static_cast<std::size_t>(std::max(keep, 1)); i < names.size(); ++i)
    if (names[i] != kept) fs::remove_all(snapshots_folder / names[i], problem);
}

void drop_unfinished(const fs::path& snapshots_folder) {
  std::error_code problem;
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(snapshots_folder, problem))
    if (entry.path().filename().string().starts_with(kUnfinished)) left.push_back(entry.path());
  for (const fs::path& folder : left) fs::remove_all(folder, problem);
}

}  // namespace attune::engine
