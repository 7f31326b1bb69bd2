// SPDX-License-Identifier: Apache-2.0
// hmm-pingpong: drives memory to a device of the kernel's test_hmm driver and back, and checks the contents each way.
//
//   hmm-pingpong --kind private|coherent [--pages N] [--rounds N] [--tests GROUP,…]
//
// KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. The group disk overwrites /dev/ram0.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pingpong.h"

enum { GROUPS = 11, SUBTEST_SECONDS = 120 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
} groups[GROUPS] = {
    {"anonymous", anonymous_subtests}, {"race", race_subtests},     {"devices", devices_subtests},
    {"fork", fork_subtests},           {"huge", huge_subtests},     {"shared", shared_subtests},
    {"pinned", pinned_subtests},       {"disk", disk_subtests},       {"holes", holes_subtests},
    {"whole", whole_subtests},         {"frames", frames_subtests},
};

static _Noreturn void usage(const char *problem, const char *value) {
  if (problem) fprintf(stderr, "hmm-pingpong: %s: %s\n", problem, value);
  fprintf(stderr,
          "usage: hmm-pingpong --kind private|coherent [--pages N] [--rounds N] [--tests GROUP,...]\n"
          "groups: anonymous race devices fork huge shared pinned disk holes whole frames (all when not given)\n");
  exit(64);
}

static unsigned long number(const char *text, unsigned long least, unsigned long most) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || value < least || value > most) usage("no such number", text);
  return value;
}

static void parse_groups(char *text, bool chosen[GROUPS]) {
  for (char *name = strtok(text, ","); name; name = strtok(NULL, ",")) {
    int index = 0;
    while (index < GROUPS && strcmp(name, groups[index].name)) index++;
    if (index == GROUPS) usage("no such group of tests", name);
    chosen[index] = true;
  }
}

static bool can_open(unsigned unit) {
  int mirror = open_mirror(unit);
  if (mirror >= 0) close(mirror);
  return mirror >= 0;
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {{"kind", required_argument, NULL, 'k'},
                                          {"pages", required_argument, NULL, 'p'},
                                          {"rounds", required_argument, NULL, 'r'},
                                          {"tests", required_argument, NULL, 't'},
                                          {0}};
  struct setup setup = {.pages = 256, .rounds = 10};
  bool chosen[GROUPS] = {0}, all = true, kind = false;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == 'k') {
      kind = setup.coherent = !strcmp(optarg, "coherent");
      if (!kind && strcmp(optarg, "private")) usage("no such kind of device memory", optarg);
      kind = true;
    } else if (option == 'p') {
      setup.pages = number(optarg, 32, 16384) & ~3ul;
    } else if (option == 'r') {
      setup.rounds = (unsigned)number(optarg, 1, 10000);
    } else if (option == 't') {
      all = false;
      parse_groups(optarg, chosen);
    } else {
      usage(NULL, NULL);
    }
  }
  if (optind < argc) usage("unexpected", argv[optind]);
  if (!kind) usage("missing", "--kind");
  // The driver's devices 0 and 1 have private memory, 2 and 3 coherent memory where its parameters gave it some.
  setup.unit = setup.coherent ? 2 : 0;
  setup.other = setup.unit + 1;

  size_t planned = 0;
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; (all || chosen[index]) && subtest->name; subtest++)
      planned++;
  ktap_begin(planned);
  if (!can_open(setup.unit) || !can_open(setup.other)) {
    ktap_bail_out(setup.coherent ? "no device with coherent memory" : "no device with private memory");
    return 1;
  }
  bool good = true;
  for (int index = 0; index < GROUPS; index++)
    for (const struct subtest *subtest = groups[index].subtests; (all || chosen[index]) && subtest->name; subtest++)
      good &= ktap_run(subtest, &setup, SUBTEST_SECONDS) != FAIL;
  return good ? 0 : 1;
}
