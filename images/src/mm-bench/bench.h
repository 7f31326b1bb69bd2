// SPDX-License-Identifier: Apache-2.0
// What the rows of mm-bench have in common. A row is one operation of the kernel on 2 MiB of memory, and one subtest.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "../ktap/ktap.h"

enum { PAGE = 4096, PAGES = 512, MOST_ROUNDS = 999, WARM_UP = 2, HUGE_ORDER = 9 };
#define HUGE ((size_t)PAGE * PAGES)

// How the 2 MiB are backed and mapped: small pages, one huge page mapped by 512 entries, one mapped by one entry, or pages
// of the order that was offered last.
enum kind { SMALL, PTE_THP, PMD_THP, MTHP };

struct row {
  struct subtest subtest;  // the name is the metric's too
  const char *group;
  enum kind kind;
  size_t number;  // the order of the pages, or how many processes or threads take part; 0 where neither matters
};

// The groups are in the order in which they run.
extern const struct row boot_rows[], rmap_rows[], mthp_rows[], mapped_rows[], fault_rows[], uffd_rows[], migrate_rows[],
    lock_rows[], stat_rows[], alloc_rows[], device_rows[], direct_rows[], dax_rows[];
extern const size_t boot_count, rmap_count, mthp_count, mapped_count, fault_count, uffd_count, migrate_count, lock_count,
    stat_count, alloc_count, device_count, direct_count, dax_count;

// --- count.c: the clock

struct samples {
  size_t rounds;
  uint64_t values[MOST_ROUNDS];
};

extern size_t wanted_rounds;  // without the first ones, which do not count

// Whether the guest's clock counts instructions; otherwise everything is in nanoseconds.
bool is_counting(void);
// Waits for the next multiple of 20 ms, so that a sample begins at the same distance from the kernel's ticks.
void align_clock(void);
uint64_t now(void);
void keep(struct samples *samples, uint64_t amount);
// Tells QEMU's plugin that counts functions one byte, by one instruction that it knows by its displacement, "KTST": a load
// from a table where only the place of the byte means something. Without the plugin it is a load.
enum { MARK_BEGIN = 2, MARK_END = 3, MARK_DROP = 0x18, MARK_DISPLACEMENT = 0x5453544b };
extern const uint8_t mark_table[256];
static inline void mark(uint8_t byte) {
  uintptr_t place = (uintptr_t)mark_table + byte - MARK_DISPLACEMENT;
  __asm__ volatile("movzbl %c1(%%rax), %%eax" : "+a"(place) : "i"(MARK_DISPLACEMENT));
}
// Prints the least count, or the median time, for one of `per` pages or calls.
enum outcome report(const struct row *row, struct samples *samples, size_t per);

#define ROUNDS(round) (size_t round = 0; round < WARM_UP + wanted_rounds; round++)
#define MEASURE(samples, ...)         \
  do {                                \
    align_clock();                    \
    mark(MARK_BEGIN);                 \
    uint64_t start_ = now();          \
    __VA_ARGS__;                      \
    uint64_t taken_ = now() - start_; \
    mark(MARK_END);                   \
    keep((samples), taken_);          \
  } while (0)

// --- pages.c: memory, and what the kernel says of it

// Two places that nothing else is near.
#define PLACE ((uint8_t *)0x100000000000)
#define OTHER_PLACE ((uint8_t *)0x200000000000)

// 2 MiB without pages, for pages of that kind; NULL after saying why not.
uint8_t *map_empty(uint8_t *place, enum kind kind);
// The same with pages and contents, after looking at them: NULL after saying what is wrong.
uint8_t *map_filled(uint8_t *place, enum kind kind);
// Whether the memory is resident as a whole in pages of that kind.
bool is_made_of(const uint8_t *memory, enum kind kind);
void fill(uint8_t *memory);
bool is_intact(const uint8_t *memory);
bool is_empty(const uint8_t *memory);  // nothing but zeroes where fill() wrote
// The frame of each page, 0 for none.
bool read_frames(const uint8_t *memory, uint64_t frames[PAGES]);
// How many entries of page tables map a frame; -1 where the kernel does not tell.
int64_t mappings(uint64_t frame);
size_t resident(const uint8_t *memory);
// A field of a file of /proc/self in KiB: "smaps_rollup", "Rss"; -1 where there is none.
long field_kib(const char *file, const char *field);
long minor_faults(void);

// --- settings.c: what disturbs, and where it is put off

bool put_off_disturbances(void);
// Huge pages where they are asked for, and no other sizes.
bool plain_huge_pages(void);
// Pages of this order for every fault. A kernel that does not offer them is a skip.
enum outcome offer_order(size_t order);
size_t offered_order(void);
bool has_two_nodes(void);
// Whether the kernel counts on which node each page is allocated, vm.numa_stat. False where it cannot be changed.
bool count_allocations(bool on);
// Each processor's lists of free pages have a length that the kernel adapts to what happened lately (since 6.7), or a fixed one.
void fix_page_lists(bool fixed);
// How many pages were allocated on the first node as wanted, as its numastat says; -1 where there is none.
long node_hits(void);

// --- crowd.c: other processes that map the same memory

enum { MOST_MAPPERS = 64 };

struct crowd {
  size_t size;
  pid_t members[MOST_MAPPERS];
  int hold[2], ready[2];
};

// Starts `size` processes and waits until each has read the memory, which must be as fill() left it.
enum outcome gather(struct crowd *crowd, size_t size, const uint8_t *memory);
// Ends them; the memory of each must be as fill() left it, or zero where it was `discarded`.
enum outcome dismiss(struct crowd *crowd, bool discarded);

// --- rows-direct.c: I/O that does not go through the page cache

// Writes 2 MiB of the memory to the RAM disk, or reads them from there: what is measured. SKIP where there is none.
enum outcome transfer(const struct row *row, uint8_t *memory, bool reads);

// --- namespace.c: persistent memory

// Makes the legacy pmem namespace device-dax with pages of that size, unless it is; the path of its device.
bool devdax_of(size_t align, char *path, size_t size);
