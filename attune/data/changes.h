// Changes: what others wrote to a store since somebody last looked: how several processes on one store stay in step, a service and the
// commands beside it for one. Stores that can tell say so by being FollowedStore as well.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "attune/data/store.h"

namespace attune::data {

// How far somebody has seen. Grows only.
struct Marks {
  Sequence sequence = 0;        // last event
  std::uint64_t change = 0;     // last change of an item's or user's record
  std::uint64_t receipt = 0;    // last erasure
  friend bool operator==(const Marks&, const Marks&) = default;
};

class FollowedStore {
 public:
  virtual ~FollowedStore() = default;
  virtual Marks marks() const = 0;
  // Returns when somebody has written, or after `most_ms`; sometimes for nothing. For one thread.
  // Throws Error: io when the store cannot be reached.
  virtual void wait(int most_ms) = 0;
  // All in their order, after one mark and up to another: records of items whose last change is one of these, erasures, events.
  virtual std::vector<Record> items_between(std::uint64_t after, std::uint64_t last) const = 0;
  // Names of users whose record changed, or whose events were taken back.
  virtual std::vector<std::string> users_between(std::uint64_t after, std::uint64_t last) const = 0;
  virtual std::vector<Receipt> receipts_between(std::uint64_t after, std::uint64_t last) const = 0;
  virtual std::vector<StoredEvent> events_between(Sequence after, Sequence last) const = 0;
};

}  // namespace attune::data
