// Server: see the header. Boost.Beast with coroutines; one coroutine a connection, on a strand of its own.
// Source: own. Cost: about 25 us a small request on one network thread.
#include "attune/serve/server.h"

#include <sys/resource.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::use_awaitable;
using tcp = asio::ip::tcp;
using Token = asio::as_tuple_t<asio::use_awaitable_t<>>;
constexpr Token kTell{};                       // errors come back as values
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kMostLinger = std::size_t{64} << 20, kLingerPiece = 16 * 1024;
constexpr auto kLingerStill = std::chrono::seconds(2), kLinger = std::chrono::seconds(15);   // without a byte; in all (2 s in all lost answers on a busy machine)
constexpr std::uint64_t kSmallBody = 64 * 1024;   // bytes; shorter ones are not counted
constexpr auto kCalmLook = std::chrono::milliseconds(200), kDrainLook = std::chrono::milliseconds(10);   // between looks at whether all is quiet
constexpr auto kAcceptPause = std::chrono::milliseconds(50);   // after "too many open files"

Plain& bottom(Plain& stream) { return stream; }
Plain& bottom(Tls& stream) { return stream.next_layer(); }

// Starts something that answers by a callback, and waits for it.
template <class T, class Start>
awaitable<T> answer_of(Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(
      [](auto handler, Start begin) {
        auto executor = asio::get_associated_executor(handler);
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        auto work = asio::make_work_guard(executor);
        begin([kept, work, executor](T value) mutable {
          asio::post(executor, [kept = std::move(kept), value = std::move(value)]() mutable { std::move (*kept)(std::move(value)); });
          work.reset();
        });
      },
      use_awaitable, std::move(start));
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// A share of the memory for long bodies, given back at the end.
class Room {
 public:
  Room(std::atomic<std::uint64_t>& taken, std::uint64_t most) : taken_(taken), most_(most) {}
  ~Room() { taken_ -= mine_; }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  bool reserve(std::uint64_t bytes) {
    if ((taken_ += bytes) > most_ && taken_ != bytes) {   // one alone always has room
      taken_ -= bytes;
      return false;
    }
    mine_ = bytes;
    return true;
  }

 private:
  std::atomic<std::uint64_t>& taken_;
  const std::uint64_t most_;
  std::uint64_t mine_ = 0;
};

// What the header says, as our own values.
void fill(HttpRequest& request, const http::request_header<>& header) {
  request.method = std::string(view(header.method_string()));
  request.target = std::string(view(header.target()));
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  request.path = request.target.substr(0, question);
  if (question < request.target.size()) request.query = parse_query(std::string_view(request.target).substr(question + 1));
  for (const auto& field : header) {
    request.headers.emplace_back(lowered(view(field.name_string())), std::string(view(field.value())));
  }
}

}  // namespace

struct Server::State {
  Application& application;
  ServerSettings settings;
  asio::io_context io;
  tcp::acceptor acceptor{io};
  asio::signal_set signals{io};
  asio::steady_timer deadline{io};
  std::optional<asio::ssl::context> tls;
  std::atomic<bool> is_draining{false};
  std::atomic<std::uint64_t> open{0}, accepted{0}, turned_away{0};
  std::atomic<std::uint64_t> bodies{0};        // bytes of long bodies that are read or worked on
  // Connections that wait for a request: closed at once when draining begins.
  std::mutex mutex;
  std::list<std::function<void()>> idle;

  State(Application& a, const ServerSettings& s) : application(a), settings(s), io(std::max(1, s.io_threads)) {}

  void bind();
  void load_certificate();
  void drain();
  awaitable<void> accept();
  awaitable<void> linger(Plain& stream, beast::flat_buffer& buffer);
  template <class Stream> awaitable<void> serve(Stream stream, std::string peer);
  template <class Stream> awaitable<bool> one_request(Stream& stream, beast::flat_buffer& buffer, const std::string& peer, bool& is_unread);
  template <class Stream> awaitable<bool> wait_for_request(Stream& stream, beast::flat_buffer& buffer);
  template <class Stream> awaitable<bool> read_body(Stream& stream, beast::flat_buffer& buffer, Parser& parser, HttpRequest& request, std::optional<HttpResponse>& refused);
  template <class Stream> awaitable<bool> send(Stream& stream, const HttpRequest& request, HttpResponse response, unsigned version, bool keep, bool is_head);
  template <class Stream> awaitable<bool> send_stream(Stream& stream, http::response<http::empty_body> head, serve::Stream source, bool keep);
};

