// A disk that can be told to fail: a SQLite file layer between the store and the real one. Only for tests of the store.
#pragma once
#include <sqlite3.h>

#include <csignal>
#include <cstring>
#include <map>
#include <string>

#include <unistd.h>

namespace attune::testing {

struct FaultyDisk {
  // The n-th write from here (from 1; 0 = never) is torn in the middle and the process killed.
  static inline int die_at_write = 0;
  // From the n-th write on the disk is full.
  static inline int full_at_write = 0;
  static inline int writes = 0;
  // Writes to the write-ahead log that no sync has followed.
  static inline int unsynced_log_writes = 0;

  static void heal() { die_at_write = full_at_write = writes = 0; }

  // From now on every file that SQLite opens in this process goes through here.
  static void install() {
    static bool is_installed = false;
    if (is_installed) return;
    is_installed = true;
    real() = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *real();
    vfs.zName = "faulty";
    vfs.xOpen = open;
    sqlite3_vfs_register(&vfs, 1);
  }

 private:
  static sqlite3_vfs*& real() {
    static sqlite3_vfs* vfs = nullptr;
    return vfs;
  }
  // The real methods by ours: a file keeps its real state, only its table of methods is exchanged.
  struct Methods {
    const sqlite3_io_methods* real;
    sqlite3_io_methods ours;
  };
  static std::map<const sqlite3_io_methods*, Methods>& tables() {
    static std::map<const sqlite3_io_methods*, Methods> all;
    return all;
  }
  static std::map<sqlite3_file*, const sqlite3_io_methods*>& files() {
    static std::map<sqlite3_file*, const sqlite3_io_methods*> all;
    return all;
  }
  static std::map<sqlite3_file*, bool>& logs() {
    static std::map<sqlite3_file*, bool> all;
    return all;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int status = real()->xOpen(real(), name, file, flags, out);
    if (status != SQLITE_OK || file->pMethods == nullptr) return status;
    auto [at, is_new] = tables().try_emplace(file->pMethods, Methods{file->pMethods, *file->pMethods});
    if (is_new) {
      at->second.ours.xWrite = write;
      at->second.ours.xSync = sync;
    }
    files()[file] = file->pMethods;
    logs()[file] = (flags & SQLITE_OPEN_WAL) != 0;
    file->pMethods = &at->second.ours;
    return status;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    ++writes;
    if (die_at_write != 0 && writes >= die_at_write) {
      files()[file]->xWrite(file, data, size / 2, offset);
      ::kill(::getpid(), SIGKILL);
    }
    if (full_at_write != 0 && writes >= full_at_write) return SQLITE_FULL;
    if (logs()[file]) ++unsynced_log_writes;
    return files()[file]->xWrite(file, data, size, offset);
  }

  static int sync(sqlite3_file* file, int flags) {
    if (logs()[file]) unsynced_log_writes = 0;
    return files()[file]->xSync(file, flags);
  }
};

}  // namespace attune::testing
