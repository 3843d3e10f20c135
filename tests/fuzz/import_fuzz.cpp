// Fuzzing of import: any bytes at all end in a batch or in an Error, within bounds, and what was accepted is in order.
// With clang: -fsanitize=fuzzer -DATTUNE_LIBFUZZER. Without: a driver that mutates the seeds below, seeded and repeatable:
//   fuzz_import [runs, default 500] [seed, default 1]
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "attune/core/error.h"
#include "attune/core/random.h"
#include "attune/data/import.h"
#include "attune/data/values.h"

namespace {

using namespace attune;

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "import broke its promise: %s\n", what);
  std::abort();
}

void check(const data::Batch& batch) {
  for (const data::Event& e : batch.events) {
    must(!e.user.empty() && !e.item.empty() && !e.type.empty(), "an event has a user, an item and a type");
    must(e.time_ms >= data::kFirstTime_ms && e.time_ms < data::kLastTime_ms, "times lie in 1970 to 2100");
    must(!e.value || std::isfinite(*e.value), "values are finite");
  }
  for (const auto* records : {&batch.items, &batch.users})
    for (const data::Record& r : *records) must(!r.name.empty() && r.attributes.is_object(), "a record has a name");
  for (const data::Rejection& r : batch.rejections) must(!r.reason.empty() && r.text.size() <= 500, "a rejection has a reason and a short text");
  std::uint64_t rows = static_cast<std::uint64_t>(batch.report.at("counts").at("rows").as_integer());
  must(batch.events.size() + batch.items.size() + batch.users.size() <= rows + 2 * rows, "no more is read than there is");
}

// A file in memory, so that the disk does not set the pace.
int scratch() {
  static const int fd = ::memfd_create("import_fuzz", 0);
  return fd;
}
void fill(int fd, const void* bytes, std::size_t size) {
  must(::ftruncate(fd, 0) == 0 && ::pwrite(fd, bytes, size, 0) == static_cast<ssize_t>(size), "the input can be written to memory");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fill(scratch(), bytes, size);
  const std::filesystem::path file = "/proc/self/fd/" + std::to_string(scratch());
  const Run run{.threads = 1};
  for (const bool clean : {true, false}) {
    try {
      const data::ImportOptions options{.clean = clean};
      check(data::read(file, data::guess(file, options), options, run));
    } catch (const Error& e) {
      must(e.code() != Code::internal, e.what());
    }
  }
  return 0;
}

#ifndef ATTUNE_LIBFUZZER
namespace {

const char* const kSeeds[] = {
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n500001,10001,CUP,5,2010-12-01 08:00:00,1,7,UK\n"
    "C500003,10001,CUP,-4,2010-12-03 08:00:00,1,7,UK\n500004,POST,POSTAGE,1,2010-12-04 08:00:00,18,,France\n",
    "user,item,time,type,value\nana,mug,2024-05-01 10:00:00,view,3.5\nbo,\"pan, big\",13/05/2024,buy,\n",
    "item;text;price;tags\n1;\"Mug \"\"blue\"\"\";2,5;a|b\n2;Caf\xE9;3,0;c\n",
    "u1\ti1\t5\t881250949\nu2\ti2\t3\t891717742\n",
    "1::1193::5::978300760\n1::661::3::978302109\n",
    "{\"user\": \"a\", \"item\": \"x\", \"time\": 1700000000, \"meta\": {\"k\": [1, 2]}}\n{\"user\": \"b\", \"item\": \"y\"}\n",
    "[{\"id\": 1, \"title\": \"T\"},\n {\"id\": 2, \"title\": \"U\", \"tags\": [\"a\"]}]\n",
    "{'asin': 'B00Z', 'title': u\"Bob's mug\", 'price': 3.5, 'categories': [['Home']], 'x': None}\n",
    "{\"FeedbackType\":\"like\",\"UserId\":\"u1\",\"ItemId\":\"i9\",\"Value\":1,\"Timestamp\":\"2026-01-05T10:00:00Z\"}\n",
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti9\t4.0\t1700000000\n",
    "1|Toy (1995)|01-Jan-1995||http://x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
};
const char* const kPieces[] = {"\"", "\n", "\r\n", ",", ";", "\t", "|", "::", "{", "}", "[", "]", "'", "NaN", "1e999", "-1", "9999999999999", "1900-01-01",
                               "2200-01-01", "\xEF\xBB\xBF", "\xFF\xFE", "\xC3", "PK\x03\x04", "\x1f\x8b", "\\u0000", "\\", ":", "user", "item", "C5", "0"};

std::string mutated(Random& random) {
  std::string s = kSeeds[random.below(std::size(kSeeds))];
  for (std::size_t n = 1 + random.below(12); n > 0; --n) {
    const std::size_t at = random.below(s.size() + 1), length = random.below(20);
    switch (random.below(7)) {
      case 0: s.insert(at, kPieces[random.below(std::size(kPieces))]); break;
      case 1: s.erase(at, length); break;
      case 2: if (at < s.size()) s[at] = static_cast<char>(random.below(256)); break;
      case 3: s.insert(at, s.substr(random.below(s.size() + 1), length)); break;
      case 4: s += s.substr(random.below(s.size() + 1)); break;
      case 5: s.insert(at, std::string(random.below(2000), static_cast<char>('0' + random.below(10)))); break;
      default: if (at < s.size()) s.insert(at, kSeeds[random.below(std::size(kSeeds))]); break;
    }
    if (s.size() > 100000) s.resize(100000);
  }
  return s;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 500;
  Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const auto kept = std::filesystem::temp_directory_path() / ("attune_import_fuzz_" + std::to_string(::getpid()));
  const int last = ::open(kept.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600);  // what broke it stays behind
  must(last >= 0, "the temporary folder can be written to");
  for (int i = 0; i < runs; ++i) {
    const std::string input = mutated(random);
    fill(last, input.data(), input.size());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
  std::filesystem::remove(kept);
  std::printf("%d inputs, no promise broken\n", runs);
}
#endif
