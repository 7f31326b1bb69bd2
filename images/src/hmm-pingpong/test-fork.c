// SPDX-License-Identifier: Apache-2.0
// Copy on write across fork, with pages that are on the device before it or go there after it.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pingpong.h"

static enum outcome child_writes(struct range range, uint64_t seed, uint64_t newer) {
  TRY(cpu_reads(range, seed));
  fill(range.base, range, newer);
  return cpu_reads(range, newer);
}

static enum outcome forked_on_device(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages);
  for (unsigned round = 0; round < setup->rounds; round++) {
    uint64_t seed = fresh_seed();
    fill(range.base, range, seed);
    TRY(to_device(mirror, range, seed));
    TRY(device_writes(mirror, range, ++seed));
    pid_t child = fork();
    if (child == 0) _exit((int)child_writes(range, seed, seed + 1));
    TRY(child_passed(child));
    TRY(cpu_reads(range, seed));
    TRY(to_system(mirror, range, setup->coherent ? range.pages : 0));
    TRY(cpu_reads(range, seed));
  }
  return PASS;
}

// Waits for a byte, so that parent and child take turns.
static bool turn(int input) {
  char byte;
  return read(input, &byte, 1) == 1;
}

static enum outcome driven_while_shared(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  int ends[2];
  CHECK(!pipe(ends), "%s", strerror(errno));
  pid_t child = fork();
  if (child == 0) _exit(turn(ends[0]) ? (int)child_writes(range, seed, seed + 1) : FAIL);
  // Both processes' page tables are changed; what they share until one writes stays read-only.
  TRY(to_device(mirror, range, seed));
  TRY(lies(mirror, range, here(setup) | READABLE));
  CHECK(write(ends[1], "", 1) == 1, "%s", strerror(errno));
  TRY(child_passed(child));
  TRY(cpu_reads(range, seed));
  fill(range.base, range, seed + 2);
  TRY(cpu_reads(range, seed + 2));
  return PASS;
}

const struct subtest fork_subtests[] = {
    {"fork-on-device", forked_on_device},
    {"fork-then-driven", driven_while_shared},
    {0},
};
