// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "settings.h"

enum { MOST = 256, TEXT = 256 };
static struct setting {
  char *path;
  char before[TEXT];
} settings[MOST];
static size_t count;

// Returns 0 for what is no setting: a trigger, which can only be written, and what is too long.
static int get(const char *path, char *text) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, TEXT);
  close(file);
  if (length <= 0 || length == TEXT) return 0;
  text[length] = 0;
  text[strcspn(text, "\n")] = 0;
  return 1;
}

static int put(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = (ssize_t)strlen(text);
  int is_put = write(file, text, (size_t)length) == length;
  close(file);
  return is_put;
}

void note_settings(void) {
  glob_t found;
  if (glob("/proc/sys/vm/*", 0, NULL, &found)) return;
  for (size_t place = 0; place < found.gl_pathc && count < MOST; place++) {
    const char *path = found.gl_pathv[place];
    struct stat status;
    // The pool of hugetlb pages shrinks by itself, and a test may need what another one has left.
    if (strstr(path, "hugepages") || strstr(path, "stat_refresh")) continue;
    if (stat(path, &status) || (status.st_mode & 0600) != 0600) continue;
    settings[count].path = strdup(path);
    if (settings[count].path && get(path, settings[count].before)) count++;
  }
  globfree(&found);
}

void restore_settings(void) {
  for (size_t place = 0; place < count; place++) {
    char now[TEXT];
    const struct setting *one = &settings[place];
    if (!get(one->path, now) || strcmp(now, one->before) == 0) continue;
    const char *word = put(one->path, one->before) ? "is restored to" : "cannot be restored to";
    fprintf(stderr, "run-test: the test left %s at %s; it %s %s\n", one->path, now, word, one->before);
  }
}
