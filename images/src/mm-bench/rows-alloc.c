// SPDX-License-Identifier: Apache-2.0
// Blocks of pages, allocated and freed by the module mm_bench, with and without the kernel's statistics of where they come from.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define MODULE "/sys/kernel/debug/mm_bench"
// As much memory for each order, but not fewer than 8 blocks; and what else may be allocated meanwhile.
enum { LEAST_BLOCKS = 8, OTHERS = 24 };

// What the module takes: so many blocks are allocated and kept, or all are freed if there are none.
struct wish {
  uint32_t order, count;
};

static bool ask(int module, size_t order, size_t count) {
  struct wish wish = {(uint32_t)order, (uint32_t)count};
  return write(module, &wish, sizeof wish) == sizeof wish;
}

static enum outcome run(const struct row *row, int module, bool counted, bool frees) {
  struct samples samples = {0};
  size_t count = (size_t)PAGES >> row->number;
  if (count < LEAST_BLOCKS) count = LEAST_BLOCKS;
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
  return report(row, &samples, count);
}

static enum outcome allocating(void *context) {
  const struct row *row = context;
  bool frees = strncmp(row->subtest.name, "free", 4) == 0, counted = !strstr(row->subtest.name, "uncounted");
  int module = open(MODULE, O_WRONLY | O_CLOEXEC);
  if (module < 0) return skip("the module mm_bench is not loaded");
  if (!count_allocations(counted)) return skip("the kernel has no vm.numa_stat");
  enum outcome outcome = run(row, module, counted, frees);
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
