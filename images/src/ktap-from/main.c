// SPDX-License-Identifier: Apache-2.0
// ktap-from: runs a selftest that knows no KTAP and says in KTAP what it said.
//
//   ktap-from khugepaged|uffd-unit-tests|hugetlb-read-hwpoison|va_high_addr_switch PROGRAM ARGUMENT…
//
// What the program prints comes through as diagnostics, and its exit code is one more result: it has to agree.
// A program of a later kernel that has learnt KTAP comes through as it is.
// Exit code: 0 nothing failed, 1 something did, 4 the program skipped itself, 64 usage; of a program with KTAP its own.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../child/child.h"
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

static int is_version(const char *line) {
  return !strncmp(line, "TAP version ", 12) || !strncmp(line, "KTAP version ", 13);
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

// Says in KTAP what a line says; without a line, what remains to be said at the end.
static void translate(const struct dialect *dialect, char *line) {
  struct reading reading;
  memset(&reading, 0, sizeof reading);
  if (line) {
    line[strcspn(line, "\n")] = 0;
    printf("# %s\n", line);
    for (const char *at = line; (at = strstr(at, "\033[31m")); at++) reds++;
    // A program that knows KTAP was not recognised: what it says is not understood.
    if (is_version(line)) print("not ok", "the version line of KTAP comes too late", "", ""), failures++;
  }
  dialect->read(line, &reading);
  report(&reading);
  fflush(stdout);
}

// Says what came before it was known whether the program speaks KTAP.
static void say_comments(const struct dialect *dialect, FILE *early, char **comments, int speaks_ktap) {
  if (!speaks_ktap) printf("KTAP version 1\n");
  if (!early) return;
  fclose(early);
  for (char *line = *comments, *end; line && *line; line = end) {
    end = strchr(line, '\n');
    if (end)
      *end++ = 0;
    else
      end = line + strlen(line);
    if (speaks_ktap)
      printf("%s\n", line);
    else
      translate(dialect, line);
  }
  free(*comments);
}

// Returns whether the program says KTAP itself. It may begin with comments, before its version line.
static int read_all(const struct dialect *dialect, FILE *output) {
  char *line = NULL, *comments = NULL;
  size_t room = 0, size = 0;
  ssize_t length;
  int is_known = 0, speaks_ktap = 0;
  FILE *early = open_memstream(&comments, &size);
  while (output && (length = getline(&line, &room, output)) > 0) {
    if (!is_known && early && line[0] == '#') {
      fwrite(line, 1, (size_t)length, early);
      continue;
    }
    if (!is_known) {
      is_known = 1;
      speaks_ktap = is_version(line);
      say_comments(dialect, early, &comments, speaks_ktap);
    }
    if (speaks_ktap) {
      fwrite(line, 1, (size_t)length, stdout);
      fflush(stdout);
    } else {
      translate(dialect, line);
    }
  }
  if (!is_known) say_comments(dialect, early, &comments, 0);
  free(line);
  if (!speaks_ktap) translate(dialect, NULL);
  return speaks_ktap;
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
  pid_t child = start(argv + 2, &output);
  if (child < 0) return 1;
  int speaks_ktap = read_all(dialect, output);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  if (speaks_ktap) return end_as(status);
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
