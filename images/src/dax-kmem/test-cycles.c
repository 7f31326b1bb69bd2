// SPDX-License-Identifier: Apache-2.0
// Again and again, with the page map elsewhere, and removed while it is in use.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "kmem.h"

static enum outcome cycle(const struct memory_device *device, uint64_t seed) {
  const size_t bytes = 4 * HUGE;
  CHECK(give_to_kmem(device), "%s is not system RAM", device->name);
  CHECK(blocks_online(device) == 0, "%zu blocks are online", blocks_online(device));
  CHECK(set_blocks(device, "online_movable"), "%s", device->name);
  uint8_t *memory = memory_on(device->node, bytes, MADV_HUGEPAGE, seed);
  if (!memory) return FAIL;
  CHECK(inside(device, memory, bytes) == bytes / PAGE, "%zu pages", inside(device, memory, bytes));
  CHECK(set_blocks(device, "offline"), "%s", device->name);
  CHECK(changed_at(memory, bytes, seed) == -1, "other data at %zd", changed_at(memory, bytes, seed));
  CHECK(take_from_kmem(device) && blocks_present(device) == 0, "%zu blocks are left", blocks_present(device));
  CHECK(give_to_device_dax(device), "%s does not become a device again", device->name);
  return PASS;
}

static enum outcome repeated(void *context) {
  enum { CYCLES = 5 };
  const struct memory_device *device = context;
  long before = meminfo("MemTotal");
  int error = write_line(MEMORY "/auto_online_blocks", "offline");
  CHECK(error == 0, "%s", strerror(error));
  for (int round = 0; round < CYCLES; round++) {
    enum outcome outcome = cycle(device, 20 + (uint64_t)round);
    if (outcome != PASS) {
      diagnose("in cycle %d of %d", round + 1, CYCLES);
      return outcome;
    }
  }
  CHECK(meminfo("MemTotal") == before, "MemTotal is %ld KiB and was %ld", meminfo("MemTotal"), before);
  return PASS;
}

static enum outcome memmap_on_memory(void *context) {
  const struct memory_device *device = context;
  char mode[32] = "";
  const char *parameter = "/sys/module/memory_hotplug/parameters/memmap_on_memory";
  if (!read_line(parameter, mode, sizeof mode)) return skip("no %s", parameter);
  if (!set_memmap_on_memory(device, "1")) return skip("memmap_on_memory=%s, and the device takes none", mode);
  int error = write_line(MEMORY "/auto_online_blocks", "online_movable");
  CHECK(error == 0, "%s", strerror(error));
  CHECK(give_to_kmem(device), "%s is not system RAM", device->name);
  // 64 bytes for each page of 4 KiB, taken out of the block itself.
  long expected = (long)(device->count * (device->block - device->block / 64) / 1024);
  long found = node_memory(device->node);
  CHECK(set_blocks(device, "offline") && take_from_kmem(device), "%s", device->name);
  CHECK(give_to_device_dax(device) && set_memmap_on_memory(device, "0"), "%s", device->name);
  CHECK(found == expected, "node %d had %ld KiB, not %ld", device->node, found, expected);
  return PASS;
}

const struct subtest cycle_subtests[] = {{"cycles", repeated}, {"page-map-on-the-memory", memmap_on_memory}, {0}};

static enum outcome removed_while_online(void *context) {
  const struct memory_device *device = context;
  const size_t bytes = 4 * HUGE;
  int error = write_line(MEMORY "/auto_online_blocks", "online_movable");
  CHECK(error == 0, "%s", strerror(error));
  CHECK(give_to_kmem(device), "%s is not system RAM", device->name);
  uint8_t *memory = memory_on(device->node, bytes, MADV_HUGEPAGE, 30);
  if (!memory) return FAIL;
  // The driver goes, as drivers always do; the memory stays until the next boot.
  CHECK(take_from_kmem(device) && !is_driven_by(device, "kmem"), "%s", device->name);
  CHECK(blocks_online(device) == device->count, "%zu of %u blocks are online", blocks_online(device), device->count);
  CHECK(changed_at(memory, bytes, 30) == -1, "other data at %zd", changed_at(memory, bytes, 30));
  CHECK(inside(device, memory, bytes) == bytes / PAGE, "%zu pages", inside(device, memory, bytes));
  CHECK(!give_to_device_dax(device), "%s is a device whose memory is in use as RAM", device->name);
  CHECK(changed_at(memory, bytes, 30) == -1, "other data at %zd", changed_at(memory, bytes, 30));
  return PASS;
}

const struct subtest busy_subtests[] = {{"removed-while-online", removed_while_online}, {0}};
