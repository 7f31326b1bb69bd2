// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "exercise.h"

int open_device(const struct device *device) {
  char path[64];
  snprintf(path, sizeof path, "/dev/%s", device->name);
  return open(path, O_RDWR | O_CLOEXEC);
}

uint8_t *map_device(const struct device *device, uint64_t offset, uint64_t length) {
  int file = open_device(device);
  if (file < 0) {
    diagnose("/dev/%s: %s", device->name, strerror(errno));
    return NULL;
  }
  // The descriptor stays open: the process is the subtest's own and ends with it.
  void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)offset);
  if (memory == MAP_FAILED) {
    diagnose("mmap of %#llx bytes of /dev/%s at %#llx: %s", (unsigned long long)length, device->name,
             (unsigned long long)offset, strerror(errno));
    return NULL;
  }
  return memory;
}

uint64_t fresh_seed(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 * 1000 * 1000 + (uint64_t)now.tv_nsec;
}

// A different word everywhere, so that data from a wrong page or a wrong offset is seen.
static uint64_t word(uint64_t seed, size_t index) {
  uint64_t value = (seed + index + 1) * UINT64_C(0x9e3779b97f4a7c15);
  return value ^ (value >> 29);
}

void fill(void *memory, size_t bytes, uint64_t seed) {
  for (size_t index = 0; index < bytes / sizeof(uint64_t); index++) {
    uint64_t value = word(seed << 32, index);
    memcpy((char *)memory + index * sizeof value, &value, sizeof value);
  }
}

ssize_t difference(const void *memory, size_t bytes, uint64_t seed) {
  for (size_t index = 0; index < bytes / sizeof(uint64_t); index++) {
    uint64_t value = word(seed << 32, index);
    if (memcmp((const char *)memory + index * sizeof value, &value, sizeof value))
      return (ssize_t)(index * sizeof value);
  }
  return -1;
}
