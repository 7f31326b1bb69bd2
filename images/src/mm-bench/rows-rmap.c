// SPDX-License-Identifier: Apache-2.0
// Mappings that come and go: munmap, fork, copy-on-write, MADV_DONTNEED, and a huge page that is mapped anew in pieces.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static enum outcome offer(const struct row *row) { return row->kind == MTHP ? offer_order(row->number) : PASS; }

static size_t pages_of(enum kind kind) { return kind == PMD_THP ? 1 : PAGES; }

static enum outcome unmapping(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  TRY(offer(row));
  for ROUNDS(round) {
    int failed;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory, "round %zu", round);
    long before = field_kib("smaps_rollup", "Rss");
    MEASURE(&samples, failed = munmap(memory, HUGE));
    CHECK(!failed, "%s", strerror(errno));
    CHECK(resident(memory) == SIZE_MAX && errno == ENOMEM, "something is still mapped");
    long after = field_kib("smaps_rollup", "Rss");
    // Reading the file itself can take some pages.
    CHECK(before - after >= (long)(HUGE / 1024) - 32, "%ld KiB before, %ld KiB after", before, after);
  }
  return report(row, &samples, pages_of(row->kind));
}

static enum outcome discarding(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  TRY(offer(row));
  for ROUNDS(round) {
    int failed;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory, "round %zu", round);
    MEASURE(&samples, failed = madvise(memory, HUGE, MADV_DONTNEED));
    CHECK(!failed, "%s", strerror(errno));
    CHECK(resident(memory) == 0, "%zu pages are still there", resident(memory));
    CHECK(memory[0] == 0 && memory[HUGE - PAGE] == 0, "the contents are still there");
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, pages_of(row->kind));
}

static enum outcome remapping(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t before[PAGES], after[PAGES];
  for ROUNDS(round) {
    int failed;
    uint8_t *memory = map_filled(PLACE, PMD_THP);
    CHECK(memory && read_frames(memory, before), "round %zu", round);
    MEASURE(&samples, failed = mprotect(memory, PAGE, PROT_READ));
    CHECK(!failed && !mprotect(memory, PAGE, PROT_READ | PROT_WRITE), "%s", strerror(errno));
    CHECK(is_made_of(memory, PTE_THP), "round %zu", round);
    CHECK(read_frames(memory, after) && memcmp(before, after, sizeof before) == 0, "other pages than before");
    CHECK(is_intact(memory) && !munmap(memory, HUGE), "round %zu", round);
  }
  return report(row, &samples, 1);
}

// A child that lives until the pipe is closed, and exits with 0 if the memory is then as it was at the fork.
struct twin {
  pid_t child;
  int pipe[2];
};

static void live(const struct twin *twin, const uint8_t *memory) {
  char byte;
  close(twin->pipe[1]);
  while (read(twin->pipe[0], &byte, 1) < 0 && errno == EINTR)
    ;
  _exit(!memory || is_intact(memory) ? 0 : 1);
}

static enum outcome end(struct twin *twin) {
  int status = -1;
  close(twin->pipe[1]);
  close(twin->pipe[0]);
  CHECK(waitpid(twin->child, &status, 0) == twin->child && status == 0, "the child's memory has changed");
  return PASS;
}

static enum outcome forking(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t frames[PAGES];
  bool bare = strcmp(row->subtest.name, "fork-bare") == 0;
  TRY(offer(row));
  for ROUNDS(round) {
    struct twin twin;
    uint8_t *memory = bare ? NULL : map_filled(PLACE, row->kind);
    CHECK((bare || (memory && read_frames(memory, frames))) && !pipe(twin.pipe), "round %zu", round);
    MEASURE(&samples, twin.child = fork());
    if (twin.child == 0) live(&twin, memory);
    CHECK(twin.child > 0, "%s", strerror(errno));
    for (size_t page = 0; memory && page < PAGES; page += PAGES - 1)
      CHECK(mappings(frames[page]) == 2, "page %zu is mapped %lld times", page, (long long)mappings(frames[page]));
    TRY(end(&twin));
    CHECK(bare || (is_intact(memory) && !munmap(memory, HUGE)), "round %zu", round);
  }
  return report(row, &samples, 1);
}

static enum outcome copying(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t before[PAGES], after[PAGES];
  size_t written = pages_of(row->kind);
  TRY(offer(row));
  for ROUNDS(round) {
    struct twin twin;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory && read_frames(memory, before) && !pipe(twin.pipe), "round %zu", round);
    twin.child = fork();
    if (twin.child == 0) live(&twin, memory);
    CHECK(twin.child > 0, "%s", strerror(errno));
    MEASURE(&samples, for (size_t page = 0; page < written; page++)
                          *(volatile uint8_t *)(memory + page * PAGE + 2) = 77);
    CHECK(read_frames(memory, after), "round %zu", round);
    for (size_t page = 0; page < PAGES; page++)
      CHECK((before[page] != after[page]) == (page < written), "page %zu of %zu written", page, written);
    CHECK(memory[2] == 77 && is_intact(memory), "the contents are wrong");
    TRY(end(&twin));
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, written);
}

const struct row rmap_rows[] = {
    {{"munmap-small", unmapping}, "rmap", SMALL, 0},       {{"munmap-pte-thp", unmapping}, "rmap", PTE_THP, 0},
    {{"munmap-pmd-thp", unmapping}, "rmap", PMD_THP, 0},   {{"dontneed-small", discarding}, "rmap", SMALL, 0},
    {{"dontneed-pte-thp", discarding}, "rmap", PTE_THP, 0}, {{"dontneed-pmd-thp", discarding}, "rmap", PMD_THP, 0},
    {{"remap-thp", remapping}, "rmap", PMD_THP, 0},        {{"fork-bare", forking}, "rmap", SMALL, 0},
    {{"fork-small", forking}, "rmap", SMALL, 0},           {{"fork-pte-thp", forking}, "rmap", PTE_THP, 0},
    {{"fork-pmd-thp", forking}, "rmap", PMD_THP, 0},       {{"cow-small", copying}, "rmap", SMALL, 0},
    {{"cow-pte-thp", copying}, "rmap", PTE_THP, 0},        {{"cow-pmd-thp", copying}, "rmap", PMD_THP, 0},
};
const size_t rmap_count = sizeof rmap_rows / sizeof *rmap_rows;

const struct row mthp_rows[] = {
    {{"munmap-mthp-16k", unmapping}, "mthp", MTHP, 2}, {{"munmap-mthp-64k", unmapping}, "mthp", MTHP, 4},
    {{"munmap-mthp-1024k", unmapping}, "mthp", MTHP, 8}, {{"dontneed-mthp-64k", discarding}, "mthp", MTHP, 4},
    {{"fork-mthp-16k", forking}, "mthp", MTHP, 2},     {{"fork-mthp-64k", forking}, "mthp", MTHP, 4},
    {{"fork-mthp-1024k", forking}, "mthp", MTHP, 8},   {{"cow-mthp-64k", copying}, "mthp", MTHP, 4},
};
const size_t mthp_count = sizeof mthp_rows / sizeof *mthp_rows;
