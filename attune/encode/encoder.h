// Encoders: the texts of items, read into features. Named like plug-ins: tfidf, minilm, e5, tiny (see plugins.def).
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"

namespace attune::encode {

// Fitted to a catalogue (TF-IDF's vocabulary) or not (sentence encoders); const ever after, safe from any thread.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual std::string name() const = 0;
  virtual std::string fingerprint() const = 0;   // names the cached vectors together with the text
  virtual bool is_sparse() const = 0;
  virtual std::size_t dim() const = 0;           // columns
  // One row a text, of length 1 (zeros for a text of nothing).
  virtual data::ItemFeatures encode(std::span<const std::string> texts, const Run& run) const = 0;
  virtual void save(ByteWriter& out) const = 0;  // what is needed to encode again after a restart
};

// A cache of dense rows by (fingerprint, text), in one folder. Nothing is embedded twice, not even the same text twice
// in one call. Safe for several processes. An empty folder name = no cache.
//   vectors  [texts, dim]
// Throws Error: bad_request for a sparse encoder. A cache that cannot be read or written is remarked on and done without.
Matrix item_vectors(const Encoder& encoder, std::span<const std::string> texts, const std::string& cache_folder, const Run& run);

// For the line ENCODER(NAME, ...) of plugins.def, in this namespace:
//   std::unique_ptr<const Encoder> make_NAME(std::span<const std::string> texts, const Json& params, const Run&);
//     `texts` = the catalogue's, to be fitted to; params as settings_NAME lists them.
//   std::unique_ptr<const Encoder> load_NAME(ByteReader&);   what save() wrote; throws Error: bad_data
//   std::vector<Setting> settings_NAME();

}  // namespace attune::encode
