// SPDX-License-Identifier: Apache-2.0
// KTAP version 1 on standard output, one child process a subtest.
// Format: Documentation/dev-tools/ktap.rst of the Linux kernel.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum outcome { PASS = 0, FAIL = 1, SKIP = 4 };

struct subtest {
  const char *name;
  enum outcome (*body)(void *context);
};

// Prints the version line and the plan.
void ktap_begin(size_t planned);

// Runs the body in a child process of its own and prints its result line, so that a body that dies of a signal or
// hangs longer than `seconds` is one failed subtest and the others still run. Returns the outcome.
enum outcome ktap_run(const struct subtest *subtest, void *context, unsigned seconds);

// Prints "Bail out!" with the reason. No subtest may follow.
void ktap_bail_out(const char *reason);

// One diagnostic line, "# …".
void diagnose(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A measurement for ktest, "# metric NAME VALUE UNIT lower|higher"; `better` says which way is an improvement.
void metric(const char *name, double value, const char *unit, const char *better);

// Notes the reason for the result line and returns SKIP.
enum outcome skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Says what was expected and ends the body with FAIL, unless the condition holds.
#define CHECK(condition, ...)                       \
  do {                                              \
    if (!(condition)) {                             \
      diagnose("%s:%d: expected %s", __FILE_NAME__, __LINE__, #condition); \
      diagnose("  " __VA_ARGS__);                   \
      return FAIL;                                  \
    }                                               \
  } while (0)

// Ends the body with what the call came to, unless it passed, and says where it was called.
#define TRY(call)                                                                        \
  do {                                                                                   \
    enum outcome came_to = (call);                                                       \
    if (came_to == FAIL) diagnose("  from %s:%d: %s", __FILE_NAME__, __LINE__, #call);   \
    if (came_to != PASS) return came_to;                                                 \
  } while (0)
