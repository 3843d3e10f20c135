// Secrets: see the header.
#include "attune/serve/secrets.h"

#include <sodium.h>

#include <array>

#include "attune/core/error.h"

namespace attune::serve {
namespace {

constexpr std::size_t kBytes = 32;
using Bytes = std::array<unsigned char, kBytes>;

void ready() {
  static const bool is_ready = sodium_init() >= 0;   // also safe when somebody else did it
  if (!is_ready) throw Error(Code::internal, "libsodium cannot be started");
}

std::string hex(const Bytes& bytes) {
  std::string text(kBytes * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string blake2b(std::string_view text, std::string_view key) {
  ready();
  Bytes out;
  crypto_generichash(out.data(), out.size(), bytes_of(text), text.size(), key.empty() ? nullptr : bytes_of(key), key.size());
  return hex(out);
}

}  // namespace

std::string random_secret() {
  ready();
  Bytes bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return hex(bytes);
}

std::string digest(std::string_view secret) { return blake2b(secret, ""); }
std::string derived(std::string_view secret, std::string_view purpose) { return blake2b(purpose, secret.substr(0, crypto_generichash_KEYBYTES_MAX)); }

bool same(std::string_view a, std::string_view b) noexcept { return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string password_hash(std::string_view password) {
  ready();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Error(Code::io, "not enough memory to hash a password (64 MiB)");
  return out.data();
}

bool is_password(std::string_view hash, std::string_view password) {
  ready();
  return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) == 0;
}

const std::string& nobodys_hash() {
  static const std::string hash = password_hash(random_secret());
  return hash;
}

}  // namespace attune::serve
