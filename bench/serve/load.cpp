// Load on a running `attune serve` on this machine; one JSON line a measurement.
//   bench_load PORT lists     [--rate 1000] [--connections 16] [--seconds 20] [--users 20000]   open loop: latency counts from when a
//                             request was due, so that a slow answer is not forgiven by sending fewer
//   bench_load PORT events    [--connections 64] [--seconds 10]                 one event a POST, as fast as they are acknowledged
//   bench_load PORT ndjson    [--connections 2] [--seconds 10] [--batch 5000]   batches of lines
//   bench_load PORT fresh     [--seconds 10]        an event until the next list has changed: known user, new user; a new item
//   bench_load PORT crowd     [--idle 10000] [--slow 200] [--half 200] [--rate 500] [--seconds 20]   lists while others misbehave
// Users u1..uN and items i1..i12101 as bench/serve/workspace.py makes them. Errors are counted, never left out.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "attune/core/json.h"
#include "bench/serve/client.h"

using attune::Json;
using Clock = std::chrono::steady_clock;

namespace {

struct Options {
  int port = 0;
  std::string what;
  std::map<std::string, double> numbers;
  double get(const std::string& name, double standard) const {
    const auto found = numbers.find(name);
    return found == numbers.end() ? standard : found->second;
  }
};

double ms_since(Clock::time_point from) { return std::chrono::duration<double, std::milli>(Clock::now() - from).count(); }

struct Times {
  std::mutex mutex;
  std::vector<double> ms;
  std::map<int, std::uint64_t> statuses;
  void add(const std::vector<double>& some, const std::map<int, std::uint64_t>& seen) {
    const std::lock_guard lock(mutex);
    ms.insert(ms.end(), some.begin(), some.end());
    for (const auto& [status, n] : seen) statuses[status] += n;
  }
};

double place(std::vector<double>& sorted, double q) {
  return sorted.empty() ? NAN : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

void put_times(Json& json, Times& times, const std::string& prefix = "") {
  std::sort(times.ms.begin(), times.ms.end());
  for (const auto& [name, q] : {std::pair{"p50_ms", 0.5}, {"p90_ms", 0.9}, {"p99_ms", 0.99}, {"p999_ms", 0.999}, {"max_ms", 1.0}})
    json[prefix + name] = std::round(place(times.ms, q) * 1000) / 1000;
  Json statuses = Json::object();
  for (const auto& [status, n] : times.statuses) statuses[std::to_string(status)] = n;
  json[prefix + "statuses"] = std::move(statuses);
}

std::string list_path(std::mt19937_64& random, int users) {
  return "/v1/users/u" + std::to_string(1 + random() % static_cast<unsigned>(users)) +
         "/recommendations?k=10&explain=true&filter=price%20%3C%20" + std::to_string(8 + random() % 20);
}

// Lists at a given rate for a while.
void lists_at(const Options& o, double rate, Times& times) {
  const int connections = static_cast<int>(o.get("connections", 16)), users = static_cast<int>(o.get("users", 20000));
  const double seconds = o.get("seconds", 20);
  const auto start = Clock::now() + std::chrono::milliseconds(100);
  std::vector<std::thread> threads;
  for (int c = 0; c < connections; ++c)
    threads.emplace_back([&, c] {
      load::Connection connection(o.port);
      std::mt19937_64 random(static_cast<std::uint64_t>(c) + 1);
      std::exponential_distribution<double> gap(rate / connections);   // arrivals of many people: Poisson
      std::vector<double> ms;
      std::map<int, std::uint64_t> statuses;
      for (double due_s = gap(random); due_s < seconds; due_s += gap(random)) {
        const auto due = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due_s));
        std::this_thread::sleep_until(due);
        const load::Answer answer = connection.ask("GET", list_path(random, users));
        ms.push_back(ms_since(due));
        ++statuses[answer.status];
      }
      times.add(ms, statuses);
    });
  for (std::thread& thread : threads) thread.join();
}

