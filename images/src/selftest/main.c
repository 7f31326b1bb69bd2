// SPDX-License-Identifier: Apache-2.0
//   selftest BEHAVIOUR [WORD]
//
// WORD is written to the kernel log first, behind "selftest: ".
//
// Exit code: that of the behaviour; 64 for an unknown one, 70 when it could not be brought about.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

static const struct behaviour *const lists[] = {result_behaviours, output_behaviours, kernel_behaviours,
                                                process_behaviours, forgery_behaviours, leaving_behaviours};
enum { LISTS = sizeof lists / sizeof lists[0] };

void give_up(const char *what) {
  fprintf(stderr, "selftest: %s: %s\n", what, strerror(errno));
  exit(70);
}

void say_ok(int count) {
  printf("KTAP version 1\n1..%d\n", count);
  for (int number = 1; number <= count; number++) printf("ok %d subtest-%d\n", number, number);
  fflush(stdout);
}

int main(int argc, char **argv) {
  char line[128];
  snprintf(line, sizeof line, "selftest: %.100s\n", argc == 3 ? argv[2] : "");
  if (argc == 3 && !say_to_kernel_log(line)) give_up("write to /dev/kmsg");
  for (int list = 0; (argc == 2 || argc == 3) && list < LISTS; list++) {
    for (const struct behaviour *behaviour = lists[list]; behaviour->name; behaviour++) {
      if (!strcmp(behaviour->name, argv[1])) return behaviour->body();
    }
  }
  fprintf(stderr, "usage: selftest BEHAVIOUR [WORD]\nbehaviours:");
  for (int list = 0; list < LISTS; list++) {
    for (const struct behaviour *behaviour = lists[list]; behaviour->name; behaviour++) {
      fprintf(stderr, " %s", behaviour->name);
    }
  }
  fprintf(stderr, "\n");
  return 64;
}
