// SPDX-License-Identifier: Apache-2.0
#include "ktap.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t number;
// Shared with the children: the child knows why it skips, the parent prints it.
static char *skip_reason;
enum { REASON_SIZE = 256 };

void ktap_begin(size_t planned) {
  skip_reason = mmap(NULL, REASON_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (skip_reason == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("KTAP version 1\n1..%zu\n", planned);
}

void ktap_bail_out(const char *reason) { printf("Bail out! %s\n", reason); }

void diagnose(const char *format, ...) {
  va_list arguments;
  char line[512];
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  printf("# %s\n", line);
  fflush(stdout);
}

void metric(const char *name, double value, const char *unit, const char *better) {
  diagnose("metric %s %.3f %s %s", name, value, unit, better);
}

enum outcome skip(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(skip_reason, REASON_SIZE, format, arguments);
  va_end(arguments);
  return SKIP;
}

static enum outcome judge(int status, unsigned seconds) {
  if (WIFSIGNALED(status)) {
    if (WTERMSIG(status) == SIGALRM)
      diagnose("no end after %u s", seconds);
    else
      diagnose("killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return FAIL;
  }
  int code = WEXITSTATUS(status);
  return code == PASS ? PASS : code == SKIP ? SKIP : FAIL;
}

enum outcome ktap_run(const struct subtest *subtest, void *context, unsigned seconds) {
  skip_reason[0] = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    alarm(seconds);
    enum outcome outcome = subtest->body(context);
    fflush(stdout);
    _exit((int)outcome);
  }
  int status = 0;
  enum outcome outcome = FAIL;
  if (child < 0) {
    diagnose("fork: %s", strerror(errno));
  } else {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
      ;
    kill(-child, SIGKILL);  // what the body may have left behind
    outcome = judge(status, seconds);
  }
  printf("%s %zu %s", outcome == FAIL ? "not ok" : "ok", ++number, subtest->name);
  printf(outcome == SKIP ? " # SKIP %s\n" : "\n", skip_reason);
  return outcome;
}
