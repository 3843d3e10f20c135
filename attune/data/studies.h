// Studies of tuning that a store keeps, for whoever looks through them. A store that can list them says so by being a StudyList as well.
#pragma once
#include <string>
#include <vector>

#include "attune/data/store.h"

namespace attune::data {

class StudyList {
 public:
  virtual ~StudyList() = default;
  // Those that have trials, the one tried last first.
  virtual std::vector<std::string> studies() const = 0;
};

// Empty for a store that cannot list them.
inline std::vector<std::string> studies_of(const Store& store) {
  const auto* list = dynamic_cast<const StudyList*>(&store);
  return list == nullptr ? std::vector<std::string>{} : list->studies();
}

}  // namespace attune::data
