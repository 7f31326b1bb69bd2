// SPDX-License-Identifier: Apache-2.0
// thp-migrate: moves huge pages between two nodes in every way there is, and proves that they arrive whole.
//
//   thp-migrate [--smaller] [--tests GROUP,…]
//
// --smaller runs the subtests with huge pages of each size below 2 MiB, "NAME-64k"; a size that the kernel does not offer
// is a skip. KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. Needs root.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "thp.h"

enum { GROUPS = 7, SUBTEST_SECONDS = 120, SMALLER_SECONDS = 300 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
  bool is_shared;
} groups[GROUPS] = {
    {"move", move_subtests, false},   {"shmem", shmem_subtests, true}, {"dirty", dirty_subtests, false},
    {"share", share_subtests, false}, {"race", race_subtests, false},  {"split", split_subtests, false},
    {"offline", offline_subtests, false},
};

// Subtests whose subject is the huge entry of the page table, or which have nothing to do with the size of the page.
static const char *const whole_only[] = {
    "mapped-by-small-entries", "node-without-memory-refused",        "soft-dirty-of-small-pages",
    "split-by-mbind",          "block-with-unmovable-pages-refused", "pinned-page-interrupted",
};

static _Noreturn void usage(const char *problem, const char *value) {
  if (problem) fprintf(stderr, "thp-migrate: %s: %s\n", problem, value);
  fprintf(stderr,
          "usage: thp-migrate [--smaller] [--tests GROUP,...]\n"
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

struct sized {
  struct machine *machine;
  const struct subtest *subtest;
  int order;
  bool is_shared;
};

static enum outcome with_size(void *context) {
  const struct sized *sized = context;
  TRY(offer_size(sized->order, sized->is_shared));
  return sized->subtest->body(sized->machine);
}

// The least size that there may be; HUGE_ORDER for a subtest that is not for each size.
static int least_order(const struct group *group, const struct subtest *subtest) {
  for (size_t index = 0; index < sizeof whole_only / sizeof *whole_only; index++)
    if (!strcmp(subtest->name, whole_only[index])) return HUGE_ORDER;
  return group->is_shared ? LEAST_SHARED_ORDER : LEAST_ORDER;
}

// Runs a subtest with each smaller size. Returns whether none failed.
static bool run_smaller(const struct group *group, const struct subtest *subtest, struct machine *machine) {
  bool good = true;
  for (int order = least_order(group, subtest); order < HUGE_ORDER; order++) {
    struct sized sized = {machine, subtest, order, group->is_shared};
    char name[96];
    snprintf(name, sizeof name, "%s-%dk", subtest->name, PAGE / 1024 << order);
    good &= ktap_run(&(struct subtest){name, with_size}, &sized, SMALLER_SECONDS) != FAIL;
    restore_sizes();
  }
  return good;
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {
      {"tests", required_argument, NULL, 't'}, {"smaller", no_argument, NULL, 's'}, {0}};
  bool chosen[GROUPS] = {0}, all = true, smaller = false, good = true;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 's') {
      smaller = true;
      continue;
    }
    if (option != 't') usage(NULL, NULL);
    all = false;
    parse_groups(optarg, chosen);
  }
  if (optind < argc) usage("unexpected", argv[optind]);

  size_t planned = 0;
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; subtest->name; subtest++) {
      if (!all && !chosen[index]) continue;
      planned += smaller ? (size_t)(HUGE_ORDER - least_order(&groups[index], subtest)) : 1;
    }
  ktap_begin(planned);
  struct machine machine;
  if (!find_nodes(&machine)) {
    ktap_bail_out("fewer than two NUMA nodes with memory");
    return 1;
  }
  save_sizes();
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; subtest->name; subtest++) {
      if (!all && !chosen[index]) continue;
      if (!smaller)
        good &= ktap_run(subtest, &machine, SUBTEST_SECONDS) != FAIL;
      else
        good &= run_smaller(&groups[index], subtest, &machine);
    }
  return good ? 0 : 1;
}
