// SPDX-License-Identifier: Apache-2.0
// Pages are driven to and fro while another thread counts in each of them: not one count may be lost.
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pingpong.h"

// On a busy host the other thread may be long in coming.
enum { PAGES = 64, TRIPS_A_ROUND = 2, MOST_TRIPS = 20000 };

struct counting {
  struct range range;
  atomic_bool stop;
  atomic_ulong laps;
};

static void *count(void *context) {
  struct counting *counting = context;
  for (; !atomic_load(&counting->stop); atomic_fetch_add(&counting->laps, 1))
    for (size_t page = 0; page < PAGES; page++) ++*(volatile uint64_t *)(counting->range.base + page * PAGE);
  return NULL;
}

static enum outcome racing_writes(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct counting counting = {.range = map_small(PAGES)};
  uint64_t seed = fresh_seed(), moved = 0;
  fill(counting.range.base, counting.range, seed);
  uint64_t before[PAGES];
  for (size_t page = 0; page < PAGES; page++) memcpy(&before[page], counting.range.base + page * PAGE, sizeof *before);
  TRY(to_device(mirror, counting.range, seed));
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, count, &counting), "no thread");
  unsigned least = setup->rounds * TRIPS_A_ROUND;
  for (unsigned trip = 0; trip < least || (trip < MOST_TRIPS && atomic_load(&counting.laps) < 2); trip++) {
    // A page that is being faulted on stays where it is, so that neither way needs to be complete.
    moved += ask(mirror, TO_SYSTEM, counting.range, NULL).pages;
    ask(mirror, TO_DEVICE, counting.range, buffer(PAGES));
  }
  atomic_store(&counting.stop, true);
  pthread_join(thread, NULL);
  diagnose("%llu pages came back during %llu laps", (unsigned long long)moved, (unsigned long long)counting.laps);
  CHECK(moved > 0 && counting.laps > 1, "nothing moved while the thread was counting");
  for (size_t page = 0; page < PAGES; page++) {
    uint64_t after;
    memcpy(&after, counting.range.base + page * PAGE, sizeof after);
    CHECK(after - before[page] == counting.laps, "page %zu was counted %llu times, not %llu", page,
          (unsigned long long)(after - before[page]), (unsigned long long)counting.laps);
    memcpy(counting.range.base + page * PAGE, &before[page], sizeof *before);
  }
  return cpu_reads(counting.range, seed);
}

const struct subtest race_subtests[] = {
    {"racing-writes", racing_writes},
    {0},
};
