// SPDX-License-Identifier: Apache-2.0
// Memory that is written for the first time, with and without the kernel's statistics of where pages come from.
#include <sys/mman.h>

#include "bench.h"

// What else may be allocated between two looks: page tables, and what reading the numbers takes.
enum { OTHERS = 24 };

static enum outcome counting(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  bool counted = row->number;
  if (node_hits() < 0) return skip("the kernel has no NUMA");
  if (!count_allocations(counted)) return skip("the kernel has no vm.numa_stat");
  for ROUNDS(round) {
    uint8_t *memory = map_empty(PLACE, row->kind);
    CHECK(memory, "round %zu", round);
    long before = node_hits();
    MEASURE(&samples, fill(memory));
    // Each processor counts for itself, and whoever reads gets the sum.
    long hits = node_hits() - before;
    CHECK(counted ? hits >= PAGES && hits <= PAGES + OTHERS : hits == 0, "%ld pages were counted", hits);
    CHECK(is_made_of(memory, row->kind) && is_intact(memory) && !munmap(memory, HUGE), "round %zu", round);
  }
  CHECK(count_allocations(true), "vm.numa_stat stays off");
  return report(row, &samples, PAGES);
}

const struct row stat_rows[] = {
    {{"fault-small-counted", counting}, "numa-stat", SMALL, 1},
    {{"fault-small-uncounted", counting}, "numa-stat", SMALL, 0},
};
const size_t stat_count = sizeof stat_rows / sizeof *stat_rows;
