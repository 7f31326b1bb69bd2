// SPDX-License-Identifier: Apache-2.0
// Where the pages of a mapping lie, and what is in them. Source: Documentation/admin-guide/mm/pagemap.rst.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PAGE = 4096 };
#define MIB (UINT64_C(1) << 20)
#define HUGE (2 * MIB)

// Physical address of the page at this address; 0 when none is mapped there.
uint64_t physical(const void *address);
// How many of the mapping's pages lie at these physical addresses.
size_t pages_within(const void *memory, size_t bytes, uint64_t start, uint64_t end);
// From /proc/kpageflags.
bool is_whole_thp(const void *memory);  // 512 pages of one transparent huge page, in order
bool is_hugetlb(const void *memory);

// Private anonymous memory, starting at a multiple of 2 MiB; NULL after a diagnostic.
uint8_t *anonymous(size_t bytes, int advice, int flags);

// A different word everywhere, so that data of a wrong page is seen.
void put_pattern(void *memory, size_t bytes, uint64_t seed);
// Offset of the first byte that differs from what put_pattern() wrote, or -1.
ssize_t changed_at(const void *memory, size_t bytes, uint64_t seed);