void Server::State::load_certificate() {
  if (settings.tls_cert.empty() && settings.tls_key.empty()) return;
  if (settings.tls_cert.empty() || settings.tls_key.empty())
    throw Error(Code::bad_request, "TLS takes a certificate and its key; give both --tls-cert and --tls-key");
  tls.emplace(asio::ssl::context::tls_server);
  try {
    tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3 |
                     asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    tls->use_certificate_chain_file(settings.tls_cert);
    tls->use_private_key_file(settings.tls_key, asio::ssl::context::pem);
  } catch (const boost::system::system_error& e) {
    throw Error(Code::bad_request, "cannot use the certificate " + settings.tls_cert + " with the key " + settings.tls_key + ": " + e.code().message());
  }
}

void Server::State::bind() {
  const std::string where = settings.host + ":" + std::to_string(settings.port);
  try {
    boost::system::error_code problem;
    auto address = asio::ip::make_address(settings.host, problem);
    if (problem) address = tcp::resolver(io).resolve(settings.host, std::to_string(settings.port)).begin()->endpoint().address();
    const tcp::endpoint endpoint(address, static_cast<unsigned short>(settings.port));
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
  } catch (const boost::system::system_error& e) {
    throw Error(Code::io, "cannot listen on " + where + ": " + e.code().message() + "; is another service there? choose another --port");
  }
}

awaitable<void> Server::State::accept() {
  for (;;) {
    auto [problem, socket] = co_await acceptor.async_accept(asio::make_strand(io), kTell);
    if (problem == asio::error::operation_aborted || is_draining) co_return;
    if (problem) {   // too many open files, or gone before we looked: others are served meanwhile
      asio::steady_timer pause(io, kAcceptPause);
      co_await pause.async_wait(kTell);
      continue;
    }
    ++accepted;
    if (open >= settings.connections) {
      ++turned_away;
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto from = socket.remote_endpoint(ignored);
    std::string peer = ignored ? std::string() : from.address().to_string();
    const auto executor = socket.get_executor();
    ++open;
    const auto ended = [this](std::exception_ptr) { --open; };
    if (tls)
      asio::co_spawn(executor, serve(Tls(std::move(socket), *tls), std::move(peer)), ended);
    else
      asio::co_spawn(executor, serve(Plain(std::move(socket)), std::move(peer)), ended);
  }
}

template <class Stream>
awaitable<void> Server::State::serve(Stream stream, std::string peer) {
  if constexpr (std::is_same_v<Stream, Tls>) {
    bottom(stream).expires_after(std::chrono::seconds(settings.header_s));
    auto [problem] = co_await stream.async_handshake(asio::ssl::stream_base::server, kTell);
    if (problem) co_return;
  }
  beast::flat_buffer buffer;
  bool is_unread = false;
  while (co_await one_request(stream, buffer, peer, is_unread)) {
  }
  boost::system::error_code ignored;
  if constexpr (std::is_same_v<Stream, Tls>) {
    bottom(stream).expires_after(std::chrono::seconds(1));
    co_await stream.async_shutdown(kTell);
  }
  bottom(stream).socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (is_unread) co_await linger(bottom(stream), buffer);
  bottom(stream).close();
}

// Takes in what was not read: closing on it would reset the connection, and the caller would lose the answer.
awaitable<void> Server::State::linger(Plain& stream, beast::flat_buffer& buffer) {
  std::size_t left = kMostLinger;
  const auto end = std::chrono::steady_clock::now() + kLinger;
  for (;;) {
    buffer.clear();
    stream.expires_at(std::min(end, std::chrono::steady_clock::now() + kLingerStill));
    auto [problem, n] = co_await stream.async_read_some(buffer.prepare(kLingerPiece), kTell);
    if (problem || n >= left) co_return;
    left -= n;
  }
}

// True when bytes of a request are here. Nothing is held for a connection that waits but its buffer.
template <class Stream>
awaitable<bool> Server::State::wait_for_request(Stream& stream, beast::flat_buffer& buffer) {
  if (buffer.size() > 0) co_return true;
  const auto here = std::make_shared<Plain*>(&bottom(stream));   // gone when the wait is over: both happen on this strand
  std::list<std::function<void()>>::iterator place;
  {
    const std::lock_guard lock(mutex);
    if (is_draining) co_return false;
    place = idle.insert(idle.end(), [executor = bottom(stream).get_executor(), weak = std::weak_ptr(here)] {
      asio::post(executor, [weak] {
        if (const auto waiting = weak.lock()) (*waiting)->cancel();
      });
    });
  }
  bottom(stream).expires_after(std::chrono::seconds(settings.idle_s));
  auto [problem, n] = co_await stream.async_read_some(buffer.prepare(4096), kTell);
  {
    const std::lock_guard lock(mutex);
    idle.erase(place);
  }
  if (problem) co_return false;
  buffer.commit(n);
  co_return true;
}

template <class Stream>
awaitable<bool> Server::State::read_body(Stream& stream, beast::flat_buffer& buffer, Parser& parser, HttpRequest& request,
                                         std::optional<HttpResponse>& refused) {
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    auto [problem, n] = co_await http::async_write(stream, go_on, kTell);
    if (problem) co_return false;
  }
  bottom(stream).expires_after(std::chrono::seconds(settings.body_s));
  auto [problem, n] = co_await http::async_read(stream, buffer, parser, kTell);
  if (problem == http::error::body_limit)
    refused = application.refuse(request, 413, "too_large", "the body is longer than this path takes");
  else if (problem == beast::error::timeout)
    refused = application.refuse(request, 408, "too_slow", "the body did not come within " + std::to_string(settings.body_s) + " s");
  else if (problem && problem != http::error::partial_message && problem != http::error::end_of_stream && problem.category() == http::make_error_code(http::error::bad_value).category())
    refused = application.refuse(request, 400, "malformed", "the request is no HTTP: " + problem.message());
  else if (problem)
    co_return false;
  co_return true;
}

