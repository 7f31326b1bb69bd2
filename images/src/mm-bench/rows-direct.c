// SPDX-License-Identifier: Apache-2.0
// I/O between memory and a RAM disk that does not go through the page cache: the kernel takes hold of the pages of the process
// (get_user_pages_fast()) and copies them.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define DISK "/dev/ram0"

static uint8_t *ordinary(void) {
  static uint8_t *memory;
  if (!memory) memory = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static bool put(int disk, uint8_t *memory) { return pwrite(disk, memory, HUGE, 0) == (ssize_t)HUGE; }
static bool get(int disk, uint8_t *memory) { return pread(disk, memory, HUGE, 0) == (ssize_t)HUGE; }

enum outcome transfer(const struct row *row, uint8_t *memory, bool reads) {
  struct samples samples = {0};
  uint8_t *other = ordinary();
  int disk = open(DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
  if (disk < 0) return skip("there is no RAM disk (the module brd)");
  CHECK(other, "%s", strerror(errno));
  for ROUNDS(round) {
    bool done;
    // What comes out at the other end cannot be left from the round before.
    memset(reads ? memory : other, 0, HUGE);
    fill(reads ? other : memory);
    if (reads) {
      CHECK(put(disk, other), "%s", strerror(errno));
      MEASURE(&samples, done = get(disk, memory));
    } else {
      CHECK(put(disk, other), "%s", strerror(errno));
      MEASURE(&samples, done = put(disk, memory));
      CHECK(done && get(disk, other), "%s", strerror(errno));
    }
    CHECK(done && is_intact(reads ? memory : other), "round %zu: %s", round, strerror(errno));
  }
  close(disk);
  return report(row, &samples, PAGES);
}

static enum outcome directing(void *context) {
  const struct row *row = context;
  uint8_t *memory = map_filled(PLACE, row->kind);
  CHECK(memory, "no memory");
  TRY(transfer(row, memory, strncmp(row->subtest.name, "direct-read", 11) == 0));
  CHECK(is_made_of(memory, row->kind) && !munmap(memory, HUGE), "the memory is another");
  return PASS;
}

const struct row direct_rows[] = {
    {{"direct-write-small", directing}, "direct", SMALL, 0},
    {{"direct-write-pte-thp", directing}, "direct", PTE_THP, 0},
    {{"direct-write-pmd-thp", directing}, "direct", PMD_THP, 0},
    {{"direct-read-small", directing}, "direct", SMALL, 0},
    {{"direct-read-pte-thp", directing}, "direct", PTE_THP, 0},
    {{"direct-read-pmd-thp", directing}, "direct", PMD_THP, 0},
};
const size_t direct_count = sizeof direct_rows / sizeof *direct_rows;
