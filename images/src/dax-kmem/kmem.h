// SPDX-License-Identifier: Apache-2.0
// One device-dax instance, which is a device or system RAM.
#pragma once

#include "../ktap/ktap.h"
#include "../memory-blocks/blocks.h"
#include "../memory-blocks/pages.h"

// Known once the namespace is device-dax; lives in memory shared with the subtests' processes.
struct memory_device {
  char name[32];          // "dax0.0"
  uint64_t start, end;    // physical addresses of the whole memory blocks in it, which is what kmem takes
  uint64_t block;         // bytes of a memory block
  unsigned first, count;  // those blocks
  int node;               // where its memory goes
};

// device.c: all return false after a diagnostic.
bool make_device(struct memory_device *device);              // of the lowest legacy namespace, 2 MiB pages
bool give_to_kmem(const struct memory_device *device);       // from the driver device_dax
bool take_from_kmem(const struct memory_device *device);     // its blocks must be offline
bool give_to_device_dax(const struct memory_device *device);
bool is_driven_by(const struct memory_device *device, const char *driver);
bool set_memmap_on_memory(const struct memory_device *device, const char *value);  // false also where it is unknown

// ram.c
size_t blocks_present(const struct memory_device *device);
size_t blocks_online(const struct memory_device *device);
bool set_blocks(const struct memory_device *device, const char *state);  // each; false after a diagnostic
long node_memory(int node);                                              // MemTotal in KiB; 0 for a node without
// Memory that is taken from one node only, filled from the seed; NULL after a diagnostic.
uint8_t *memory_on(int node, size_t bytes, int advice, uint64_t seed);
// Moves each page to a node; how many of them are there now, or -1 after a diagnostic.
long move_to(int node, const void *memory, size_t bytes, size_t step);
size_t whole_thps(const void *memory, size_t bytes);
size_t inside(const struct memory_device *device, const void *memory, size_t bytes);  // pages

extern const struct subtest device_subtests[], ram_subtests[], cycle_subtests[], busy_subtests[];
