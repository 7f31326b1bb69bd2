// SPDX-License-Identifier: Apache-2.0
// Memory blocks: Documentation/admin-guide/mm/memory-hotplug.rst.
#pragma once

#include "thp.h"

enum { PASSENGERS = 48 };

// Huge pages of ours, and the block that was chosen because some of them lie in it.
struct block {
  unsigned long number;
  int inside;                        // how many of ours lie in it
  uint8_t *passenger[PASSENGERS];    // those come first
  uint64_t seed[PASSENGERS];
  uint64_t frame[PASSENGERS];
};

// A block that is online in the zone Movable, has some of our huge pages in it, and has, or has not, pages that
// nothing can move. False: there is none; says so.
bool choose_block(struct block *block, const struct machine *machine, bool unmovable);
bool block_write(const struct block *block, const char *state);
bool block_is(const struct block *block, const char *state);
// Every huge page of ours has its contents and is whole; those of the block have left it, or are where they were.
bool passengers_moved(const struct block *block);
bool passengers_stayed(const struct block *block);
