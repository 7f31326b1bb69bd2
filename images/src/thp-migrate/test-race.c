// SPDX-License-Identifier: Apache-2.0
// A huge page that is moved to and fro while others use it: who meets a migration entry waits, and no write is lost.
#include <errno.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "thp.h"

// At least so long and so often, whichever takes longer: a busy machine under TCG moves a few pages a second.
enum { SECONDS = 4, SECONDS_SMALLER = 1, LEAST_MOVES = 20, LEAST_ROUNDS = 5, MOST_SECONDS = 90, WRITERS = 2 };

struct race {
  const struct machine *machine;
  uint8_t *memory;
  atomic_bool over;
  atomic_uint moves;
  unsigned refusals;
  double start;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool is_on(void *memory, int node) {
  int status = -1000;
  return move_pages(0, 1, &memory, NULL, &status, 0) == 0 && status == node;
}

// Migration is best effort: a page in use may stay. What counts is how often it moved, and was found to have.
static void *move_to_and_fro(void *context) {
  struct race *race = context;
  int target = race->machine->to, status;
  while (!atomic_load(&race->over)) {
    // Of smaller sizes some may stay.
    long left = move_huge(0, race->memory, 0, target, MPOL_MF_MOVE_ALL, &status);
    if ((huge_order() == HUGE_ORDER ? left == 0 : left >= 0) && is_on(race->memory, target)) {
      atomic_fetch_add(&race->moves, 1);
      target = target == race->machine->to ? race->machine->from : race->machine->to;
    } else {
      race->refusals++;
    }
  }
  return NULL;
}

// How often the page was used counts as well as how often it moved: on a busy machine either may be slow.
static bool goes_on(struct race *race, unsigned rounds) {
  double seconds = now() - race->start;
  if (seconds < (huge_order() == HUGE_ORDER ? SECONDS : SECONDS_SMALLER)) return true;
  return seconds < MOST_SECONDS && (atomic_load(&race->moves) < LEAST_MOVES || rounds < LEAST_ROUNDS);
}

static bool ended_well(struct race *race) {
  diagnose("%u moves, %u refusals in %.1f s", atomic_load(&race->moves), race->refusals, now() - race->start);
  return atomic_load(&race->moves) >= LEAST_MOVES;
}

struct writer {
  struct race *race;
  int lane;
  uint64_t rounds;
};

// Counts in one word of each page; the other words are another thread's, or the filling.
static void *count_up(void *context) {
  struct writer *writer = context;
  while (!atomic_load(&writer->race->over)) {
    for (size_t page = 0; page < PAGES; page++)
      ((volatile uint64_t *)(writer->race->memory + page * PAGE))[writer->lane]++;
    writer->rounds++;
  }
  return NULL;
}

static enum outcome written(void *context) {
  uint64_t seed = fresh_seed();
  static struct race race;
  struct writer writers[WRITERS];
  pthread_t mover, threads[WRITERS];
  race.machine = context;
  race.memory = map_huge(race.machine->from, seed);
  CHECK(race.memory, "no huge page");
  race.start = now();
  for (size_t page = 0; page < PAGES; page++) memset(race.memory + page * PAGE, 0, WRITERS * sizeof(uint64_t));
  CHECK(pthread_create(&mover, NULL, move_to_and_fro, &race) == 0, "thread");
  for (int lane = 0; lane < WRITERS; lane++) {
    writers[lane] = (struct writer){.race = &race, .lane = lane};
    CHECK(pthread_create(&threads[lane], NULL, count_up, &writers[lane]) == 0, "thread");
  }
  while (goes_on(&race, LEAST_ROUNDS)) usleep(50 * 1000);
  atomic_store(&race.over, true);
  pthread_join(mover, NULL);
  for (int lane = 0; lane < WRITERS; lane++) pthread_join(threads[lane], NULL);
  CHECK(ended_well(&race), "moved too rarely to show anything");
  for (size_t page = 0; page < PAGES; page++)
    for (int lane = 0; lane < WRITERS; lane++) {
      uint64_t counted = ((uint64_t *)(race.memory + page * PAGE))[lane];
      CHECK(counted == writers[lane].rounds && counted, "page %zu: %" PRIu64 " of %" PRIu64 " writes are there", page,
            counted, writers[lane].rounds);
    }
  // What nobody wrote is as it was: with the counters' words put back, everything is.
  uint8_t *reference = map_small(race.machine->from, seed);
  for (size_t page = 0; reference && page < PAGES; page++)
    memcpy(race.memory + page * PAGE, reference + page * PAGE, WRITERS * sizeof(uint64_t));
  CHECK(reference && is_intact(race.memory, seed), "between the counters");
  return PASS;
}

// The child reads what it inherited, perhaps through a migration entry that fork copied, and writes its copy.
static bool inherits(uint8_t *memory, uint64_t seed) {
  if (!is_intact(memory, seed)) return false;
  fill(memory, HUGE, ~seed);
  return is_intact(memory, ~seed);
}

static enum outcome forked(void *context) {
  uint64_t seed = fresh_seed();
  static struct race race;
  pthread_t mover;
  unsigned children = 0;
  race.machine = context;
  race.memory = map_huge(race.machine->from, seed);
  CHECK(race.memory, "no huge page");
  race.start = now();
  CHECK(pthread_create(&mover, NULL, move_to_and_fro, &race) == 0, "thread");
  for (; goes_on(&race, children); children++) {
    int status;
    pid_t child = fork();
    if (child == 0) _exit(inherits(race.memory, seed) ? PASS : FAIL);
    CHECK(child > 0 && waitpid(child, &status, 0) == child, "child: %s", strerror(errno));
    CHECK(status == 0, "what child %u sees (%#x)", children, (unsigned)status);
    CHECK(is_intact(race.memory, seed), "after child %u", children);
  }
  atomic_store(&race.over, true);
  pthread_join(mover, NULL);
  diagnose("%u children", children);
  CHECK(ended_well(&race) && children >= LEAST_ROUNDS, "too little happened to show anything");
  CHECK(is_intact(race.memory, seed), "at the end");
  return PASS;
}

// A migration entry may be zapped, and the memory filled anew, at any time.
static enum outcome discarded(void *context) {
  uint64_t seed = fresh_seed();
  static struct race race;
  pthread_t mover;
  unsigned rounds = 0;
  race.machine = context;
  race.memory = map_huge(race.machine->from, seed);
  CHECK(race.memory, "no huge page");
  race.start = now();
  CHECK(pthread_create(&mover, NULL, move_to_and_fro, &race) == 0, "thread");
  for (; goes_on(&race, rounds); rounds++) {
    CHECK(madvise(race.memory, HUGE, MADV_DONTNEED) == 0, "madvise: %s", strerror(errno));
    CHECK(race.memory[rounds % PAGES * PAGE] == 0, "old contents after MADV_DONTNEED");
    fill(race.memory, HUGE, seed + rounds);
    sched_yield();
    CHECK(is_intact(race.memory, seed + rounds), "round %u", rounds);
  }
  atomic_store(&race.over, true);
  pthread_join(mover, NULL);
  diagnose("%u rounds", rounds);
  CHECK(ended_well(&race) && rounds >= LEAST_ROUNDS, "too little happened to show anything");
  return PASS;
}

const struct subtest race_subtests[] = {
    {"written-while-moving", written},
    {"forked-while-moving", forked},
    {"discarded-while-moving", discarded},
    {0},
};
