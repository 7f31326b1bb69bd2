// SPDX-License-Identifier: Apache-2.0
// The soft-dirty bit says "written since clear_refs" after a migration if, and only if, it said so before.
// Kernel doc: Documentation/admin-guide/mm/soft-dirty.rst.
#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>

#include "thp.h"

static int count_dirty(const struct pages *pages) {
  int dirty = 0;
  for (int page = 0; page < PAGES; page++) dirty += pages->soft_dirty[page];
  return dirty;
}

static bool clear_soft_dirty(void) { return write_text("/proc/self/clear_refs", "4"); }

enum state { WRITTEN, UNWRITTEN, CLEAN };

static enum outcome huge(const struct machine *machine, enum state state) {
  uint64_t seed = fresh_seed();
  struct pages pages;
  uint8_t *memory = map_huge(machine->from, seed);
  int status, wanted = state == WRITTEN ? PAGES : 0;
  // Takes the processor's own dirty bit away too. The contents stay for as long as memory is plenty.
  CHECK(memory && (state != CLEAN || madvise(memory, HUGE, MADV_FREE) == 0), "madvise: %s", strerror(errno));
  CHECK(clear_soft_dirty(), "clear_refs: %s", strerror(errno));
  CHECK(read_pages(memory, &pages) && count_dirty(&pages) == 0, "%d pages dirty after clear_refs", count_dirty(&pages));
  // One write makes all of a huge entry dirty; smaller sizes have an entry for each page.
  for (size_t page = 0; state == WRITTEN && page < PAGES; page += huge_order() == HUGE_ORDER ? PAGES : 1)
    *(volatile uint8_t *)(memory + page * PAGE) = memory[page * PAGE];
  CHECK(read_pages(memory, &pages) && count_dirty(&pages) == wanted, "%d pages dirty", count_dirty(&pages));
  long left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->to, seed) && read_pages(memory, &pages), "after the move");
  CHECK(count_dirty(&pages) == wanted, "%d pages soft-dirty after the move, not %d", count_dirty(&pages), wanted);
  return PASS;
}

static enum outcome dirty_stays(void *context) { return huge(context, WRITTEN); }
static enum outcome unwritten_stays(void *context) { return huge(context, UNWRITTEN); }
static enum outcome clean_stays(void *context) { return huge(context, CLEAN); }

// Every third page is written.
static enum outcome pattern(const struct machine *machine, uint8_t *memory, uint64_t seed) {
  struct pages pages;
  void *addresses[PAGES];
  int nodes[PAGES], status[PAGES];
  CHECK(memory && clear_soft_dirty(), "clear_refs: %s", strerror(errno));
  for (int page = 0; page < PAGES; page++) {
    addresses[page] = memory + (size_t)page * PAGE;
    nodes[page] = machine->to;
    if (page % 3 == 0) *(volatile uint8_t *)addresses[page] = *(uint8_t *)addresses[page];
  }
  long left = move_pages(0, PAGES, addresses, nodes, status, MPOL_MF_MOVE);
  CHECK(left == 0, "result %ld: %s", left, strerror(errno));
  CHECK(read_pages(memory, &pages) && is_intact(memory, seed), "after the move");
  for (int page = 0; page < PAGES; page++) {
    CHECK(pages.node[page] == machine->to, "page %d is on node %d", page, pages.node[page]);
    CHECK(pages.soft_dirty[page] == (page % 3 == 0), "page %d: soft-dirty %d", page, pages.soft_dirty[page]);
  }
  return PASS;
}

static enum outcome small_pages(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  return pattern(machine, map_small(machine->from, seed), seed);
}

static enum outcome small_entries(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_huge(machine->from, seed);
  CHECK(memory && mprotect(memory, PAGE, PROT_READ) == 0 && mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == 0,
        "mprotect: %s", strerror(errno));
  CHECK(mapped_whole(memory) == 0, "still mapped by a huge entry");
  return pattern(machine, memory, seed);
}

const struct subtest dirty_subtests[] = {
    {"soft-dirty-stays", dirty_stays},
    {"soft-clean-stays", unwritten_stays},
    {"soft-clean-stays-of-clean-page", clean_stays},
    {"soft-dirty-of-small-pages", small_pages},
    {"soft-dirty-of-small-entries", small_entries},
    {0},
};
