// SPDX-License-Identifier: Apache-2.0
// mm-bench: what operations of memory management cost, in instructions where the guest's clock counts them, else in ns.
//
//   mm-bench [--rounds N] NAME…      N: 3 to 999, default 9; NAME: a group or a row
//
// KTAP on standard output, one subtest a row, its least count or its median time as "# metric NAME VALUE UNIT lower", for one page or one call.
// Each round looks whether the operation did what it should; one that did not is a failure, however fast it was.
// Exit code: 0, 1 when a row failed, 64 usage.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { MOST_ROWS = 256, SECONDS = 3600 };

static struct row rows[MOST_ROWS];
static size_t row_count;

// Takes the rows that the names want, all if there are none. Returns how many it took.
static size_t choose(const struct row *from, size_t count, char *const *names, int wanted) {
  size_t taken = 0;
  for (size_t index = 0; index < count; index++) {
    bool chosen = wanted == 0;
    for (int name = 0; name < wanted; name++)
      chosen |= strcmp(names[name], from[index].group) == 0 || strcmp(names[name], from[index].subtest.name) == 0;
    if (chosen && row_count < MOST_ROWS) rows[row_count++] = from[index], taken++;
  }
  return taken;
}

static size_t choose_all(char *const *names, int wanted) {
  const struct {
    const struct row *rows;
    size_t count;
  } groups[] = {
      {boot_rows, boot_count},       {rmap_rows, rmap_count},   {mthp_rows, mthp_count},     {mapped_rows, mapped_count},
      {fault_rows, fault_count},     {uffd_rows, uffd_count},   {migrate_rows, migrate_count}, {lock_rows, lock_count},
      {stat_rows, stat_count},       {alloc_rows, alloc_count}, {device_rows, device_count}, {direct_rows, direct_count},
      {dax_rows, dax_count},
  };
  size_t taken = 0;
  for (size_t group = 0; group < sizeof groups / sizeof *groups; group++)
    taken += choose(groups[group].rows, groups[group].count, names, wanted);
  return taken;
}

static _Noreturn void usage(const char *problem) {
  fprintf(stderr, "mm-bench: %s\nusage: mm-bench [--rounds N] NAME…   (N: 3 to %d)\n", problem, MOST_ROUNDS);
  exit(64);
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {{"rounds", required_argument, NULL, 'r'}, {0}};
  bool good = true;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    char *end;
    if (option != 'r') usage("an unknown option");
    wanted_rounds = strtoul(optarg, &end, 10);
    if (*end || wanted_rounds < 3 || wanted_rounds > MOST_ROUNDS) usage("not a number of rounds");
  }
  for (int name = optind; name < argc; name++)
    if (!choose_all(argv + name, 1)) usage("a name that is neither a group nor a row");
  row_count = 0;
  ktap_begin(choose_all(argv + optind, argc - optind));
  if (!put_off_disturbances() || !plain_huge_pages()) {
    ktap_bail_out("cannot prepare the guest");
    return 1;
  }
  for (size_t index = 0; index < row_count; index++) {
    good &= ktap_run(&rows[index].subtest, &rows[index], SECONDS) != FAIL;
    plain_huge_pages();
  }
  return good ? 0 : 1;
}
