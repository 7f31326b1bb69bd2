// SPDX-License-Identifier: Apache-2.0
// What a kernel knows of the KUnit suites that it has run.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SUITES = 1024, NAME = 256 };

enum result { UNKNOWN, OK, NOT_OK };

struct suite {
  char name[NAME];
  // The module that the suite belongs to, also if that is built in; empty if the kernel does not say.
  char module[NAME];
  enum result in_debugfs, in_log;
  // The lines of debugfs between the outer plan and the outer result, with their indentation; NULL if there are none.
  char *body;
};

struct suites {
  struct suite list[SUITES];
  size_t count;
  // Whether the log's oldest records are lost.
  bool log_overflowed;
};

// The suite of this name, which is added if it is not there; NULL if there are too many.
struct suite *suite_named(struct suites *suites, const char *name);

// Reads /sys/kernel/debug/kunit/*/results. 0, or -1 with errno.
int read_debugfs(struct suites *suites);

// Reads the kernel's own lines of /dev/kmsg. 0, or -1 with errno.
int read_log(struct suites *suites);

// Takes "ok 3 name" or "not ok 3 name # reason" apart; UNKNOWN if the line is something else. `name` has NAME bytes.
enum result read_result(const char *line, char *name);
