// SPDX-License-Identifier: Apache-2.0
// Persistent memory as RAM of a node of its own: pages come to it, move there and back, and leave when it goes.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kmem.h"

enum { NEAR = 0 };
static const size_t bytes = 16 * HUGE;

static enum outcome online_movable(void *context) {
  const struct memory_device *device = context;
  CHECK(device->node != NEAR, "its memory belongs to node %d, where other memory is", device->node);
  int error = write_line(MEMORY "/auto_online_blocks", "online_movable");
  CHECK(error == 0, "%s", strerror(error));
  CHECK(give_to_kmem(device), "%s is not system RAM", device->name);
  size_t movable = 0;
  for (unsigned index = 0; index < device->count; index++) movable += block_is_in(device->first + index, "Movable");
  CHECK(movable == device->count, "%zu of %u blocks are in the zone Movable", movable, device->count);
  long expected = (long)(device->count * (device->block / 1024));
  CHECK(node_memory(device->node) == expected, "node %d has %ld KiB, not %ld", device->node,
        node_memory(device->node), expected);
  return PASS;
}

static enum outcome pages_come(void *context) {
  const struct memory_device *device = context;
  uint8_t *memory = memory_on(device->node, bytes, MADV_NOHUGEPAGE, 11);
  if (!memory) return FAIL;
  CHECK(inside(device, memory, bytes) == bytes / PAGE, "%zu of %zu pages", inside(device, memory, bytes),
        bytes / PAGE);
  CHECK(changed_at(memory, bytes, 11) == -1, "other data at %zd", changed_at(memory, bytes, 11));
  return PASS;
}

static enum outcome thps_come(void *context) {
  const struct memory_device *device = context;
  uint8_t *memory = memory_on(device->node, bytes, MADV_HUGEPAGE, 12);
  if (!memory) return FAIL;
  CHECK(whole_thps(memory, bytes) == bytes / HUGE, "%zu THPs", whole_thps(memory, bytes));
  CHECK(inside(device, memory, bytes) == bytes / PAGE, "%zu pages", inside(device, memory, bytes));
  CHECK(changed_at(memory, bytes, 12) == -1, "other data at %zd", changed_at(memory, bytes, 12));
  return PASS;
}

static enum outcome thps_move_whole(void *context) {
  const struct memory_device *device = context;
  uint8_t *memory = memory_on(NEAR, bytes, MADV_HUGEPAGE, 13);
  if (!memory) return FAIL;
  CHECK(whole_thps(memory, bytes) == bytes / HUGE, "%zu THPs to begin with", whole_thps(memory, bytes));
  for (int round = 0; round < 4; round++) {
    bool away = round % 2 == 0;
    long there = move_to(away ? device->node : NEAR, memory, bytes, HUGE);
    CHECK(there == (long)(bytes / HUGE), "round %d: %ld THPs have moved", round, there);
    CHECK(whole_thps(memory, bytes) == bytes / HUGE, "round %d: %zu are whole", round, whole_thps(memory, bytes));
    size_t expected = away ? bytes / PAGE : 0;
    CHECK(inside(device, memory, bytes) == expected, "round %d: %zu pages inside", round,
          inside(device, memory, bytes));
    CHECK(changed_at(memory, bytes, 13) == -1, "round %d: other data at %zd", round, changed_at(memory, bytes, 13));
  }
  return PASS;
}

static enum outcome process_moves(void *context) {
  const struct memory_device *device = context;
  uint8_t *memory = memory_on(NEAR, bytes, MADV_NOHUGEPAGE, 14);
  if (!memory) return FAIL;
  unsigned long from = 1UL << NEAR, to = 1UL << device->node;
  long left = syscall(SYS_migrate_pages, 0, sizeof from * 8, &from, &to);
  CHECK(left >= 0, "migrate_pages: %s", strerror(errno));
  diagnose("%ld pages of the process did not move", left);
  CHECK(inside(device, memory, bytes) == bytes / PAGE, "%zu of %zu pages", inside(device, memory, bytes),
        bytes / PAGE);
  CHECK(changed_at(memory, bytes, 14) == -1, "other data at %zd", changed_at(memory, bytes, 14));
  return PASS;
}

static enum outcome pages_leave(void *context) {
  const struct memory_device *device = context;
  uint8_t *small = memory_on(device->node, bytes, MADV_NOHUGEPAGE, 15);
  uint8_t *huge = memory_on(device->node, bytes, MADV_HUGEPAGE, 16);
  if (!small || !huge) return FAIL;
  CHECK(inside(device, huge, bytes) == bytes / PAGE, "%zu pages", inside(device, huge, bytes));
  CHECK(set_blocks(device, "offline"), "node %d does not go", device->node);
  CHECK(node_memory(device->node) == 0, "node %d has %ld KiB", device->node, node_memory(device->node));
  CHECK(inside(device, small, bytes) + inside(device, huge, bytes) == 0, "pages are left behind");
  CHECK(changed_at(small, bytes, 15) == -1, "other data at %zd", changed_at(small, bytes, 15));
  CHECK(changed_at(huge, bytes, 16) == -1, "other data at %zd of the THPs", changed_at(huge, bytes, 16));
  diagnose("%zu of %zu THPs are whole", whole_thps(huge, bytes), bytes / HUGE);
  return PASS;
}

static enum outcome becomes_device(void *context) {
  const struct memory_device *device = context;
  CHECK(take_from_kmem(device), "%s stays", device->name);
  CHECK(blocks_present(device) == 0, "%zu blocks are left", blocks_present(device));
  CHECK(give_to_device_dax(device), "%s does not become a device again", device->name);
  return PASS;
}

const struct subtest ram_subtests[] = {{"policy-puts-it-online", online_movable},
                                       {"small-pages-come", pages_come},
                                       {"thps-come", thps_come},
                                       {"thps-move-whole", thps_move_whole},
                                       {"process-moves", process_moves},
                                       {"pages-leave", pages_leave},
                                       {"ram-becomes-device", becomes_device},
                                       {0}};