// False: the connection is at its end.
template <class Stream>
awaitable<bool> Server::State::one_request(Stream& stream, beast::flat_buffer& buffer, const std::string& peer, bool& is_unread) {
  if (!co_await wait_for_request(stream, buffer)) co_return false;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(settings.header_bytes));
  parser.body_limit(boost::none);
  bottom(stream).expires_after(std::chrono::seconds(settings.header_s));
  auto [problem, n] = co_await http::async_read_header(stream, buffer, parser, kTell);
  auto request = std::make_shared<HttpRequest>();
  request->peer = peer;
  request->is_tls = std::is_same_v<Stream, Tls>;
  request->received = std::chrono::steady_clock::now();
  if (problem) {
    int status = 0;
    if (problem == http::error::header_limit) status = 431;
    else if (problem == beast::error::timeout) status = 408;
    else if (problem != http::error::end_of_stream && problem != http::error::partial_message && problem.category() == http::make_error_code(http::error::bad_value).category()) status = 400;
    if (status == 0) co_return false;
    const std::string code = status == 431 ? "header_too_large" : status == 408 ? "too_slow" : "malformed";
    const std::string words = status == 431 ? "the header is longer than " + std::to_string(settings.header_bytes) + " bytes"
                              : status == 408 ? "the header did not come within " + std::to_string(settings.header_s) + " s"
                                              : "the request is no HTTP: " + problem.message();
    is_unread = true;
    co_await send(stream, *request, application.refuse(*request, status, code, words), 11, false, false);
    co_return false;
  }
  fill(*request, parser.get());
  const unsigned version = parser.get().version();
  bool keep = parser.keep_alive() && !is_draining;
  const bool is_head = request->method == "HEAD";
  if (is_head) request->method = "GET";
  Application::Opening opening = application.open(*request);
  Room room(bodies, settings.bodies_bytes);   // until the answer is sent
  std::optional<HttpResponse> answer = std::move(opening.answer);
  if (answer) {
    keep = keep && (parser.is_done() || !parser.content_length().has_value() ? parser.is_done() : *parser.content_length() == 0);
  } else {
    parser.body_limit(opening.body_bytes);
    const std::uint64_t wanted = parser.is_done() ? 0 : parser.content_length().value_or(opening.body_bytes);
    if (wanted > kSmallBody && wanted <= opening.body_bytes && !room.reserve(wanted))
      answer = application.refuse(*request, 503, "busy", "too many long bodies are on their way already");
    else if (const auto length = parser.content_length(); length && *length > opening.body_bytes)
      answer = application.refuse(*request, 413, "too_large", "the body has " + std::to_string(*length) + " bytes, this path takes " + std::to_string(opening.body_bytes));
    else if (!parser.is_done() && !co_await read_body(stream, buffer, parser, *request, answer))
      co_return false;
    keep = keep && !answer;
  }
  is_unread = !parser.is_done();
  if (!answer) {
    request->body = std::move(parser.get().body());
    bottom(stream).expires_never();
    answer = co_await answer_of<HttpResponse>([this, &request](auto then) mutable {
      application.answer(request, Reply([then](HttpResponse response) mutable { then(std::move(response)); }));
    });
  }
  co_return co_await send(stream, *request, std::move(*answer), version, keep && !is_draining, is_head);
}

