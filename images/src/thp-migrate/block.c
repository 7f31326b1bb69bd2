// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t block_bytes(void) {
  char text[64] = "";
  read_text("/sys/devices/system/memory/block_size_bytes", text, sizeof text);
  return strtoull(text, NULL, 16);
}

static unsigned long block_of(uint64_t frame) { return (unsigned long)(frame * PAGE / block_bytes()); }

static bool attribute(unsigned long block, const char *name, char *text, size_t size) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/memory/memory%lu/%s", block, name);
  return read_text(path, text, size);
}

bool block_is(const struct block *block, const char *state) {
  char text[64];
  bool known = attribute(block->number, "state", text, sizeof text);
  if (!known || strcmp(text, state)) diagnose("memory%lu is %s, not %s", block->number, known ? text : "gone", state);
  return known && !strcmp(text, state);
}

bool block_write(const struct block *block, const char *state) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/memory/memory%lu/state", block->number);
  return write_text(path, state);
}

// What the kernel set aside at boot, its own memory map for example, lies in this zone too when its size came from
// movablecore=, and stays there.
static bool has_reserved(unsigned long block) {
  size_t pages = block_bytes() / PAGE;
  uint64_t *flags = malloc(pages * sizeof *flags);
  int file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
  bool found = false;
  ssize_t bytes = (ssize_t)(pages * sizeof *flags);
  if (flags && pread(file, flags, (size_t)bytes, (off_t)block * bytes) == bytes)
    for (size_t page = 0; page < pages && !found; page++) found = flags[page] >> KPF_RESERVED & 1;
  else
    diagnose("/proc/kpageflags of memory%lu: %s", block, strerror(errno));
  close(file);
  free(flags);
  return found;
}

static void swap_passengers(struct block *block, int one, int other) {
  uint8_t *memory = block->passenger[one];
  uint64_t seed = block->seed[one], frame = block->frame[one];
  block->passenger[one] = block->passenger[other];
  block->seed[one] = block->seed[other];
  block->frame[one] = block->frame[other];
  block->passenger[other] = memory;
  block->seed[other] = seed;
  block->frame[other] = frame;
}

static void board(struct block *block, unsigned long number) {
  block->number = number;
  block->inside = 0;
  for (int index = 0; index < PASSENGERS; index++)
    if (block_of(block->frame[index]) == number) swap_passengers(block, index, block->inside++);
}

bool choose_block(struct block *block, const struct machine *machine, bool unmovable) {
  struct pages pages;
  for (int index = 0; index < PASSENGERS; index++) {
    block->seed[index] = fresh_seed();
    block->passenger[index] = map_huge(index % 2 ? machine->to : machine->from, block->seed[index]);
    if (!block->passenger[index] || !read_pages(block->passenger[index], &pages)) return false;
    block->frame[index] = pages.frame[0];
  }
  for (int index = 0; index < PASSENGERS; index++) {
    unsigned long number = block_of(block->frame[index]);
    char zones[64] = "", state[64] = "";
    attribute(number, "valid_zones", zones, sizeof zones);
    attribute(number, "state", state, sizeof state);
    if (strcmp(zones, "Movable") || strcmp(state, "online") || has_reserved(number) != unmovable) continue;
    board(block, number);
    diagnose("memory%lu: %d huge pages of ours", number, block->inside);
    return true;
  }
  diagnose("no block %s unmovable pages among those with huge pages of ours", unmovable ? "with" : "without");
  return false;
}

// Whole at the place it has now, wherever that is.
static bool whole_somewhere(const struct block *block, int index, uint64_t *frame) {
  struct pages pages;
  if (!read_pages(block->passenger[index], &pages)) return false;
  *frame = pages.frame[0];
  return is_whole(block->passenger[index], pages.node[0], block->seed[index]);
}

bool passengers_moved(const struct block *block) {
  uint64_t frame;
  for (int index = 0; index < PASSENGERS; index++) {
    if (!whole_somewhere(block, index, &frame)) return false;
    if (block_of(frame) != block->number) continue;
    diagnose("frame %#" PRIx64 " lies in memory%lu", frame, block->number);
    return false;
  }
  return true;
}

bool passengers_stayed(const struct block *block) {
  uint64_t frame;
  for (int index = 0; index < PASSENGERS; index++) {
    if (!whole_somewhere(block, index, &frame)) return false;
    if (index >= block->inside || frame == block->frame[index]) continue;
    diagnose("frame %#" PRIx64 " became %#" PRIx64, block->frame[index], frame);
    return false;
  }
  return true;
}
