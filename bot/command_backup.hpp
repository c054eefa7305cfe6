// command_backup: `steady backup FILE` and `steady restore FILE`: one file with the database, as of one moment while
// the service runs on, and the keys that open it. It is encrypted, so it may lie where the machine's own keys may not.
// The file: "steady-backup 1\n", a salt (16 bytes), a header (24), then messages of XChaCha20-Poly1305 as libsodium's
// secretstream makes them, each before it its length (4 bytes, little endian); the first says in JSON what follows, the
// last is marked as the last: what was cut off, changed or put in another order does not open. The key of it: Argon2id
// over the passphrase and the salt. The passphrase: the first line of --passphrase-file, else of
// $CREDENTIALS_DIRECTORY/steady-backup (systemd).
// A backup is read back whole before it gets its name; a restore writes nothing over what is there.
// Exit status: 0 done, 1 nothing was made. Threads: one. Tested by tests/bot/backup_test.cpp.
// Source: doc.libsodium.org/secret-key_cryptography/secretstream (1.0.18); sqlite.org/lang_vacuum.html#vacuuminto.
#pragma once
#include <filesystem>

namespace bot {

inline constexpr const char* kLastBackup = "last-backup";  // in the data folder: written when one was made

struct BackupOptions {
  std::filesystem::path data = "data";
  std::filesystem::path file;
  std::filesystem::path passphrase_file;
};

int backup(const BackupOptions& options);
int restore(const BackupOptions& options);

}  // namespace bot
