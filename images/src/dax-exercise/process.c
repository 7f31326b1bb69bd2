// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"

static void diagnose_lines(int input, const char *program) {
  FILE *lines = fdopen(input, "r");
  char line[400];
  while (lines && fgets(line, sizeof line, lines)) {
    line[strcspn(line, "\n")] = 0;
    diagnose("%s: %s", program, line);
  }
  if (lines) fclose(lines);
}

bool run_program(char *const arguments[]) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) {
    diagnose("pipe: %s", strerror(errno));
    return false;
  }
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);  // ndctl prints JSON; sysfs is asked instead
    dup2(ends[1], STDERR_FILENO);
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "cannot be started: %s\n", strerror(errno));
    _exit(127);
  }
  close(ends[1]);
  diagnose_lines(ends[0], arguments[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) {
    diagnose("%s: %s", arguments[0], strerror(errno));
    return false;
  }
  if (WIFSIGNALED(status)) diagnose("%s: killed by signal %d", arguments[0], WTERMSIG(status));
  if (WIFEXITED(status) && WEXITSTATUS(status)) diagnose("%s: exit %d", arguments[0], WEXITSTATUS(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
