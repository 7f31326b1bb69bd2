// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "pingpong.h"

struct range map_small(size_t pages) {
  void *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // Without CONFIG_TRANSPARENT_HUGEPAGE the advice is refused, and not needed.
  if (memory != MAP_FAILED) madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
  return (struct range){.base = memory == MAP_FAILED ? NULL : memory, .pages = pages};
}

uint8_t *map_huge(int flags) {
  uint8_t *memory = mmap(NULL, (flags ? 1 : 2) * HUGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  if (flags) return memory;
  memory += HUGE_BYTES - (uintptr_t)memory % HUGE_BYTES;
  return madvise(memory, HUGE_BYTES, MADV_HUGEPAGE) ? NULL : memory;
}

uint64_t fresh_seed(void) { return (uint64_t)(microseconds() * 1000) ^ (uint64_t)getpid() << 48; }

// A different word everywhere, so that data of a wrong page, place or round is seen.
static uint64_t word(uint64_t seed, size_t page, size_t index) {
  uint64_t value = (seed * UINT64_C(0xbf58476d1ce4e5b9) + (page << 9 | index)) * UINT64_C(0x9e3779b97f4a7c15);
  return value ^ value >> 29;
}

enum { WORDS = PAGE / sizeof(uint64_t) };

void fill(void *memory, struct range range, uint64_t seed) {
  uint64_t *words = memory;
  for (size_t page = 0; page < range.pages; page++)
    for (size_t index = 0; index < WORDS; index++) *words++ = word(seed, range.first + page, index);
}

ssize_t difference(const void *memory, struct range range, uint64_t seed) {
  const uint64_t *words = memory;
  for (size_t page = 0; page < range.pages; page++)
    for (size_t index = 0; index < WORDS; index++, words++)
      if (*words != word(seed, range.first + page, index)) return (const char *)words - (const char *)memory;
  return -1;
}

void *buffer(size_t pages) {
  static uint8_t *memory;
  static size_t held;
  if (pages <= held) return memory;
  memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    _exit(FAIL);
  }
  held = pages;
  return memory;
}

double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, ascending);
  return values[count / 2];
}
