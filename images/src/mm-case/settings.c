// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "prepare.h"

enum { MOST = 16, TEXT = 256 };
static struct setting {
  const char *path;
  char before[TEXT];
} settings[MOST];
static int count;

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t length = (ssize_t)strlen(text);
  if (file < 0 || write(file, text, (size_t)length) != length) give_up(text, path);
  close(file);
}

// "always [madvise] never" is a choice of which madvise is taken.
static void get(const char *path, char *text) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, TEXT - 1);
  if (length < 0) give_up("read", path);
  close(file);
  text[length] = 0;
  text[strcspn(text, "\n")] = 0;
  char *open_bracket = strchr(text, '['), *close_bracket = open_bracket ? strchr(open_bracket, ']') : NULL;
  if (!close_bracket) return;
  *close_bracket = 0;
  memmove(text, open_bracket + 1, strlen(open_bracket + 1) + 1);
}

void change_setting(char *assignment, int may_be_absent) {
  char *value = strchr(assignment, '=');
  if (!value || count == MOST) {
    errno = EINVAL;
    give_up("--write", assignment);
  }
  *value++ = 0;
  if (may_be_absent && access(assignment, F_OK) && errno == ENOENT) return;
  settings[count].path = assignment;
  get(assignment, settings[count].before);
  put(assignment, value);
  count++;
}

void restore_settings(void) {
  while (count > 0) {
    count--;
    put(settings[count].path, settings[count].before);
  }
}
