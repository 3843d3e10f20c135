// Request ids: they are told apart, also between threads, and everybody may write them into an address.
#include "attune/core/request_id.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/test.h"

namespace attune {
namespace {

TEST("ids of four threads are all different, and of one shape") {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (std::vector<std::string>& ids : made)
    threads.emplace_back([&ids] {
      for (int i = 0; i < 1000; ++i) ids.push_back(new_request_id('c'));
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const std::vector<std::string>& ids : made)
    for (const std::string& id : ids) {
      CHECK(all.insert(id).second);
      CHECK(id.size() == 21 && id[0] == 'c');
      CHECK(std::all_of(id.begin() + 1, id.end(), [](unsigned char c) { return std::isxdigit(c) != 0; }));
    }
}

TEST("an id is a request's when nothing else is said") { CHECK(new_request_id().starts_with('r')); }

}  // namespace
}  // namespace attune
