// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "thp.h"

bool read_text(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length < 0) return false;
  text[length] = 0;
  text[strcspn(text, "\n")] = 0;
  return true;
}

bool write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  size_t length = strlen(text);
  bool done = write(file, text, length) == (ssize_t)length;
  int error = errno;
  close(file);
  errno = error;
  return done;
}

bool vmstat(const char *name, uint64_t *value) {
  // Processors keep small changes to themselves; writing adds them up. Kernels without the file do so every second.
  write_text("/proc/sys/vm/stat_refresh", "1");
  FILE *lines = fopen("/proc/vmstat", "r");
  char line[128], word[100];
  bool found = false;
  while (lines && !found && fgets(line, sizeof line, lines))
    found = sscanf(line, "%99s %" SCNu64, word, value) == 2 && !strcmp(word, name);
  if (lines) fclose(lines);
  if (!found) diagnose("no %s in /proc/vmstat", name);
  return found;
}

bool grew(const char *name, uint64_t before, uint64_t by, bool exactly) {
  uint64_t now;
  if (!vmstat(name, &now)) return false;
  bool good = exactly ? now - before == by : now - before >= by;
  if (!good) diagnose("%s: %" PRIu64 " more, not %" PRIu64, name, now - before, by);
  return good;
}
