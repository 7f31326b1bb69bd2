// SPDX-License-Identifier: Apache-2.0
// thp-migrate: moves huge pages between two nodes in every way there is, and proves that they arrive whole.
//
//   thp-migrate [--tests GROUP,…]
//
// KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. Needs root.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "thp.h"

enum { GROUPS = 7, SUBTEST_SECONDS = 120 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
} groups[GROUPS] = {
    {"move", move_subtests}, {"shmem", shmem_subtests}, {"dirty", dirty_subtests},     {"share", share_subtests},
    {"race", race_subtests}, {"split", split_subtests}, {"offline", offline_subtests},
};

static _Noreturn void usage(const char *problem, const char *value) {
  if (problem) fprintf(stderr, "thp-migrate: %s: %s\n", problem, value);
  fprintf(stderr,
          "usage: thp-migrate [--tests GROUP,...]\n"
          "groups: move shmem dirty share race split offline (all when not given)\n");
  exit(64);
}

static void parse_groups(char *text, bool chosen[GROUPS]) {
  for (char *name = strtok(text, ","); name; name = strtok(NULL, ",")) {
    int index = 0;
    while (index < GROUPS && strcmp(name, groups[index].name)) index++;
    if (index == GROUPS) usage("no such group of tests", name);
    chosen[index] = true;
  }
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {{"tests", required_argument, NULL, 't'}, {0}};
  bool chosen[GROUPS] = {0}, all = true, good = true;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option != 't') usage(NULL, NULL);
    all = false;
    parse_groups(optarg, chosen);
  }
  if (optind < argc) usage("unexpected", argv[optind]);

  size_t planned = 0;
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; subtest->name; subtest++)
      planned += all || chosen[index];
  ktap_begin(planned);
  struct machine machine;
  if (!find_nodes(&machine)) {
    ktap_bail_out("fewer than two NUMA nodes with memory");
    return 1;
  }
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; subtest->name; subtest++)
      if (all || chosen[index]) good &= ktap_run(subtest, &machine, SUBTEST_SECONDS) != FAIL;
  return good ? 0 : 1;
}
