// SPDX-License-Identifier: Apache-2.0
// What sysfs promises of a block and its states.
#include <errno.h>
#include <string.h>

#include "hotplug.h"

static enum outcome block_size(void *context) {
  const struct machine *machine = context;
  CHECK(machine->block >= 128 * MIB, "a section of x86-64 is 128 MiB, a block %llu bytes",
        (unsigned long long)machine->block);
  CHECK((machine->block & (machine->block - 1)) == 0, "%#llx", (unsigned long long)machine->block);
  unsigned blocks[MOST_BLOCKS];
  size_t count = list_blocks(blocks, MOST_BLOCKS), online = 0;
  for (size_t index = 0; index < count; index++) online += block_is_online(blocks[index]);
  uint64_t total = (uint64_t)meminfo("MemTotal") * 1024;
  CHECK(online * machine->block >= total, "%zu blocks are online, MemTotal is %llu", online,
        (unsigned long long)total);
  return PASS;
}

static enum outcome offline_takes_memory(void *context) {
  const struct machine *machine = context;
  unsigned block = machine->movable[0];
  long before = meminfo("MemTotal"), size = (long)(machine->block / 1024);
  int error = set_block(block, "offline");
  CHECK(error == 0, "memory%u: %s", block, strerror(error));
  long without = meminfo("MemTotal");
  bool online = block_is_online(block);
  int again = set_block(block, "offline");
  error = set_block(block, "online_movable");
  CHECK(!online, "memory%u", block);
  CHECK(before - without == size, "MemTotal went from %ld to %ld KiB", before, without);
  CHECK(again == EINVAL, "a second offline: %s", strerror(again));
  CHECK(error == 0, "memory%u does not come back: %s", block, strerror(error));
  long after = meminfo("MemTotal");
  CHECK(after == before, "MemTotal is %ld KiB and was %ld", after, before);
  return PASS;
}

static enum outcome unknown_state_refused(void *context) {
  const struct machine *machine = context;
  int error = set_block(machine->movable[0], "sideways");
  CHECK(error == EINVAL, "%s", strerror(error));
  error = set_block(machine->movable[0], "online");
  CHECK(error == EINVAL, "online, of a block that is: %s", strerror(error));
  CHECK(block_is_in(machine->movable[0], "Movable"), "memory%u", machine->movable[0]);
  return PASS;
}

static enum outcome zones_of_an_offline_block(void *context) {
  const struct machine *machine = context;
  unsigned block = machine->movable[0];
  char zones[64], online[64];
  int error = set_block(block, "offline");
  CHECK(error == 0, "memory%u: %s", block, strerror(error));
  block_zones(block, zones, sizeof zones);
  error = set_block(block, "online_movable");
  block_zones(block, online, sizeof online);
  CHECK(strstr(zones, "Normal") && strstr(zones, "Movable"), "valid_zones says '%s'", zones);
  CHECK(error == 0 && !strcmp(online, "Movable"), "'%s' once online (%s)", online, strerror(error));
  return PASS;
}

static enum outcome policy_for_new_blocks(void *context) {
  (void)context;
  const char *path = MEMORY "/auto_online_blocks", *words[] = {"offline", "online", "online_kernel", "online_movable"};
  char before[32], now[32];
  CHECK(read_line(path, before, sizeof before), "%s", path);
  for (size_t index = 0; index < sizeof words / sizeof *words; index++) {
    int error = write_line(path, words[index]);
    read_line(path, now, sizeof now);
    CHECK(error == 0 && !strcmp(now, words[index]), "%s: '%s', %s", words[index], now, strerror(error));
  }
  int error = write_line(path, "sometimes");
  CHECK(error == EINVAL, "sometimes: %s", strerror(error));
  error = write_line(path, before);
  CHECK(error == 0, "%s does not come back: %s", before, strerror(error));
  return PASS;
}

const struct subtest state_subtests[] = {{"block-size", block_size},
                                         {"offline-takes-memory", offline_takes_memory},
                                         {"unknown-state-refused", unknown_state_refused},
                                         {"zones-of-an-offline-block", zones_of_an_offline_block},
                                         {"policy-for-new-blocks", policy_for_new_blocks},
                                         {0}};
