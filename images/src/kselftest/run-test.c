// SPDX-License-Identifier: Apache-2.0
// run-test: runs one test of the kernel's selftests as upstream's runner does.
//
//   run-test PATH ARGUMENT…
//
// The test starts in its own folder. Upstream reads its output through a pipe, up to the end: so a test whose first process
// ends early goes on until the last one has ended that can still write (protection_keys). This waits in the same way,
// but not for a process that only stays in the background: after a minute without a word it is left behind.
// What the test leaves changed in /proc/sys/vm is restored, and said.
// Ends as the test ended, by the same exit code or signal; 126 or 127 if it cannot be started, as a shell does; 99 when it is
// itself that failed, 64 for wrong usage.
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child/child.h"
#include "settings.h"

#define OWN_FAILURE 99
#define PATIENCE_MS 60000

static volatile sig_atomic_t has_ended;

static void note_end(int signal) {
  (void)signal;
  has_ended = 1;
}

static _Noreturn void give_up(const char *what, const char *with) {
  fprintf(stderr, "run-test: %s %s: %s\n", what, with, strerror(errno));
  exit(OWN_FAILURE);
}

static void pass_on(const char *bytes, ssize_t count) {
  while (count > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, (size_t)count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) give_up("write to", "stdout");
    bytes += written;
    count -= written;
  }
}

// Copies what the test says, until nobody can say more.
static void copy(int from, const sigset_t *unblocked) {
  static char bytes[65536];
  for (;;) {
    struct pollfd entry = {.fd = from, .events = POLLIN};
    struct timespec patience = {.tv_sec = PATIENCE_MS / 1000};
    int ready = ppoll(&entry, 1, has_ended ? &patience : NULL, unblocked);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) give_up("wait for", "the test");
    if (ready == 0) return;
    ssize_t count = read(from, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    pass_on(bytes, count);
  }
}

int main(int argc, char *argv[]) {
  if (argc < 2) {
    fprintf(stderr, "usage: run-test PATH ARGUMENT...\n");
    return 64;
  }
  int ends[2];
  if (pipe(ends)) give_up("make", "a pipe");
  // A child's end is noticed only while nothing is read, so that it cannot be missed.
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  struct sigaction action = {.sa_handler = note_end, .sa_flags = SA_NOCLDSTOP};
  sigaction(SIGCHLD, &action, NULL);
  note_settings();
  pid_t child = fork();
  if (child < 0) give_up("fork for", argv[1]);
  if (child == 0) {
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    char *path = strdup(argv[1]);
    if (!path || chdir(dirname(path))) give_up("change to the folder of", argv[1]);
    if (dup2(ends[1], STDOUT_FILENO) < 0) give_up("connect", argv[1]);
    close(ends[0]);
    close(ends[1]);
    execvp(argv[1], argv + 1);
    fprintf(stderr, "run-test: start %s: %s\n", argv[1], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
  }
  close(ends[1]);
  sigset_t unblocked = before;
  sigdelset(&unblocked, SIGCHLD);
  copy(ends[0], &unblocked);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) give_up("wait for", argv[1]);
  restore_settings();
  return end_as(status);
}
