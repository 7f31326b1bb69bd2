// SPDX-License-Identifier: Apache-2.0
// Memory blocks as sysfs shows them (Documentation/admin-guide/mm/memory-hotplug.rst of the kernel), for the programs
// that put memory on and off line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_BLOCKS = 1024 };
#define MEMORY "/sys/devices/system/memory"

// Bytes of one block; 0 where the kernel has no memory hotplug.
uint64_t block_bytes(void);
// The numbers of all blocks, ascending; block N starts at physical address N * block_bytes().
size_t list_blocks(unsigned *blocks, size_t most);
bool block_is_online(unsigned block);
// "Normal" of an online block, of an offline one the zones it may go to, the default first. Empty on failure.
void block_zones(unsigned block, char *text, size_t size);
bool block_is_in(unsigned block, const char *zone);
// Writes "offline", "online", "online_movable" or "online_kernel"; 0 or the error number.
int set_block(unsigned block, const char *state);

// Reads the first line; false when it cannot be read.
bool read_line(const char *path, char *text, size_t size);
// 0 or the error number.
int write_line(const char *path, const char *text);
// One field of /proc/meminfo, for example "MemTotal", in KiB; of HugePages_* the count. -1 when it is not there.
long meminfo(const char *field);
