// HTTP values: escapes, queries, gzip.
#include "attune/serve/http.h"

#include <zlib.h>

#include <atomic>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr char kHex[] = "0123456789abcdef";
constexpr int kGzipWindow = 15 + 16;   // zlib's way of asking for a gzip header

}  // namespace

std::string_view name(Role role) noexcept {
  switch (role) {
    case Role::none: return "none";
    case Role::read: return "read";
    case Role::write: return "write";
    case Role::admin: return "admin";
  }
  return "none";
}

std::string_view HttpRequest::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

const std::string& HttpRequest::param(std::string_view name) const {
  for (const auto& [key, value] : params)
    if (key == name) return value;
  throw Error(Code::internal, "the route's pattern has no {" + std::string(name) + "}");
}

const std::string* HttpRequest::query_value(std::string_view name) const noexcept {
  for (const auto& [key, value] : query)
    if (key == name) return &value;
  return nullptr;
}

HttpResponse json_response(int status, const Json& json) {
  HttpResponse response;
  response.status = status;
  response.body = json.dump() + "\n";
  return response;
}

struct Reply::Once {
  std::function<void(HttpResponse)> send;
  std::atomic<bool> is_done{false};
  ~Once() {
    if (!is_done) send(to_response(Refusal(500, "internal", "the request was dropped on our side"), HttpRequest{}));
  }
};

Reply::Reply(std::function<void(HttpResponse)> send) : once_(std::make_shared<Once>()) { once_->send = std::move(send); }

void Reply::operator()(HttpResponse response) const {
  if (!once_->is_done.exchange(true)) once_->send(std::move(response));
}

std::string unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool is_plain = is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) out += c;
    else {
      out += '%';
      out += kHex[u >> 4];
      out += kHex[u & 15];
    }
  }
  return out;
}

Pairs parse_query(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    pairs.emplace_back(unescape(part.substr(0, equals), true), equals < part.size() ? unescape(part.substr(equals + 1), true) : std::string());
  }
  return pairs;
}

std::string gzipped(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw Error(Code::internal, "zlib cannot begin");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw Error(Code::internal, "zlib did not come to an end");
  return out;
}

std::string gunzipped(std::string_view bytes, std::size_t most) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw Error(Code::internal, "zlib cannot begin");
  std::string out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int status = Z_OK;
  char piece[1 << 16];
  while (status == Z_OK && out.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
    if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) break;
  }
  inflateEnd(&stream);
  if (out.size() > most) throw Refusal(413, "too_large", "the body unpacks to more than " + std::to_string(most) + " bytes", "", "send it in parts");
  if (status != Z_STREAM_END) throw Refusal(400, "bad_gzip", "the body says gzip but is not, or was cut off", "Content-Encoding", "send it as it is, or gzip it whole");
  return out;
}

}  // namespace attune::serve
