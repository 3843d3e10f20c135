#include "attune/serve/access.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "attune/core/error.h"
#include "attune/serve/door.h"
#include "attune/serve/secrets.h"
#include "attune/serve/session_cookie.h"

namespace attune::serve {
namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/attune-access-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string bytes_in(const std::filesystem::path& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    all += text.str();
  }
  return all;
}

TEST(Secrets, are_unlike_each_other_and_kept_as_hashes_only) {
  const std::string a = random_secret(), b = random_secret();
  EXPECT_EQ(a.size(), 64u);
  EXPECT_NE(a, b);
  // BLAKE2b-256 of the empty text, as RFC 7693's reference code gives it
  EXPECT_EQ(digest(""), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_NE(derived(a, "csrf"), derived(b, "csrf"));
  EXPECT_NE(derived(a, "csrf"), derived(a, "other"));
}

TEST(Secrets, a_password_is_known_by_its_argon2id_hash_alone) {
  const std::string hash = password_hash("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(is_password(hash, "correct horse"));
  EXPECT_FALSE(is_password(hash, "correct horsf"));
  EXPECT_NE(hash, password_hash("correct horse"));   // salted
  EXPECT_FALSE(is_password(nobodys_hash(), ""));
}

TEST(Access, neither_keys_nor_passwords_nor_sessions_are_in_its_files_and_only_the_owner_reads_them) {
  const Folder folder;
  Access access(Access::path_in(folder.path));
  const std::string secret = access.create_key("shop", Role::write, parse_rate("10/s"), 1);
  access.set_login("ana", Role::admin, "correct horse", 1);
  const std::string token = access.open_session("ana", 1, 1000);
  const std::string bytes = bytes_in(folder.path);
  EXPECT_NE(bytes.find("shop"), std::string::npos);
  EXPECT_NE(bytes.find(digest(secret)), std::string::npos);
  EXPECT_EQ(bytes.find(secret), std::string::npos);
  EXPECT_EQ(bytes.find(secret.substr(20)), std::string::npos);
  EXPECT_EQ(bytes.find("correct horse"), std::string::npos);
  EXPECT_EQ(bytes.find(token), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077, 0u) << entry.path();
  }
}

TEST(Access, a_key_can_be_found_by_its_digest_until_revoked_and_its_name_taken_again) {
  const Folder folder;
  Access access(Access::path_in(folder.path));
  const std::string first = access.create_key("shop", Role::read, {}, 5);
  EXPECT_THROW(access.create_key("shop", Role::read, {}, 6), Error);
  ASSERT_EQ(access.keys().size(), 1u);
  EXPECT_EQ(access.keys()[0].digest, digest(first));
  EXPECT_TRUE(first.starts_with(access.keys()[0].begins));
  EXPECT_TRUE(access.revoke_key("shop", 7));
  EXPECT_FALSE(access.revoke_key("shop", 8));
  EXPECT_EQ(access.keys()[0].revoked_ms, 7);
  EXPECT_NE(access.create_key("shop", Role::admin, {}, 9), first);
}

TEST(Access, refuses_names_and_passwords_that_cannot_be) {
  const Folder folder;
  Access access(Access::path_in(folder.path));
  for (const char* name : {"", "two words", "a/b", "a\n", "'; DROP TABLE keys"}) EXPECT_THROW(access.create_key(name, Role::read, {}, 1), Error) << name;
  EXPECT_THROW(access.create_key(std::string(65, 'a'), Role::read, {}, 1), Error);
  EXPECT_THROW(access.set_login("ana", Role::read, "short", 1), Error);
  access.create_key("shop", Role::read, {}, 1);
  EXPECT_THROW(access.set_login("shop", Role::read, "long enough", 1), Error);
  access.set_login("ana", Role::read, "long enough", 1);
  EXPECT_THROW(access.create_key("ana", Role::read, {}, 1), Error);
  EXPECT_THROW(parse_role("root"), Error);
}

TEST(Access, a_new_password_ends_the_sessions_of_the_old_one) {
  const Folder folder;
  Access access(Access::path_in(folder.path));
  access.set_login("ana", Role::read, "long enough", 1);
  access.open_session("ana", 1, 100);
  EXPECT_EQ(access.sessions(50).size(), 1u);
  EXPECT_EQ(access.sessions(100).size(), 0u);   // over
  access.set_login("ana", Role::read, "longer than that", 2);
  EXPECT_EQ(access.sessions(50).size(), 0u);
}

TEST(Access, the_audit_log_is_read_newest_first_page_by_page) {
  const Folder folder;
  Access access(Access::path_in(folder.path));
  std::vector<AuditEntry> entries;
  for (int i = 1; i <= 5; ++i) entries.push_back({.time_ms = i, .who = "ana", .action = "step " + std::to_string(i)});
  access.note(entries);
  const auto first = access.audit(3);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].action, "step 5");
  const auto rest = access.audit(3, first[2].number);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[1].action, "step 1");
}

