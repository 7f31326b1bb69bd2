// SPDX-License-Identifier: Apache-2.0
// Pages that move from one node to another.
#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

static long move(size_t count, void **addresses, const int *nodes, int *status) {
  return syscall(SYS_move_pages, 0, count, addresses, nodes, status, nodes ? MPOL_MF_MOVE : 0);
}

static long bind(uint8_t *memory, int node) {
  unsigned long mask = 1UL << node;
  return syscall(SYS_mbind, memory, HUGE, MPOL_BIND, &mask, 8 * sizeof mask, MPOL_MF_MOVE | MPOL_MF_STRICT);
}

// Whether each page is on the node and in another frame than before.
static enum outcome have_moved(uint8_t *memory, size_t count, int node, const uint64_t *before) {
  static void *addresses[PAGES];
  static int status[PAGES];
  static uint64_t after[PAGES];
  for (size_t page = 0; page < count; page++) addresses[page] = memory + page * PAGE;
  CHECK(!move(count, addresses, NULL, status) && read_frames(memory, after), "%s", strerror(errno));
  for (size_t page = 0; page < count; page++) {
    CHECK(status[page] == node, "page %zu is on node %d", page, status[page]);
    CHECK(after[page] && after[page] != before[page], "page %zu is in the same frame", page);
  }
  return PASS;
}

static enum outcome moving(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static void *addresses[PAGES];
  static int nodes[PAGES], status[PAGES];
  static uint64_t before[PAGES];
  bool binds = strncmp(row->subtest.name, "mbind", 5) == 0;
  bool single = row->kind == PMD_THP || strcmp(row->subtest.name, "move-4k") == 0;
  size_t count = single && !binds ? 1 : PAGES;
  if (!has_two_nodes()) return skip("the guest has fewer than two nodes");
  for ROUNDS(round) {
    long left;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory && read_frames(memory, before), "round %zu", round);
    for (size_t page = 0; page < PAGES; page++)
      addresses[page] = memory + page * PAGE, nodes[page] = 1, status[page] = -1000;
    // Memory of the first processor is the first node's.
    if (binds)
      MEASURE(&samples, left = bind(memory, 1));
    else
      MEASURE(&samples, left = move(count, addresses, nodes, status));
    CHECK(!left, "%ld left, %s", left, strerror(errno));
    for (size_t page = 0; !binds && page < count; page++)
      CHECK(status[page] == 1, "the status of page %zu is %d", page, status[page]);
    TRY(have_moved(memory, row->kind == PMD_THP ? PAGES : count, 1, before));
    CHECK(is_made_of(memory, row->kind) && is_intact(memory), "round %zu", round);
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, single ? 1 : PAGES);
}

// Everything of this process that is on one node goes to another.
static long migrate(int from, int to) {
  unsigned long old = 1UL << from, new = 1UL << to;
  return syscall(SYS_migrate_pages, 0, 8 * sizeof old, &old, &new);
}

static enum outcome migrating(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t before[PAGES];
  if (!has_two_nodes()) return skip("the guest has fewer than two nodes");
  for ROUNDS(round) {
    // What the process itself has goes first, and is not there to move when it counts. What cannot move stays, such as the page
    // of the clock (which is mapped from its first use on); recent kernels count it.
    align_clock();
    long left, stay = migrate(0, 1);
    CHECK(stay >= 0, "%s", strerror(errno));
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory && read_frames(memory, before), "round %zu", round);
    MEASURE(&samples, left = migrate(0, 1));
    CHECK(left == stay, "%ld left and %ld before, %s", left, stay, strerror(errno));
    TRY(have_moved(memory, PAGES, 1, before));
    CHECK(is_made_of(memory, row->kind) && is_intact(memory), "round %zu", round);
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, row->kind == PMD_THP ? 1 : PAGES);
}

const struct row migrate_rows[] = {
    {{"move-4k", moving}, "migrate", SMALL, 0},      {{"move-512x4k", moving}, "migrate", SMALL, 0},
    {{"move-2m", moving}, "migrate", PMD_THP, 0},    {{"mbind-small", moving}, "migrate", SMALL, 0},
    {{"mbind-pmd-thp", moving}, "migrate", PMD_THP, 0},
    {{"migrate-pages-small", migrating}, "migrate", SMALL, 0},
    {{"migrate-pages-pmd-thp", migrating}, "migrate", PMD_THP, 0},
};
const size_t migrate_count = sizeof migrate_rows / sizeof *migrate_rows;
