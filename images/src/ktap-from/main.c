// SPDX-License-Identifier: Apache-2.0
// ktap-from: runs a selftest that knows no KTAP and says in KTAP what it said.
//
//   ktap-from khugepaged|uffd-unit-tests|hugetlb-read-hwpoison|va_high_addr_switch PROGRAM ARGUMENT…
//
// What the program prints comes through as diagnostics, and its exit code is one more result: it has to agree.
// Exit code: 0 nothing failed, 1 something did, 4 the program skipped itself, 64 usage.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dialect.h"

enum { SKIP_CODE = 4 };  // KSFT_SKIP of kselftest.h
static int number, failures, reds;

static void print(const char *result, const char *name, const char *directive, const char *detail) {
  printf("%s %d ", result, ++number);
  for (; *name; name++) putchar(*name == '#' ? '_' : *name);
  printf("%s%s\n", directive, detail);
}

static void report(const struct reading *reading) {
  if (reading->outcome == NOTHING && !reading->name[0]) return;
  if (reading->outcome == FAIL || reading->outcome == NOTHING) {
    if (reading->detail[0]) printf("# %s\n", reading->detail);
    print("not ok", reading->name, "", "");
    failures++;
  } else {
    print("ok", reading->name, reading->outcome == SKIP ? " # SKIP " : "", reading->detail);
  }
}

static pid_t start(char *const program[], FILE **output) {
  int ends[2];
  if (pipe(ends)) return -1;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(program[0], program);
    fprintf(stderr, "ktap-from: %s: %s\n", program[0], strerror(errno));
    _exit(127);
  }
  close(ends[1]);
  *output = fdopen(ends[0], "r");
  return child;
}

static void read_all(const struct dialect *dialect, FILE *output) {
  char *line = NULL;
  size_t room = 0;
  struct reading reading;
  while (output && getline(&line, &room, output) > 0) {
    line[strcspn(line, "\n")] = 0;
    printf("# %s\n", line);
    for (const char *at = line; (at = strstr(at, "\033[31m")); at++) reds++;
    memset(&reading, 0, sizeof reading);
    dialect->read(line, &reading);
    report(&reading);
    fflush(stdout);
  }
  memset(&reading, 0, sizeof reading);
  dialect->read(NULL, &reading);
  report(&reading);
  free(line);
}

int main(int argc, char *argv[]) {
  const struct dialect *dialects[] = {&khugepaged_dialect, &uffd_dialect, &hwpoison_dialect, &address_dialect};
  const struct dialect *dialect = NULL;
  for (size_t index = 0; argc > 2 && index < sizeof dialects / sizeof *dialects; index++)
    if (!strcmp(argv[1], dialects[index]->name)) dialect = dialects[index];
  if (!dialect) {
    fprintf(stderr,
            "usage: ktap-from khugepaged|uffd-unit-tests|hugetlb-read-hwpoison|va_high_addr_switch PROGRAM…\n");
    return 64;
  }
  FILE *output = NULL;
  int status = 0;
  printf("KTAP version 1\n");
  pid_t child = start(argv + 2, &output);
  if (child < 0) return 1;
  read_all(dialect, output);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == SKIP_CODE && number == 0) {
    printf("1..0 # SKIP the program skipped itself\n");
    return SKIP_CODE;
  }
  int expected = dialect->counts_failures ? code == reds : (code == 0) == (failures == 0);
  if (WIFSIGNALED(status))
    printf("# killed by signal %d\n", WTERMSIG(status));
  else
    printf("# exit code %d\n", code);
  print(expected ? "ok" : "not ok", "exit code", "", "");
  failures += !expected;
  printf("1..%d\n", number);
  return failures ? 1 : 0;
}
