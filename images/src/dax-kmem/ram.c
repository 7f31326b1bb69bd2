// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kmem.h"

size_t blocks_present(const struct memory_device *device) {
  unsigned blocks[MOST_BLOCKS];
  size_t count = list_blocks(blocks, MOST_BLOCKS), present = 0;
  for (size_t index = 0; index < count; index++)
    present += blocks[index] >= device->first && blocks[index] < device->first + device->count;
  return present;
}

size_t blocks_online(const struct memory_device *device) {
  size_t online = 0;
  for (unsigned index = 0; index < device->count; index++) online += block_is_online(device->first + index);
  return online;
}

bool set_blocks(const struct memory_device *device, const char *state) {
  for (unsigned index = 0; index < device->count; index++) {
    int error = set_block(device->first + index, state);
    if (error) {
      diagnose("memory%u %s: %s", device->first + index, state, strerror(error));
      return false;
    }
  }
  return true;
}

long node_memory(int node) {
  char path[96], line[128];
  long value = 0;
  snprintf(path, sizeof path, "/sys/devices/system/node/node%d/meminfo", node);
  if (read_line(path, line, sizeof line)) sscanf(line, "Node %*d MemTotal: %ld kB", &value);
  return value;
}

uint8_t *memory_on(int node, size_t bytes, int advice, uint64_t seed) {
  uint8_t *memory = anonymous(bytes, advice, 0);
  unsigned long nodes = 1UL << node;
  if (!memory) return NULL;
  if (syscall(SYS_mbind, memory, bytes, MPOL_BIND, &nodes, sizeof nodes * 8, 0)) {
    diagnose("mbind to node %d: %s", node, strerror(errno));
    return NULL;
  }
  put_pattern(memory, bytes, seed);
  // What is bound cannot leave when its node goes.
  if (syscall(SYS_mbind, memory, bytes, MPOL_DEFAULT, NULL, 0, 0)) {
    diagnose("mbind to no node: %s", strerror(errno));
    return NULL;
  }
  return memory;
}

long move_to(int node, const void *memory, size_t bytes, size_t step) {
  size_t count = bytes / step;
  void **pages = calloc(count, sizeof *pages);
  int *nodes = calloc(count, sizeof *nodes), *states = calloc(count, sizeof *states);
  long there = -1;
  if (pages && nodes && states) {
    for (size_t index = 0; index < count; index++) {
      pages[index] = (char *)memory + index * step;
      nodes[index] = node;
    }
    long result = syscall(SYS_move_pages, 0, count, pages, nodes, states, 1 << 1 /* MPOL_MF_MOVE */);
    if (result == 0) {
      there = 0;
      for (size_t index = 0; index < count; index++) there += states[index] == node;
    } else {
      diagnose("move_pages to node %d: %ld, %s", node, result, result < 0 ? strerror(errno) : "pages not moved");
    }
  }
  free(pages);
  free(nodes);
  free(states);
  return there;
}

size_t whole_thps(const void *memory, size_t bytes) {
  size_t count = 0;
  for (size_t offset = 0; offset < bytes; offset += HUGE) count += is_whole_thp((const char *)memory + offset);
  return count;
}

size_t inside(const struct memory_device *device, const void *memory, size_t bytes) {
  return pages_within(memory, bytes, device->start, device->end);
}
