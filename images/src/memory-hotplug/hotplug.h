// SPDX-License-Identifier: Apache-2.0
// What the subtests share: which blocks there are, and a block full of the subtest's own pages.
#pragma once

#include "../ktap/ktap.h"
#include "../memory-blocks/blocks.h"
#include "../memory-blocks/pages.h"

struct machine {
  uint64_t block;                  // bytes
  unsigned movable[MOST_BLOCKS];   // blocks of the zone Movable that can go offline, found when the program started
  size_t movable_count;
  unsigned normal;                 // a block with memory of the kernel
};

// target.c: memory of a subtest, and the block of the zone Movable that holds most of its pages.
struct target {
  uint8_t *memory;
  size_t bytes;
  uint64_t seed;
  unsigned block;
  size_t pages;  // of the memory, in that block
};
// Takes memory, for this process, until what comes next lies in a block that can go: the kernel gives out its free
// blocks one after the other, and the first may be one that cannot.
// `advice` (MADV_HUGEPAGE, MADV_NOHUGEPAGE) says of which size.
void use_up_the_rest(const struct machine *machine, int advice);
// False after a diagnostic, when no block holds a page of the memory, which must be filled from the seed.
bool find_target(const struct machine *machine, struct target *target);
// Takes the block offline, checks that no page is left in it and every byte is the same, and takes it back. PASS or
// FAIL after a diagnostic; `what` names the pages in it.
enum outcome check_move(const struct machine *machine, const struct target *target, const char *what);
uint64_t block_start(const struct machine *machine, unsigned block);

// The groups, each ended by an entry without a name.
extern const struct subtest state_subtests[], move_subtests[], refuse_subtests[], zone_subtests[];
