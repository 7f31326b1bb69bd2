// SPDX-License-Identifier: Apache-2.0
// Blocks of pages, allocated and freed by the module mm_bench, with and without the kernel's statistics of where they come from.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define MODULE "/sys/kernel/debug/mm_bench"
// 64 MiB of every order, so that one refill of a list more or less does not show; and what else may be allocated meanwhile.
enum { SMALL_BLOCKS = 16384, OTHERS = 24, ORDERS = HUGE_ORDER + 1 };

// What the module takes: so many blocks are allocated and kept, or put aside; none means that all of these are freed.
struct wish {
  uint32_t order, count, aside;
};

static bool send(int module, struct wish wish) { return write(module, &wish, sizeof wish) == sizeof wish; }

static bool ask(int module, size_t order, size_t count) {
  return send(module, (struct wish){(uint32_t)order, (uint32_t)count, 0});
}

// Free blocks of the first node that the kernel would give itself, by order, as /proc/pagetypeinfo counts them:
// "Node    0, zone    DMA32, type    Unmovable      1      0 …"
static bool read_free_blocks(size_t blocks[ORDERS]) {
  char line[512], zone[32];
  int node, at;
  FILE *stream = fopen("/proc/pagetypeinfo", "re");
  if (!stream) return false;
  memset(blocks, 0, ORDERS * sizeof *blocks);
  while (fgets(line, sizeof line, stream)) {
    if (sscanf(line, "Node %d, zone %31[^,], type Unmovable%n", &node, zone, &at) != 2 || node != 0) continue;
    if (strcmp(zone, "DMA") == 0) continue;
    char *number = line + at;
    for (size_t order = 0; order < ORDERS; order++) blocks[order] += strtoul(number, &number, 10);
  }
  fclose(stream);
  return true;
}

// What the boot has left in small pieces is used first, and is something else in each boot.
static enum outcome put_pieces_aside(int module) {
  size_t blocks[ORDERS];
  for (size_t order = 0; order < ORDERS; order++) {
    CHECK(read_free_blocks(blocks), "/proc/pagetypeinfo: %s", strerror(errno));
    if (!blocks[order]) continue;
    CHECK(send(module, (struct wish){(uint32_t)order, (uint32_t)blocks[order], 1}), "%s", strerror(errno));
  }
  return PASS;
}

static enum outcome run(const struct row *row, int module, bool counted, bool frees) {
  struct samples samples = {0};
  size_t count = (size_t)SMALL_BLOCKS >> row->number;
  TRY(put_pieces_aside(module));
  for ROUNDS(round) {
    bool done;
    long before = node_hits();
    if (frees) {
      CHECK(ask(module, row->number, count), "%zu blocks: %s", count, strerror(errno));
      MEASURE(&samples, done = ask(module, 0, 0));
    } else {
      MEASURE(&samples, done = ask(module, row->number, count));
    }
    CHECK(done, "%zu blocks: %s", count, strerror(errno));
    // Each processor counts for itself, and whoever reads gets the sum: each block once, at once.
    long hits = node_hits() - before;
    CHECK(counted ? hits >= (long)count && hits <= (long)count + OTHERS : hits == 0, "%ld of %zu were counted", hits, count);
    CHECK(frees || ask(module, 0, 0), "%s", strerror(errno));
  }
  CHECK(send(module, (struct wish){.aside = 1}), "%s", strerror(errno));
  return report(row, &samples, count);
}

static enum outcome allocating(void *context) {
  const struct row *row = context;
  bool frees = strncmp(row->subtest.name, "free", 4) == 0, counted = !strstr(row->subtest.name, "uncounted");
  int module = open(MODULE, O_WRONLY | O_CLOEXEC);
  if (module < 0) return skip("the module mm_bench is not loaded");
  if (!count_allocations(counted)) return skip("the kernel has no vm.numa_stat");
  // A row that failed may have left some.
  CHECK(ask(module, 0, 0) && send(module, (struct wish){.aside = 1}), "%s", strerror(errno));
  fix_page_lists(true);
  enum outcome outcome = run(row, module, counted, frees);
  fix_page_lists(false);
  close(module);
  CHECK(count_allocations(true), "vm.numa_stat stays off");
  return outcome;
}

const struct row alloc_rows[] = {
    {{"alloc-order-0", allocating}, "alloc", SMALL, 0}, {{"alloc-order-0-uncounted", allocating}, "alloc", SMALL, 0},
    {{"alloc-order-1", allocating}, "alloc", SMALL, 1}, {{"alloc-order-1-uncounted", allocating}, "alloc", SMALL, 1},
    {{"alloc-order-2", allocating}, "alloc", SMALL, 2}, {{"alloc-order-2-uncounted", allocating}, "alloc", SMALL, 2},
    {{"alloc-order-3", allocating}, "alloc", SMALL, 3}, {{"alloc-order-3-uncounted", allocating}, "alloc", SMALL, 3},
    {{"alloc-order-4", allocating}, "alloc", SMALL, 4}, {{"alloc-order-4-uncounted", allocating}, "alloc", SMALL, 4},
    {{"alloc-order-5", allocating}, "alloc", SMALL, 5}, {{"alloc-order-5-uncounted", allocating}, "alloc", SMALL, 5},
    {{"alloc-order-6", allocating}, "alloc", SMALL, 6}, {{"alloc-order-6-uncounted", allocating}, "alloc", SMALL, 6},
    {{"alloc-order-7", allocating}, "alloc", SMALL, 7}, {{"alloc-order-7-uncounted", allocating}, "alloc", SMALL, 7},
    {{"alloc-order-8", allocating}, "alloc", SMALL, 8}, {{"alloc-order-8-uncounted", allocating}, "alloc", SMALL, 8},
    {{"alloc-order-9", allocating}, "alloc", SMALL, 9}, {{"alloc-order-9-uncounted", allocating}, "alloc", SMALL, 9},
    {{"free-order-0", allocating}, "alloc", SMALL, 0},  {{"free-order-1", allocating}, "alloc", SMALL, 1},
    {{"free-order-2", allocating}, "alloc", SMALL, 2},  {{"free-order-3", allocating}, "alloc", SMALL, 3},
    {{"free-order-4", allocating}, "alloc", SMALL, 4},  {{"free-order-5", allocating}, "alloc", SMALL, 5},
    {{"free-order-6", allocating}, "alloc", SMALL, 6},  {{"free-order-7", allocating}, "alloc", SMALL, 7},
    {{"free-order-8", allocating}, "alloc", SMALL, 8},  {{"free-order-9", allocating}, "alloc", SMALL, 9},
};
const size_t alloc_count = sizeof alloc_rows / sizeof *alloc_rows;
