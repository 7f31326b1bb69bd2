// SPDX-License-Identifier: Apache-2.0
// Memory that one process maps, or many: what it costs to unmap it, and to find all who map it.
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

static enum outcome are_mapped(const uint64_t frames[PAGES], size_t times) {
  for (size_t page = 0; page < PAGES; page += PAGES - 1) {
    int64_t found = mappings(frames[page]);
    CHECK(found == (int64_t)times, "page %zu is mapped %lld times", page, (long long)found);
  }
  return PASS;
}

// One of those who map the memory gives it up. Not by munmap(), which also frees what describes the mapping: what that costs depends
// on what the others have left in the allocator.
static enum outcome leaving(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t frames[PAGES];
  for ROUNDS(round) {
    struct crowd crowd;
    int failed;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory && read_frames(memory, frames), "round %zu", round);
    TRY(gather(&crowd, row->number - 1, memory));
    TRY(are_mapped(frames, row->number));
    MEASURE(&samples, failed = madvise(memory, HUGE, MADV_DONTNEED));
    CHECK(!failed, "%s", strerror(errno));
    CHECK(resident(memory) == 0, "%zu pages are still there", resident(memory));
    TRY(are_mapped(frames, row->number - 1));
    TRY(dismiss(&crowd, false));
    CHECK(is_empty(memory) && !munmap(memory, HUGE), "round %zu", round);
  }
  return report(row, &samples, row->kind == PMD_THP ? 1 : PAGES);
}

static uint8_t *map_file(int file) {
  void *memory = mmap(PLACE, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
  if (memory == MAP_FAILED || madvise(memory, HUGE, MADV_NOHUGEPAGE)) return NULL;
  fill(memory);
  return is_made_of(memory, SMALL) ? memory : NULL;
}

// A hole in a file, which everybody who maps it loses.
static enum outcome punching(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t frames[PAGES];
  for ROUNDS(round) {
    struct crowd crowd;
    int failed, file = memfd_create("mm-bench", MFD_CLOEXEC);
    CHECK(file >= 0 && !ftruncate(file, HUGE), "%s", strerror(errno));
    uint8_t *memory = map_file(file);
    CHECK(memory && read_frames(memory, frames), "round %zu", round);
    TRY(gather(&crowd, row->number - 1, memory));
    TRY(are_mapped(frames, row->number));
    MEASURE(&samples, failed = fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, HUGE));
    CHECK(!failed, "%s", strerror(errno));
    CHECK(resident(memory) == 0, "%zu pages are still there", resident(memory));
    CHECK(read_frames(memory, frames) && !frames[0] && !frames[PAGES - 1], "the pages are still mapped");
    TRY(dismiss(&crowd, true));
    CHECK(is_empty(memory) && !munmap(memory, HUGE) && !close(file), "round %zu", round);
  }
  return report(row, &samples, PAGES);
}

// Pages of all who map them move to a node, and are in other frames then.
static enum outcome move_all(const uint8_t *memory, size_t count, int node, struct samples *samples) {
  static void *addresses[PAGES];
  static int nodes[PAGES], status[PAGES];
  static uint64_t before[PAGES], after[PAGES];
  long left;
  for (size_t page = 0; page < PAGES; page++)
    addresses[page] = (void *)(memory + page * PAGE), nodes[page] = node, status[page] = -1000;
  CHECK(read_frames(memory, before), "%s", strerror(errno));
  if (samples)
    MEASURE(samples, left = syscall(SYS_move_pages, 0, count, addresses, nodes, status, MPOL_MF_MOVE_ALL));
  else
    left = syscall(SYS_move_pages, 0, count, addresses, nodes, status, MPOL_MF_MOVE_ALL);
  CHECK(!left && read_frames(memory, after), "%ld left, %s", left, strerror(errno));
  for (size_t page = 0; page < PAGES; page++) {
    CHECK(page >= count || status[page] == node, "the status of page %zu is %d", page, status[page]);
    CHECK(after[page] && after[page] != before[page], "page %zu is in the same frame", page);
  }
  return PASS;
}

static enum outcome moving(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t frames[PAGES];
  struct crowd crowd;
  bool shared = strncmp(row->subtest.name, "move-512x4k-shared", 18) == 0;
  size_t count = row->kind == PMD_THP ? 1 : PAGES;
  int file = -1;
  if (!has_two_nodes()) return skip("the guest has fewer than two nodes");
  if (shared) {
    file = memfd_create("mm-bench", MFD_CLOEXEC);
    CHECK(file >= 0 && !ftruncate(file, HUGE), "%s", strerror(errno));
  }
  uint8_t *memory = shared ? map_file(file) : map_filled(PLACE, row->kind);
  CHECK(memory, "no memory");
  TRY(gather(&crowd, row->number - 1, memory));
  // To and fro, so that the processes need not start again. Memory of the first processor is the first node's.
  for ROUNDS(round) {
    TRY(move_all(memory, count, 1, &samples));
    // Of a file, a process maps again what it touches.
    CHECK(is_made_of(memory, row->kind) && is_intact(memory) && read_frames(memory, frames), "round %zu", round);
    TRY(are_mapped(frames, row->number));
    TRY(move_all(memory, count, 0, NULL));
  }
  TRY(dismiss(&crowd, false));
  CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  return report(row, &samples, count);
}

const struct row mapped_rows[] = {
    {{"dontneed-mapped-16", leaving}, "mapped", SMALL, 16},
    {{"dontneed-pte-thp-mapped-16", leaving}, "mapped", PTE_THP, 16},
    {{"dontneed-pmd-thp-mapped-16", leaving}, "mapped", PMD_THP, 16},
    {{"punch-mapped-1", punching}, "mapped", SMALL, 1},
    {{"punch-mapped-16", punching}, "mapped", SMALL, 16},
    {{"move-512x4k-mapped-1", moving}, "mapped", SMALL, 1},
    {{"move-512x4k-mapped-16", moving}, "mapped", SMALL, 16},
    {{"move-512x4k-shared-1", moving}, "mapped", SMALL, 1},
    {{"move-512x4k-shared-16", moving}, "mapped", SMALL, 16},
    {{"move-2m-mapped-1", moving}, "mapped", PMD_THP, 1},
    {{"move-2m-mapped-16", moving}, "mapped", PMD_THP, 16},
};
const size_t mapped_count = sizeof mapped_rows / sizeof *mapped_rows;
