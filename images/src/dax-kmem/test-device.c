// SPDX-License-Identifier: Apache-2.0
// The device while it is a device, and the step to memory that nobody has put on line yet.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kmem.h"

static int open_device(const struct memory_device *device) {
  char path[64];
  snprintf(path, sizeof path, "/dev/%s", device->name);
  return open(path, O_RDWR | O_CLOEXEC);
}

static enum outcome device_can_be_mapped(void *context) {
  const struct memory_device *device = context;
  int file = open_device(device);
  CHECK(file >= 0, "/dev/%s: %s", device->name, strerror(errno));
  uint8_t *memory = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(memory != MAP_FAILED, "%s", strerror(errno));
  put_pattern(memory, 2 * HUGE, (uint64_t)getpid());
  CHECK(changed_at(memory, 2 * HUGE, (uint64_t)getpid()) == -1, "what was written is not there");
  CHECK(blocks_present(device) == 0, "%zu memory blocks lie in a device", blocks_present(device));
  return PASS;
}

static bool is_listed_as_ram(const struct memory_device *device) {
  char line[160], wanted[64];
  bool found = false;
  snprintf(wanted, sizeof wanted, "%llx-%llx : System RAM (kmem)", (unsigned long long)device->start,
           (unsigned long long)device->end - 1);
  FILE *lines = fopen("/proc/iomem", "r");
  while (lines && !found && fgets(line, sizeof line, lines)) found = strstr(line, wanted);
  if (lines) fclose(lines);
  return found;
}

static enum outcome device_becomes_blocks(void *context) {
  const struct memory_device *device = context;
  long before = meminfo("MemTotal");
  int error = write_line(MEMORY "/auto_online_blocks", "offline");
  CHECK(error == 0, "%s", strerror(error));
  CHECK(give_to_kmem(device), "%s is not system RAM", device->name);
  CHECK(blocks_present(device) == device->count, "%zu of %u blocks", blocks_present(device), device->count);
  CHECK(blocks_online(device) == 0, "%zu blocks are online though the policy is offline", blocks_online(device));
  CHECK(meminfo("MemTotal") == before, "MemTotal is %ld KiB and was %ld", meminfo("MemTotal"), before);
  CHECK(is_listed_as_ram(device), "/proc/iomem does not list it as System RAM (kmem)");
  int file = open_device(device);
  CHECK(file < 0, "/dev/%s can still be opened", device->name);
  return PASS;
}

static enum outcome blocks_go_again(void *context) {
  const struct memory_device *device = context;
  CHECK(take_from_kmem(device), "%s stays", device->name);
  CHECK(blocks_present(device) == 0, "%zu blocks are left", blocks_present(device));
  CHECK(!is_listed_as_ram(device), "/proc/iomem still lists it");
  CHECK(give_to_device_dax(device), "%s does not become a device again", device->name);
  return device_can_be_mapped(context);
}

const struct subtest device_subtests[] = {{"device-can-be-mapped", device_can_be_mapped},
                                          {"device-becomes-offline-blocks", device_becomes_blocks},
                                          {"offline-blocks-become-device", blocks_go_again},
                                          {0}};
