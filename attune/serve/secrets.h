// Secrets: keys, passwords and tokens: made here, told apart by what is kept of them. The library behind is libsodium.
#pragma once
#include <string>
#include <string_view>

namespace attune::serve {

// 256 bits from the system, 64 hex digits.
std::string random_secret();

// What is kept of a key or a session: BLAKE2b-256, hex. A plain fast hash is right here and would be wrong for passwords: these
// secrets are 256 random bits, so nobody can try them all, slow hash or not, and a service asks this for every request.
std::string digest(std::string_view secret);
// Another value that only who holds `secret` can make: `purpose` tells several apart.
std::string derived(std::string_view secret, std::string_view purpose);
bool same(std::string_view a, std::string_view b) noexcept;   // in constant time for one length

// argon2id, 64 MiB, about 0.1 s of one core: passwords are guessable, so guessing must cost. Throws Error: io without the memory.
std::string password_hash(std::string_view password);
bool is_password(std::string_view hash, std::string_view password);
// A hash that no password has: checking against it takes as long as against a real one.
const std::string& nobodys_hash();

}  // namespace attune::serve