template <class Stream>
awaitable<bool> Server::State::send(Stream& stream, const HttpRequest& request, HttpResponse response, unsigned version, bool keep, bool is_head) {
  bottom(stream).expires_after(std::chrono::seconds(settings.write_s));
  const auto set_head = [&](auto& head) {
    head.version(version);
    head.result(static_cast<unsigned>(response.status));
    if (!response.type.empty()) head.set(http::field::content_type, response.type);
    if (!request.id.empty()) head.set("X-Request-Id", request.id);
    for (const auto& [name, value] : response.headers) head.insert(name, value);
    head.keep_alive(keep);
  };
  if (response.stream && !is_head && version >= 11) {
    http::response<http::empty_body> head;
    set_head(head);
    head.chunked(true);
    co_return co_await send_stream(stream, std::move(head), std::move(response.stream), keep);
  }
  http::response<http::string_body> message;
  set_head(message);
  const bool has_no_body = response.status == 204 || response.status == 304;
  if (is_head) {
    message.content_length(response.body.size());
  } else if (!has_no_body) {
    message.body() = std::move(response.body);
    message.prepare_payload();
  }
  http::response_serializer<http::string_body> serializer(message);
  boost::system::error_code problem;
  if (is_head || has_no_body) std::tie(problem, std::ignore) = co_await http::async_write_header(stream, serializer, kTell);
  else std::tie(problem, std::ignore) = co_await http::async_write(stream, serializer, kTell);
  co_return !problem && keep;
}

template <class Stream>
awaitable<bool> Server::State::send_stream(Stream& stream, http::response<http::empty_body> head, serve::Stream source, bool keep) {
  http::response_serializer<http::empty_body> serializer(head);
  {
    auto [problem, n] = co_await http::async_write_header(stream, serializer, kTell);
    if (problem) co_return false;
  }
  for (;;) {
    bottom(stream).expires_never();
    std::optional<std::string> piece = co_await answer_of<std::optional<std::string>>([&source](auto then) mutable {
      source([then](std::optional<std::string> next) mutable { then(std::move(next)); });
    });
    bottom(stream).expires_after(std::chrono::seconds(settings.write_s));
    if (!piece) break;
    if (piece->empty()) continue;
    auto [problem, n] = co_await asio::async_write(stream, http::make_chunk(asio::buffer(*piece)), kTell);
    if (problem) co_return false;
  }
  auto [problem, n] = co_await asio::async_write(stream, http::make_chunk_last(), kTell);
  co_return !problem && keep;
}

void Server::State::drain() {
  if (is_draining.exchange(true)) return;
  application.draining();
  boost::system::error_code ignored;
  acceptor.close(ignored);
  std::list<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex);
    waiting = idle;
  }
  for (const auto& close : waiting) close();
  deadline.expires_after(std::chrono::seconds(settings.drain_s));
  deadline.async_wait([this](boost::system::error_code problem) {
    if (!problem) io.stop();
  });
}

Server::Server(Application& application, const ServerSettings& settings) : state_(std::make_unique<State>(application, settings)) {
  rlimit files{};   // one a connection, and some for the store
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  state_->load_certificate();
  state_->bind();
}
Server::~Server() = default;

int Server::port() const { return state_->acceptor.local_endpoint().port(); }

std::string Server::url() const {
  const std::string host = state_->settings.host.find(':') == std::string::npos ? state_->settings.host : "[" + state_->settings.host + "]";
  return std::string(state_->tls ? "https://" : "http://") + host + ":" + std::to_string(port());
}

void Server::run() {
  State& state = *state_;
  state.signals.add(SIGINT);
  state.signals.add(SIGTERM);
  const auto on_signal = std::make_shared<std::function<void(boost::system::error_code, int)>>();
  *on_signal = [&state, again = std::weak_ptr(on_signal)](boost::system::error_code problem, int) {
    if (problem) return;
    if (state.is_draining) return state.io.stop();   // a second one: at once
    state.drain();
    if (const auto next = again.lock()) state.signals.async_wait(*next);
  };
  state.signals.async_wait(*on_signal);
  asio::co_spawn(state.io, state.accept(), asio::detached);
  std::vector<std::thread> others;
  for (int t = 1; t < state.settings.io_threads; ++t) others.emplace_back([&state] { state.io.run(); });
  // The signal set keeps the context running; when all is drained, it is let go.
  while (!state.io.stopped()) {
    state.io.run_for(state.is_draining ? kDrainLook : kCalmLook);
    if (state.is_draining && state.open == 0) state.io.stop();
  }
  for (std::thread& thread : others) thread.join();
}

void Server::stop() {
  asio::post(state_->io, [this] { state_->drain(); });
}

ServerCounts Server::counts() const { return {state_->open, state_->accepted, state_->turned_away}; }

}  // namespace attune::serve
