// SPDX-License-Identifier: Apache-2.0
// What the subtests share: the machine's two nodes, one huge page under test, and the verbs they are written with.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../ktap/ktap.h"

enum { PAGE = 4096, PAGES = 512, HUGE = PAGE * PAGES };

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

// region.c: memory of 2 MiB, aligned to it, with a page nobody may touch on either side, so that no other mapping
// becomes part of its entry in smaps. All return NULL after a diagnostic.
uint8_t *map_empty(int protection);
uint8_t *map_huge(int node, uint64_t seed);   // one huge page on this node, mapped whole, with contents
uint8_t *map_small(int node, uint64_t seed);  // 512 small pages
// A file of 2 MiB on a tmpfs of huge pages mounted in the working directory, mapped whole.
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
// One compound page, contiguous, aligned, flagged as a THP, all of it on this node.
bool is_compound(const struct pages *pages, int node);
// As above, mapped by one entry, contents as filled. Says what is wrong.
bool is_whole(const void *memory, int node, uint64_t seed);
bool is_intact(const void *memory, uint64_t seed);  // the contents alone
// Pages of 4 KiB all on this node, none of them part of a huge page.
bool is_small(const struct pages *pages, int node);
enum { KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_UNEVICTABLE = 18, KPF_THP = 22, KPF_RESERVED = 32 };

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
