// SPDX-License-Identifier: Apache-2.0
// A huge page that parent and child share after fork.
#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thp.h"

// What the child does after the parent's word; its outcome.
typedef bool (*child_body)(uint8_t *memory, const struct machine *machine, uint64_t seed);

static enum outcome beside_child(const struct machine *machine, int flags, child_body body) {
  uint64_t seed = fresh_seed();
  int go[2], status, end;
  char byte;
  bool moves = flags & MPOL_MF_MOVE_ALL;
  uint8_t *memory = map_huge(machine->from, seed);
  CHECK(memory && pipe(go) == 0, "no huge page");
  pid_t child = fork();
  if (child == 0) _exit(read(go[0], &byte, 1) == 1 && body(memory, machine, seed) ? PASS : FAIL);
  long left = move_huge(0, memory, 0, machine->to, flags, &status);
  // The page was on a list of its own meanwhile, also of the parent: look before the child goes.
  bool seen = is_whole(memory, moves ? machine->to : machine->from, seed);
  CHECK(child > 0 && write(go[1], "", 1) == 1 && waitpid(child, &end, 0) == child, "child: %s", strerror(errno));
  CHECK(left == 0 && status == (moves ? machine->to : -EACCES), "result %ld, status %d", left, status);
  CHECK(seen, "what the parent sees");
  CHECK(end == 0, "what the child sees (%#x)", (unsigned)end);
  CHECK(is_whole(memory, moves ? machine->to : machine->from, seed), "what the child's end left");
  return PASS;
}

static bool sees_old(uint8_t *memory, const struct machine *machine, uint64_t seed) {
  return is_whole(memory, machine->from, seed);
}

static bool sees_new(uint8_t *memory, const struct machine *machine, uint64_t seed) {
  return is_whole(memory, machine->to, seed);
}

// The copy on write must still be one: the parent looks at its page afterwards.
static bool writes(uint8_t *memory, const struct machine *machine, uint64_t seed) {
  if (!is_whole(memory, machine->to, seed)) return false;
  fill(memory, HUGE, seed + 1);
  return is_intact(memory, seed + 1);
}

static enum outcome refused(void *context) { return beside_child(context, MPOL_MF_MOVE, sees_old); }
static enum outcome moved(void *context) { return beside_child(context, MPOL_MF_MOVE_ALL, sees_new); }
static enum outcome copied(void *context) { return beside_child(context, MPOL_MF_MOVE_ALL, writes); }

const struct subtest share_subtests[] = {
    {"shared-refused", refused},
    {"shared-moved-for-both", moved},
    {"shared-copied-on-write-after", copied},
    {0},
};
