// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exercise.h"

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

bool read_number(const char *path, uint64_t *value) {
  char text[64], *end;
  if (!read_text(path, text, sizeof text)) return false;
  errno = 0;
  *value = strtoull(text, &end, 0);
  return end != text && !errno;
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

bool wait_for(bool (*condition)(void *), void *context, unsigned milliseconds) {
  const unsigned step = 5;
  for (unsigned waited = 0; !condition(context); waited += step) {
    if (waited >= milliseconds) return false;
    nanosleep(&(struct timespec){.tv_nsec = step * 1000 * 1000}, NULL);
  }
  return true;
}
