// SPDX-License-Identifier: Apache-2.0
//   selftest BEHAVIOUR
//
// Exit code: that of the behaviour; 64 for an unknown one, 70 when it could not be brought about.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

static const struct behaviour *const lists[] = {result_behaviours, output_behaviours, kernel_behaviours,
                                                process_behaviours, forgery_behaviours};
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
  for (int list = 0; argc == 2 && list < LISTS; list++) {
    for (const struct behaviour *behaviour = lists[list]; behaviour->name; behaviour++) {
      if (!strcmp(behaviour->name, argv[1])) return behaviour->body();
    }
  }
  fprintf(stderr, "usage: selftest BEHAVIOUR\nbehaviours:");
  for (int list = 0; list < LISTS; list++) {
    for (const struct behaviour *behaviour = lists[list]; behaviour->name; behaviour++) {
      fprintf(stderr, " %s", behaviour->name);
    }
  }
  fprintf(stderr, "\n");
  return 64;
}
