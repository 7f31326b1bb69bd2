// SPDX-License-Identifier: Apache-2.0
// mm-case: gives one test of the kernel's mm selftests what it needs, runs it, and takes it away again.
//
//   mm-case [--with FILE]… [--write FILE=TEXT]… [--write-existing FILE=TEXT]… [--swap DEVICE] [--ext4 DEVICE=DIRECTORY]
//           [--tmpfs OPTIONS=DIRECTORY] [--in DIRECTORY] [--user UID] [--orphans] PROGRAM ARGUMENT…
//
// --write-existing does nothing on a kernel without that file.
// --with names a file without which the test cannot run: ktest leaves the case out where the tree's tests lack it.
// --orphans also waits for what the program leaves behind, and ends as the first of them that failed.
// Ends as the program ended, by the same exit code or signal; 99 when it is itself that failed, 64 for wrong usage.
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child/child.h"
#include "prepare.h"

void give_up(const char *what, const char *with) {
  fprintf(stderr, "mm-case: %s %s: %s\n", what, with, strerror(errno));
  exit(OWN_FAILURE);
}

static _Noreturn void usage(void) {
  fprintf(stderr,
          "usage: mm-case [--with FILE] [--write FILE=TEXT] [--write-existing FILE=TEXT] [--swap DEVICE]\n"
          "               [--ext4 DEVICE=DIRECTORY] [--tmpfs OPTIONS=DIRECTORY] [--in DIRECTORY] [--user UID] [--orphans] PROGRAM\n"
          "               ARGUMENT...\n");
  exit(64);
}

static _Noreturn void become(char *const program[], const char *directory, long user) {
  if (directory && chdir(directory)) give_up("chdir", directory);
  if (user >= 0 && (setgroups(0, NULL) || setgid((gid_t)user) || setuid((uid_t)user))) give_up("setuid", program[0]);
  execvp(program[0], program);
  give_up("start", program[0]);
}

// Returns the status, or that of the first orphan that failed. A test may have killed children of its own.
static int wait_for_orphans(int status) {
  for (int other;;) {
    if (wait(&other) < 0) {
      if (errno == EINTR) continue;
      return status;
    }
    int is_killed = WIFSIGNALED(other) && WTERMSIG(other) == SIGKILL;
    if (status == 0 && other != 0 && !is_killed) status = other;
  }
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {
      {"write", required_argument, NULL, 'w'}, {"swap", required_argument, NULL, 's'},
      {"ext4", required_argument, NULL, 'e'},  {"in", required_argument, NULL, 'i'},
      {"user", required_argument, NULL, 'u'},  {"tmpfs", required_argument, NULL, 't'},
      {"with", required_argument, NULL, 'f'},  {"orphans", no_argument, NULL, 'o'},
      {"write-existing", required_argument, NULL, 'x'}, {0}};
  const char *directory = NULL;
  long user = -1;
  int orphans = 0;
  for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
    if (option == 'w' || option == 'x')
      change_setting(optarg, option == 'x');
    else if (option == 's')
      start_swap(optarg);
    else if (option == 'e')
      mount_ext4(optarg);
    else if (option == 't')
      mount_tmpfs(optarg);
    else if (option == 'i')
      directory = optarg;
    else if (option == 'f') {
      if (access(optarg, F_OK)) give_up("find", optarg);
    } else if (option == 'o')
      orphans = 1;
    else if (option == 'u')
      user = strtol(optarg, NULL, 10);
    else
      usage();
  }
  if (optind >= argc) usage();
  if (orphans && prctl(PR_SET_CHILD_SUBREAPER, 1)) give_up("adopt children of", argv[optind]);
  pid_t child = fork();
  if (child < 0) give_up("fork for", argv[optind]);
  if (child == 0) become(argv + optind, directory, user);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) give_up("wait for", argv[optind]);
  if (orphans) status = wait_for_orphans(status);
  release_disks();
  restore_settings();
  return end_as(status);
}