Json lists(const Options& o) {
  Options warm = o;
  warm.numbers["seconds"] = 2;
  Times ignored, times;
  lists_at(warm, o.get("rate", 1000) / 2, ignored);
  lists_at(o, o.get("rate", 1000), times);
  Json json = Json::object();
  json["rate"] = o.get("rate", 1000);
  json["connections"] = o.get("connections", 16);
  json["seconds"] = o.get("seconds", 20);
  json["done_per_s"] = std::round(static_cast<double>(times.ms.size()) / o.get("seconds", 20));
  put_times(json, times);
  return json;
}

std::string event(std::uint64_t n, std::mt19937_64& random) {
  return "{\"user\":\"load" + std::to_string(random() % 50000) + "\",\"item\":\"i" + std::to_string(1 + random() % 12101) + "\",\"type\":\"view\",\"time\":" +
         std::to_string(1700000000000ull + n) + "}";
}

// As fast as they are acknowledged.
Json posts(const Options& o, std::size_t batch) {
  const int connections = static_cast<int>(o.get("connections", batch == 1 ? 64 : 2));
  const double seconds = o.get("seconds", 10);
  Times times;
  std::atomic<std::uint64_t> taken{0};
  const auto base = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()) % 100000000;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int c = 0; c < connections; ++c)
    threads.emplace_back([&, c] {
      load::Connection connection(o.port);
      std::mt19937_64 random(base + static_cast<std::uint64_t>(c));
      std::vector<double> ms;
      std::map<int, std::uint64_t> statuses;
      std::uint64_t n = base * 1000 + static_cast<std::uint64_t>(c) * 7919;
      while (ms_since(start) < seconds * 1000) {
        std::string body;
        for (std::size_t e = 0; e < batch; ++e) body += event(n++, random) + (batch > 1 ? "\n" : "");
        const auto from = Clock::now();
        const load::Answer answer = connection.ask("POST", "/v1/events", body, batch > 1 ? "application/x-ndjson" : "application/json");
        ms.push_back(ms_since(from));
        ++statuses[answer.status];
        if (answer.status == 201) taken += static_cast<std::uint64_t>(Json::parse(answer.body).at("accepted").as_integer());
      }
      times.add(ms, statuses);
    });
  for (std::thread& thread : threads) thread.join();
  Json json = Json::object();
  json["connections"] = connections;
  json["batch"] = batch;
  json["seconds"] = seconds;
  json["events_per_s"] = std::round(static_cast<double>(taken.load()) / (ms_since(start) / 1000));
  put_times(json, times);
  return json;
}

std::vector<std::string> items_of(const load::Answer& answer) {
  std::vector<std::string> names;
  if (answer.status != 200) return names;
  const Json list = Json::parse(answer.body);
  for (const Json& item : list.at("items").as_array()) names.push_back(item.at("item").as_string());
  return names;
}

// From sending the event until a list without the item taken is here.
void event_to_list(load::Connection& connection, const std::string& user, Times& times) {
  const std::string path = "/v1/users/" + user + "/recommendations?k=10";
  const auto before = items_of(connection.ask("GET", path));
  if (before.empty()) {
    ++times.statuses[0];
    return;
  }
  const auto from = Clock::now();
  const int status = connection.ask("POST", "/v1/events", "{\"user\":\"" + user + "\",\"item\":\"" + before[0] + "\",\"type\":\"purchase\"}").status;
  for (int tries = 0; tries < 1000; ++tries) {
    const auto after = items_of(connection.ask("GET", path));
    if (!after.empty() && after != before && std::find(after.begin(), after.end(), before[0]) == after.end()) break;
  }
  times.ms.push_back(ms_since(from));
  ++times.statuses[status];
}

// From sending the item until it is the answer to a question for its words.
void item_to_list(load::Connection& connection, const std::string& name, Times& times) {
  const auto from = Clock::now();
  const int status = connection.ask("PUT", "/v1/items/" + name, "{\"text\":\"lavender hand cream " + name + "\",\"attributes\":{\"price\":4}}").status;
  for (int tries = 0; tries < 1000; ++tries)
    if (items_of(connection.ask("POST", "/v1/recommendations", "{\"about\":\"lavender hand cream\",\"k\":1,\"filter\":\"name = '" + name + "'\"}")) == std::vector{name}) break;
  times.ms.push_back(ms_since(from));
  ++times.statuses[status];
}

