// SPDX-License-Identifier: Apache-2.0
// What the subtests share: the machine's two nodes, 2 MiB of huge pages under test, and the verbs they are written with.
// These are one page of 2 MiB, or several of the smaller size that is on offer.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../ktap/ktap.h"

enum { PAGE = 4096, PAGES = 512, HUGE = PAGE * PAGES, LEAST_SHARED_ORDER = 1, LEAST_ORDER = 2, HUGE_ORDER = 9 };

// The first two nodes that have memory.
struct machine {
  int from, to;
};

// nodes.c
bool find_nodes(struct machine *machine);
// System calls as in move_pages(2), migrate_pages(2), mbind(2); flags as in <linux/mempolicy.h>. -1 sets errno.
long move_pages(pid_t pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
long migrate_pages(pid_t pid, int from, int to);
long bind_memory(void *memory, size_t bytes, int policy, int node, unsigned flags);
// Moves the page at this address, or all of the huge page it belongs to; the result of the call, *status for the page.
long move_one(pid_t pid, void *address, int node, int flags, int *status);
// Moves all huge pages of 2 MiB, each named by its page at the same offset (in pages). *status is theirs if they agree,
// otherwise that of the first which differs from the others.
long move_huge(pid_t pid, void *memory, int offset, int node, int flags, int *status);

// size.c: which size of huge pages there is. All have 2 MiB until one is offered.
int huge_order(void);
int huge_pages(void);  // pages of 4 KiB in a huge page
void save_sizes(void);
void restore_sizes(void);  // as they were saved; by the parent of the one that offered a size
// From now on, in this process, huge pages have this order, and no other size is to be had. SKIP: the kernel has none.
enum outcome offer_size(int order, bool is_shared);
// How often the kernel has split a page of this size; true and UINT64_MAX on kernels before 6.11, which do not count that.
bool count_splits(uint64_t *splits);
// Whether there were more splits since, or as many: what was expected. Says what is wrong.
bool splits_grew(uint64_t before, bool is_split);
// Says how many huge pages of this size have pages that the kernel takes for unmapped (nr_anon_partially_mapped).
void say_partly_mapped(const char *when);

// region.c: memory of 2 MiB, aligned to it, with a page nobody may touch on either side, so that no other mapping
// becomes part of its entry in smaps. All return NULL after a diagnostic.
uint8_t *map_empty(int protection);
uint8_t *map_huge(int node, uint64_t seed);   // huge pages on this node, mapped whole, with contents
uint8_t *map_small(int node, uint64_t seed);  // 512 small pages
// A file of 2 MiB of huge pages, mapped whole: on a tmpfs that is mounted in the working directory, of smaller sizes a memfd.
uint8_t *map_file(int node, uint64_t seed, int *file);
uint64_t fresh_seed(void);
void fill(void *memory, size_t bytes, uint64_t seed);
ssize_t difference(const void *memory, size_t bytes, uint64_t seed);  // offset of the first wrong byte, or -1

// pages.c: what the kernel says about 2 MiB of memory.
struct pages {
  uint64_t frame[PAGES];  // page frame numbers; 0: not present
  bool soft_dirty[PAGES];
  uint64_t flags[PAGES];  // of /proc/kpageflags
  int node[PAGES];        // or a negative errno
};
bool read_pages(const void *memory, struct pages *pages);
long mapped_whole(const void *memory);  // bytes mapped by huge entries of the page table (smaps), or -1
// Compound pages of the size on offer, contiguous, aligned, flagged as a THP, all of them on this node.
bool is_compound(const struct pages *pages, int node);
// As above, pages of 2 MiB mapped by one entry, contents as filled. Says what is wrong.
bool is_whole(const void *memory, int node, uint64_t seed);
enum { ANY_NODE = -1 };  // for both
bool is_intact(const void *memory, uint64_t seed);  // the contents alone
// All pages are on this node: the number of huge pages that are now pages of 4 KiB, the others being whole. Or -1.
int broken_up(const struct pages *pages, int node);
// Pages of 4 KiB all on this node, none of them part of a huge page.
bool is_small(const struct pages *pages, int node);
enum { KPF_ANON = 12, KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_UNEVICTABLE = 18, KPF_THP = 22, KPF_RESERVED = 32 };

// files.c
bool read_text(const char *path, char *text, size_t size);  // first line, without its end
bool write_text(const char *path, const char *text);        // false sets errno
bool vmstat(const char *name, uint64_t *value);
// True when the counter is now at least (or, with `exactly`, just) this much higher than before.
bool grew(const char *name, uint64_t before, uint64_t by, bool exactly);

// pin.c: a reference to one page that a pipe holds: the page cannot move until the pipe is closed.
bool pin(const void *page, int ends[2]);
void unpin(const int ends[2]);

// The groups, each ended by an entry without a name.
extern const struct subtest move_subtests[], shmem_subtests[], dirty_subtests[], share_subtests[], race_subtests[],
    split_subtests[], offline_subtests[];
