// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_BLOCKS = 4096, MOST_BALLAST = 512 };

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

// A block with a hole is refused for that alone.
static bool is_all_memory(unsigned long block) {
  FILE *lines = fopen("/proc/iomem", "r");
  char line[128];
  uint64_t first, last, start = block * block_bytes(), end = start + block_bytes() - 1;
  bool found = false;
  while (lines && !found && fgets(line, sizeof line, lines))
    found = sscanf(line, "%" SCNx64 "-%" SCNx64 " : System RAM", &first, &last) == 2 && first <= start && end <= last;
  if (lines) fclose(lines);
  return found;
}

static bool suits(unsigned long number, bool unmovable) {
  char zones[64] = "", state[64] = "";
  attribute(number, "valid_zones", zones, sizeof zones);
  attribute(number, "state", state, sizeof state);
  return !strcmp(zones, "Movable") && !strcmp(state, "online") && is_all_memory(number) &&
         has_reserved(number) == unmovable;
}

static bool is_known(uint8_t *known, unsigned long number, bool unmovable) {
  if (number >= MOST_BLOCKS) return false;
  if (!known[number]) known[number] = suits(number, unmovable) ? 2 : 1;
  return known[number] == 2;
}

// The allocator is asked until it gives pages of the right block; what it gives before that is given back at the end.
bool board_block(struct block *block, int node, bool unmovable) {
  static uint8_t known[MOST_BLOCKS], *ballast[MOST_BALLAST];
  struct pages pages;
  int rest = 0;
  block->count = 0;
  memset(known, 0, sizeof known);
  while (block->count < PASSENGERS && rest < MOST_BALLAST) {
    uint8_t *memory = map_empty(PROT_READ | PROT_WRITE);
    if (!memory || madvise(memory, HUGE, MADV_HUGEPAGE) || bind_memory(memory, HUGE, MPOL_BIND, node, 0)) break;
    for (int page = 0; page < PAGES; page += huge_pages()) memory[(size_t)page * PAGE] = 1;
    if (bind_memory(memory, HUGE, MPOL_DEFAULT, 0, 0) || !read_pages(memory, &pages)) break;
    if (!is_compound(&pages, node)) break;  // the node has no more
    unsigned long number = block_of(pages.frame[0]);
    if (block->count ? number != block->number : !is_known(known, number, unmovable)) {
      ballast[rest++] = memory;
      continue;
    }
    block->number = number;
    block->passenger[block->count] = memory;
    block->frame[block->count] = pages.frame[0];
    fill(memory, HUGE, block->seed[block->count++] = fresh_seed());
  }
  diagnose("memory%lu: %d huge pages of ours, %d elsewhere", block->number, block->count, rest);
  while (rest) munmap(ballast[--rest], HUGE);
  return block->count > 0;
}

// Whole at the place it has now, wherever that is.
static bool whole_somewhere(const struct block *block, int index, struct pages *pages) {
  return read_pages(block->passenger[index], pages) &&
         is_whole(block->passenger[index], huge_order() == HUGE_ORDER ? pages->node[0] : ANY_NODE, block->seed[index]);
}

bool passengers_moved(const struct block *block) {
  struct pages pages;
  for (int index = 0; index < block->count; index++) {
    if (!whole_somewhere(block, index, &pages)) return false;
    for (int page = 0; page < PAGES; page += huge_pages()) {
      if (block_of(pages.frame[page]) != block->number) continue;
      diagnose("frame %#" PRIx64 " lies in memory%lu", pages.frame[page], block->number);
      return false;
    }
  }
  return true;
}

bool passengers_stayed(const struct block *block) {
  struct pages pages;
  for (int index = 0; index < block->count; index++) {
    if (!whole_somewhere(block, index, &pages)) return false;
    if (pages.frame[0] == block->frame[index]) continue;
    diagnose("frame %#" PRIx64 " became %#" PRIx64, block->frame[index], pages.frame[0]);
    return false;
  }
  return true;
}
