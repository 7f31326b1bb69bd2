// SPDX-License-Identifier: Apache-2.0
// Memory that is written for the first time, with pages of every size that the kernel offers.
#include <string.h>
#include <sys/mman.h>

#include "bench.h"

static enum outcome faulting(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  bool huge = row->kind == PMD_THP;
  long expected = huge ? 1 : PAGES >> row->number;
  if (row->number) TRY(offer_order(row->number));
  for ROUNDS(round) {
    // What a page of its own size needs is set for all memory; only the smallest pages are asked for.
    uint8_t *memory = map_empty(PLACE, row->number ? PMD_THP : row->kind);
    CHECK(memory, "round %zu", round);
    long before = minor_faults();
    if (huge)
      MEASURE(&samples, *(volatile uint8_t *)memory = 1);
    else
      MEASURE(&samples, fill(memory));
    long faults = minor_faults() - before;
    // In its first round a new process also faults in what it shares with its parent.
    CHECK(faults == expected || round == 0, "%ld faults instead of %ld", faults, expected);
    if (huge) fill(memory);
    CHECK(minor_faults() - before == faults, "%ld more faults", minor_faults() - before - faults);
    CHECK(row->number ? resident(memory) == PAGES : is_made_of(memory, row->kind), "round %zu", round);
    CHECK(is_intact(memory) && !munmap(memory, HUGE), "round %zu", round);
  }
  return report(row, &samples, huge ? 1 : PAGES);
}

const struct row fault_rows[] = {
    {{"fault-small", faulting}, "fault", SMALL, 0},      {{"fault-pmd-thp", faulting}, "fault", PMD_THP, 0},
    {{"fault-mthp-16k", faulting}, "fault", SMALL, 2},   {{"fault-mthp-32k", faulting}, "fault", SMALL, 3},
    {{"fault-mthp-64k", faulting}, "fault", SMALL, 4},   {{"fault-mthp-128k", faulting}, "fault", SMALL, 5},
    {{"fault-mthp-256k", faulting}, "fault", SMALL, 6},  {{"fault-mthp-512k", faulting}, "fault", SMALL, 7},
    {{"fault-mthp-1024k", faulting}, "fault", SMALL, 8},
};
const size_t fault_count = sizeof fault_rows / sizeof *fault_rows;
