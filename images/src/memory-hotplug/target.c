// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/mman.h>

#include "hotplug.h"

uint64_t block_start(const struct machine *machine, unsigned block) { return block * machine->block; }

static bool can_go(const struct machine *machine, uint64_t address) {
  for (size_t index = 0; index < machine->movable_count; index++)
    if (address / machine->block == machine->movable[index]) return true;
  return false;
}

void use_up_the_rest(const struct machine *machine, int advice) {
  const uint64_t piece = 4 * MIB;
  // More than a block is left only if something else is wrong, which find_target() then says.
  for (uint64_t taken = 0; taken <= 2 * machine->block; taken += piece) {
    uint8_t *memory = anonymous(piece, advice, 0);
    if (!memory) return;
    for (uint64_t offset = 0; offset < piece; offset += PAGE) memory[offset] = 1;
    if (can_go(machine, physical(memory)) && can_go(machine, physical(memory + piece - PAGE))) return;
  }
}

bool find_target(const struct machine *machine, struct target *target) {
  target->pages = 0;
  for (size_t index = 0; index < machine->movable_count; index++) {
    uint64_t start = block_start(machine, machine->movable[index]);
    size_t pages = pages_within(target->memory, target->bytes, start, start + machine->block);
    if (pages > target->pages) {
      target->pages = pages;
      target->block = machine->movable[index];
    }
  }
  if (!target->pages) diagnose("none of %zu KiB lies in a block of the zone Movable", target->bytes / 1024);
  return target->pages > 0;
}

enum outcome check_move(const struct machine *machine, const struct target *target, const char *what) {
  uint64_t start = block_start(machine, target->block), end = start + machine->block;
  diagnose("memory%u holds %zu pages of %s", target->block, target->pages, what);
  int error = set_block(target->block, "offline");
  CHECK(error == 0, "memory%u with %s: %s", target->block, what, strerror(error));
  size_t left = pages_within(target->memory, target->bytes, start, end);
  ssize_t wrong = changed_at(target->memory, target->bytes, target->seed);
  int back = set_block(target->block, "online_movable");
  CHECK(left == 0, "%zu pages are mapped in a block that is offline", left);
  CHECK(wrong == -1, "the byte at %zd is another after the move", wrong);
  CHECK(back == 0, "memory%u does not come back: %s", target->block, strerror(back));
  return PASS;
}