Json fresh(const Options& o) {
  load::Connection connection(o.port);
  const std::string mark = std::to_string(std::chrono::system_clock::now().time_since_epoch().count() % 100000000);
  Times known, unknown, item;
  const double each_ms = o.get("seconds", 10) * 1000 / 3;
  std::mt19937_64 random(3);
  event_to_list(connection, "u1", known);
  item_to_list(connection, "warm" + mark, item);
  known.ms.clear();
  item.ms.clear();
  for (auto from = Clock::now(); ms_since(from) < each_ms;) event_to_list(connection, "u" + std::to_string(1 + random() % 20000), known);
  int n = 0;
  for (auto from = Clock::now(); ms_since(from) < each_ms;) event_to_list(connection, "new" + mark + "-" + std::to_string(n++), unknown);
  for (auto from = Clock::now(); ms_since(from) < each_ms && n < 400 + static_cast<int>(unknown.ms.size());) item_to_list(connection, "n" + mark + "-" + std::to_string(n++), item);
  Json json = Json::object();
  for (auto [name, times] : {std::pair{"known user", &known}, {"new user", &unknown}, {"new item", &item}}) {
    Json part = Json::object();
    part["times"] = times->ms.size();
    put_times(part, *times);
    json[name] = std::move(part);
  }
  return json;
}

Json crowd(const Options& o) {
  Times alone, beside;
  Options quiet = o;
  const double rate = o.get("rate", 500);
  lists_at(quiet, rate, alone);
  std::vector<load::Connection> idle;
  for (int n = 0; n < static_cast<int>(o.get("idle", 10000)); ++n) {
    load::Connection connection(o.port);
    if (connection.open()) idle.push_back(std::move(connection));
  }
  std::vector<load::Connection> halves;
  for (int n = 0; n < static_cast<int>(o.get("half", 200)); ++n) {
    load::Connection connection(o.port);
    if (connection.open() && connection.write("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{\"user\":")) halves.push_back(std::move(connection));
  }
  std::atomic<bool> is_over{false};
  std::thread slow([&] {   // a byte of a header now and then, on many connections
    std::vector<load::Connection> some;
    for (int n = 0; n < static_cast<int>(o.get("slow", 200)); ++n) {
      some.emplace_back(o.port);
      some.back().open();
    }
    while (!is_over) {
      for (load::Connection& connection : some)
        if (connection.open() && !connection.write("G")) connection.close();
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  });
  std::thread flood([&] {   // more than it can answer
    load::Connection connection(o.port);
    std::string many;
    for (int n = 0; n < 2000; ++n) many += "GET /v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    while (!is_over) {
      if (!connection.open() || !connection.write(many)) connection.close();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  lists_at(quiet, rate, beside);
  is_over = true;
  slow.join();
  flood.join();
  Json json = Json::object();
  json["rate"] = rate;
  json["idle"] = idle.size();
  json["half"] = halves.size();
  json["slow"] = o.get("slow", 200);
  put_times(json, alone, "alone_");
  put_times(json, beside, "beside_");
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench_load PORT lists|events|ndjson|fresh|crowd [--name number]...\n");
    return 2;
  }
  Options o;
  o.port = std::atoi(argv[1]);
  o.what = argv[2];
  for (int i = 3; i + 1 < argc; i += 2) o.numbers[argv[i] + 2] = std::atof(argv[i + 1]);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  Json json = Json::object();
  json["bench"] = "serve/" + o.what;
  const Json measured = o.what == "lists"    ? lists(o)
                        : o.what == "events" ? posts(o, 1)
                        : o.what == "ndjson" ? posts(o, static_cast<std::size_t>(o.get("batch", 5000)))
                        : o.what == "fresh"  ? fresh(o)
                        : o.what == "crowd"  ? crowd(o)
                                             : Json();
  if (measured.is_null()) {
    std::fprintf(stderr, "there is no load '%s'\n", o.what.c_str());
    return 2;
  }
  for (const auto& [key, value] : measured.as_object()) json[key] = value;
  std::printf("%s\n", json.dump().c_str());
  return 0;
}
