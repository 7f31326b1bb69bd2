// SPDX-License-Identifier: Apache-2.0
// with-setup: what a shell script around a test would do first, then the test itself, in the same process.
//
//   with-setup [--write FILE=TEXT]… [--xfs DEVICE=DIRECTORY] -- PROGRAM [ARGUMENT]…
//
// --write  writes TEXT into an existing file, of sysfs for example; --xfs makes an XFS on the device and mounts it.
// Exit code: the program's; 64 usage; 125 when a step failed; 127 when the program could not be started.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: with-setup [--write FILE=TEXT]... [--xfs DEVICE=DIRECTORY] -- PROGRAM [ARGUMENT]...\n");
  exit(64);
}

static _Noreturn void failed(const char *step, const char *what) {
  fprintf(stderr, "with-setup: %s %s: %s\n", step, what, strerror(errno));
  exit(125);
}

// Cuts "left=right" in two; the right part.
static char *cut(char *text) {
  char *equals = strchr(text, '=');
  if (!equals || equals == text || !equals[1]) usage();
  *equals = 0;
  return equals + 1;
}

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t length = (ssize_t)strlen(text);
  if (file < 0 || write(file, text, (size_t)length) != length || close(file)) failed("write", path);
}

static void make_xfs(const char *device, const char *directory) {
  pid_t child = fork();
  int status = 0;
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);  // standard output is the test's
    execl("/sbin/mkfs.xfs", "mkfs.xfs", "-q", "-f", device, (char *)NULL);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) < 0) failed("mkfs.xfs", device);
  if (status) {
    fprintf(stderr, "with-setup: mkfs.xfs %s: status %#x\n", device, (unsigned)status);
    exit(125);
  }
  if (mkdir(directory, 0755) && errno != EEXIST) failed("mkdir", directory);
  if (mount(device, directory, "xfs", 0, NULL)) failed("mount", directory);
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {
      {"write", required_argument, NULL, 'w'}, {"xfs", required_argument, NULL, 'x'}, {0}};
  for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
    if (option != 'w' && option != 'x') usage();
    char *right = cut(optarg);
    if (option == 'w') write_file(optarg, right);
    else make_xfs(optarg, right);
  }
  if (optind >= argc) usage();
  execv(argv[optind], argv + optind);
  fprintf(stderr, "with-setup: %s: %s\n", argv[optind], strerror(errno));
  return 127;
}
