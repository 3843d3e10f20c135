// Simulated users with a hidden liked item: how often they find it within five lists of ten when they talk, against five pages
// of the plain list without talk: `attune evaluate --protocol dialogues` over a file, as JSON lines. --first N: users from the N-th of the
// order that the seed draws, so that those on whom something was tried are not those whom figures are reported of.
//   bench_talk_people FILE [--users 500] [--first 0] [--seed 1] [--k 10] [--language en] [--work FOLDER] [--encoders tfidf,minilm]

#include <algorithm>

#include "attune/data/import.h"
#include "attune/talk/people/protocol.h"
#include "bench/offline/talk_bench.h"

namespace attune::bench {
namespace {

namespace people = talk::people;

void go(const Arguments& arguments) {
  const std::string file = arguments.words.at(0), names = arguments.get("encoders", "tfidf,minilm");
  const people::Options options{.language = arguments.get("language", "en"), .users = std::stoul(arguments.get("users", "500")), .k = std::stoi(arguments.get("k", "10")), .seed = std::stoull(arguments.get("seed", "1"))};
  const data::ImportOptions importing;
  data::Batch all = data::read(file, data::guess(file, importing), importing, Run{});
  const std::size_t first = std::stoul(arguments.get("first", "0"));
  people::HeldOut held = people::hold_out(std::move(all.items), all.events, first + options.users, options.seed);
  held.cases.erase(held.cases.begin(), held.cases.begin() + static_cast<std::ptrdiff_t>(std::min(first, held.cases.size())));
  const std::filesystem::path work = arguments.get("work", (std::filesystem::temp_directory_path() / "attune_bench_people").string());
  const auto engine = fitted(work, held.batch, split_at(names, ','), {"slist", "popularity"});
  const people::DialogueReport report = people::judge(*engine, held.cases, options, Run{});
  const Json json = report.to_json();
  for (Json row : json.at("rows").as_array()) {
    row["what"] = "hidden liked item found within 5 lists of " + std::to_string(options.k);
    row["set"] = std::filesystem::path(file).parent_path().filename().string();
    row["encoders"] = names;
    row["first"] = first;
    row["seed"] = options.seed;
    emit("talk/people", row);
  }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