TEST(Access, a_file_of_a_newer_version_is_left_alone) {
  const Folder folder;
  { Access access(Access::path_in(folder.path)); }
  {
    data::Connection later(Access::path_in(folder.path).string(), 1000);
    later.execute("PRAGMA user_version=99");
  }
  try {
    Access access(Access::path_in(folder.path));
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported);
  }
}

TEST(Door, stands_open_on_loopback_until_the_first_key_and_never_again) {
  const Folder folder;
  Door door(folder.path, {}, [] { return std::int64_t{1000}; });
  EXPECT_TRUE(door.is_open());
  EXPECT_EQ(door.open_role(), Role::write);
  const std::string secret = door.access().create_key("me", Role::admin, {}, 1);
  door.renew();
  EXPECT_FALSE(door.is_open());
  ASSERT_TRUE(door.holder(secret));
  EXPECT_EQ(door.holder(secret)->principal.role, Role::admin);
  EXPECT_FALSE(door.holder(secret + "0"));
  EXPECT_FALSE(door.holder(digest(secret)));   // who steals the file has no key
  door.access().revoke_key("me", 2);
  door.renew();
  EXPECT_FALSE(door.holder(secret));
  EXPECT_FALSE(door.is_open());
  Door again(folder.path, {}, [] { return std::int64_t{1000}; });
  EXPECT_FALSE(again.is_open());
}

ServeSettings at(const std::string& host) {
  ServeSettings settings;
  settings.host = host;
  return settings;
}

TEST(Door, other_addresses_than_loopback_need_keys) {
  const Folder folder;
  EXPECT_NO_THROW(check_door(folder.path, {}));
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "shop.example"}) EXPECT_THROW(check_door(folder.path, at(host)), Error) << host;
  { Access(Access::path_in(folder.path)).create_key("me", Role::admin, {}, 1); }
  EXPECT_NO_THROW(check_door(folder.path, at("0.0.0.0")));
  ServeSettings open;
  open.open_admin = true;
  EXPECT_THROW(check_door(folder.path, open), Error);
  EXPECT_TRUE(is_loopback("127.8.8.8"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("localhost.evil.example"));
}

TEST(Door, a_login_ends_with_log_out_and_a_changed_rate_keeps_the_bucket_of_the_key) {
  const Folder folder;
  Door door(folder.path, {}, [] { return std::int64_t{1000}; });
  door.access().set_login("ana", Role::write, "correct horse", 1);
  const std::string secret = door.access().create_key("shop", Role::read, parse_rate("5/h"), 1);
  door.renew();
  const auto bucket = door.holder(secret)->bucket;
  ASSERT_TRUE(bucket);
  EXPECT_FALSE(door.log_in("ana", "wrong horse", "here"));
  EXPECT_FALSE(door.log_in("nobody", "correct horse", "here"));
  const auto entered = door.log_in("ana", "correct horse", "here");
  ASSERT_TRUE(entered);
  ASSERT_TRUE(door.visitor(entered->token));
  EXPECT_EQ(door.visitor(entered->token)->principal.role, Role::write);
  EXPECT_EQ(door.holder(secret)->bucket, bucket);   // a login elsewhere does not fill it again
  door.log_out(digest(entered->token));
  EXPECT_FALSE(door.visitor(entered->token));
}

TEST(SessionCookie, is_found_among_others_and_hidden_from_scripts) {
  const std::string token(64, 'a');
  HttpRequest request;
  request.headers = {{"cookie", "theme=dark; attune_session=" + token + "; x=y"}};
  EXPECT_EQ(session_token(request), token);
  for (const std::string& cookie : {std::string("attune_session="), "xattune_session=" + token, "attune_session=" + token + "a", std::string(";;; =;")}) {
    request.headers = {{"cookie", cookie}};
    EXPECT_FALSE(session_token(request)) << cookie;
  }
  EXPECT_EQ(session_cookie("t", true, 5), "attune_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=5; Secure");
  EXPECT_EQ(session_cookie("t", false, 5).find("Secure"), std::string::npos);
}

}  // namespace
}  // namespace attune::serve
