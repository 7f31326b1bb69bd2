// SPDX-License-Identifier: Apache-2.0
// Memory blocks: Documentation/admin-guide/mm/memory-hotplug.rst.
#pragma once

#include "thp.h"

enum { PASSENGERS = 8 };

// A memory block, and huge pages of ours that lie in it.
struct block {
  unsigned long number;
  int count;
  uint8_t *passenger[PASSENGERS];
  uint64_t seed[PASSENGERS], frame[PASSENGERS];
};

// Fills a block of the zone Movable that is online, has no hole, and has, or has not, pages that nothing can move, with
// huge pages. False: there is none on the node; says so.
bool board_block(struct block *block, int node, bool unmovable);
bool block_write(const struct block *block, const char *state);
bool block_is(const struct block *block, const char *state);
// Every passenger has its contents and is whole, and has left the block, or is where it was.
bool passengers_moved(const struct block *block);
bool passengers_stayed(const struct block *block);
