// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

enum { ALIGNMENT = 20 * 1000 * 1000, EMPTY_ROUNDS = 101 };

size_t wanted_rounds = 9;

bool is_counting(void) {
  const char *clock = getenv("KTEST_CLOCK");
  return clock && strcmp(clock, "instructions") == 0;
}

static int64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

void align_clock(void) {
  int64_t next = (nanoseconds(CLOCK_MONOTONIC) / ALIGNMENT + 2) * ALIGNMENT;
  struct timespec until = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
    ;
}

// QEMU's time stamp counter counts nanoseconds of its clock, so instructions. The kernel's clocks are the same counter
// times a factor that it has measured, which is a little wrong.
uint64_t now(void) {
  static int counts = -1;
  if (counts < 0) counts = is_counting();
  if (!counts) return (uint64_t)nanoseconds(CLOCK_MONOTONIC);
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

_Alignas(256) const uint8_t mark_table[256] = {0};

static void mark_text(const char *text) {
  while (*text) mark((uint8_t)*text++);
}

void keep(struct samples *samples, uint64_t amount) {
  if (samples->rounds >= WARM_UP)
    samples->values[samples->rounds - WARM_UP] = amount;
  else
    mark(MARK_DROP);
  samples->rounds++;
}

static int by_size(const void *one, const void *other) {
  uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
  return (a > b) - (a < b);
}

// What a sample of nothing comes to.
static uint64_t empty_sample(void) {
  uint64_t least = UINT64_MAX;
  for (int round = 0; round < EMPTY_ROUNDS; round++) {
    uint64_t start = now(), amount = now() - start;
    if (amount < least) least = amount;
  }
  return least;
}

enum outcome report(const struct row *row, struct samples *samples, size_t per) {
  CHECK(samples->rounds == WARM_UP + wanted_rounds, "%zu rounds", samples->rounds);
  uint64_t empty = empty_sample(), *values = samples->values;
  qsort(values, wanted_rounds, sizeof *values, by_size);
  uint64_t middle = values[wanted_rounds / 2];
  // Whatever happens in some rounds only adds instructions: an interrupt, an empty list of free pages, two locks that are
  // taken in the order of their addresses. The least count is the same in each boot. Times vary both ways.
  uint64_t result = is_counting() ? values[0] : middle;
  CHECK(result > empty, "%" PRIu64 " is not more than a sample of nothing, %" PRIu64, result, empty);
  // The name ends what was measured for it.
  char name[64];
  snprintf(name, sizeof name, "%s %zu\n", row->subtest.name, per);
  mark_text(name);
  metric(row->subtest.name, (double)(result - empty) / (double)per, is_counting() ? "instructions" : "ns", "lower");
  diagnose("%s: %zu rounds for %zu, least %" PRIu64 ", median %" PRIu64 ", most %" PRIu64 ", nothing is %" PRIu64,
           row->subtest.name, wanted_rounds, per, values[0], middle, values[wanted_rounds - 1], empty);
  return PASS;
}
