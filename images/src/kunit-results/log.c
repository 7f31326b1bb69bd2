// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kunit.h"

// What the log has said of the suite that is running.
struct running {
  char name[NAME], module[NAME];
};

static void take(struct suites *suites, struct running *running, const char *text) {
  char name[NAME];
  // A suite's header has one level of indentation, its tests have two.
  if (sscanf(text, "    # Subtest: %255[^\n]", name) == 1 && text[4] == '#') {
    *running = (struct running){0};
    snprintf(running->name, sizeof running->name, "%s", name);
    return;
  }
  if (text[0] == ' ' && sscanf(text, "    # module: %255s", running->module) == 1) return;
  enum result result = read_result(text, name);
  if (result == UNKNOWN || strcmp(name, running->name)) return;
  struct suite *suite = suite_named(suites, name);
  if (!suite) return;
  suite->in_log = result;
  if (running->module[0]) memcpy(suite->module, running->module, sizeof suite->module);
  *running = (struct running){0};
}

int read_log(struct suites *suites) {
  int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (log < 0) return -1;
  struct running running = {0};
  char record[8192 + 1];
  bool first = true;
  for (;;) {
    ssize_t length = read(log, record, sizeof record - 1);
    if (length < 0 && errno == EPIPE) {
      suites->log_overflowed = true;
      continue;
    }
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) break;
    record[length] = 0;
    unsigned priority;
    unsigned long long sequence;
    char *text = strchr(record, ';');
    if (!text || sscanf(record, "%u,%llu", &priority, &sequence) != 2) continue;
    if (first && sequence > 0) suites->log_overflowed = true;
    first = false;
    // The facility of the kernel is 0; programs have another.
    if (priority >> 3) continue;
    text[strcspn(text, "\n")] = 0;
    take(suites, &running, text + 1);
  }
  int error = errno;
  close(log);
  errno = error;
  return error == EAGAIN ? 0 : -1;
}
