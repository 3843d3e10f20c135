// attune serve: the workspace behind HTTP.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <mutex>

#include "attune/cli/context.h"
#include "attune/core/error.h"
#include "attune/data/kafka.h"
#include "attune/serve/door.h"
#include "attune/serve/server.h"
#include "attune/serve/service.h"

namespace attune::cli {

void add_serve(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("serve", "the HTTP service: lists, reasons, events, at once");
  const auto settings = std::make_shared<serve::ServeSettings>();
  command->add_option("--host", settings->host, "address to listen on")->capture_default_str();
  command->add_option("--port", settings->port, "0 = any that is free; it is printed")->check(CLI::Range(0, 65535))->capture_default_str();
  command->add_option("--io-threads", settings->io_threads, "threads for the network")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("--tls-cert", settings->tls_cert, "PEM file of the certificate and its chain");
  command->add_option("--tls-key", settings->tls_key, "PEM file of its key");
  command->add_option("--cors", settings->cors, "origins whose pages may ask: \"*\" or https://a.example,https://b.example");
  command->add_option("--queue", settings->queue, "requests that may wait for a thread; more get 503")->check(CLI::Range(1, 100000))->capture_default_str();
  command->add_option("--connections", settings->connections, "open at once; more are closed")->check(CLI::Range(1, 1000000))->capture_default_str();
  command->add_option("--drain", settings->drain_s, "seconds that running requests get after SIGTERM")->check(CLI::Range(0, 3600))->capture_default_str();
  command->add_option("--refit-every", settings->refit.every_minutes, "fit anew after so many minutes, if events came; 0 = never")->check(CLI::NonNegativeNumber);
  command->add_option("--refit-after", settings->refit.after_events, "fit anew after so many events since the snapshot; 0 = never");
  command->add_option("--refit-share", settings->refit.after_share, "the same as a share of the events that were fitted: 0.05")->check(CLI::NonNegativeNumber);
  command->add_option("--kafka", settings->kafka, "events of a topic, read beside requests, each once: broker:9092/topic?group=NAME");
  command->add_option("--keep-lists", settings->keep_lists_days, "days that the log of lists shown goes back; 0 = for ever")->check(CLI::Range(0, 36500))->capture_default_str();
  command->add_option("--rotate", settings->rotate, "what each showing without a take takes from an item's score, so that lists turn over; 0 = they stay")->check(CLI::Range(0.0, 10.0));
  command->add_flag("--open-admin", settings->open_admin, "while there are no keys: whoever reaches this machine's own address may also erase, refit and make keys");
  command->add_flag("--behind-proxy", settings->behind_proxy, "callers' addresses and TLS are what the proxy says in X-Forwarded-For and X-Forwarded-Proto");
  command->add_option("--otlp", settings->otlp, "collector that traces go to (OTLP over HTTP, JSON): http://127.0.0.1:4318");
  command->add_option("--otlp-sample", settings->otlp_sample, "part of the requests that are traced, where the caller does not say")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  command->add_flag("--gorse", settings->gorse, "answer Gorse's clients too, at /api (docs/gorse.md)");
  command->add_option("--gorse-leaderboard", settings->gorse_boards, "a leaderboard of /api/non-personalized: most_starred_weekly=star/7 is the type star, 7 days; may be repeated");
  command->add_option("--gorse-similar", settings->gorse_similar, "names of /api/item-to-item and /api/user-to-user that clients ask for; may be repeated")->capture_default_str();
  command->add_flag("--log-paths", settings->log_paths, "log whole paths, which name users and items");
  command->footer("Example: attune -w shop serve --port 8080\n  curl http://127.0.0.1:8080/v1/users/17850/recommendations?k=5");
  command->callback([&context, settings] {
    const auto workspace = context.open_workspace();
    if (!settings->kafka.empty()) data::kafka_topic(settings->kafka);
    serve::check_door(workspace.folder(), *settings);
    settings->threads = context.threads;
    settings->log_requests = !context.quiet;
    const auto log = [mutex = std::make_shared<std::mutex>()](const Json& line) {
      const std::string text = line.dump() + "\n";
      const std::lock_guard lock(*mutex);
      std::fwrite(text.data(), 1, text.size(), stderr);
    };
    serve::Service service(workspace, *settings, context.run(), log);
    if (service.context().part<serve::Door>().is_open())
      context.say(std::string("no keys yet: every program on this machine may read and write") + (settings->open_admin ? ", erase, refit and make keys" : "") +
                  "; to say who may: attune keys create --name me --role admin");
    serve::Server server(service, *settings);
    context.print("listening on " + server.url() + "\n");
    server.run();
    service.close();
  });
}

}  // namespace attune::cli
