// SPDX-License-Identifier: Apache-2.0
// What the subtests share: the mirrored device, ranges of memory, and the verbs they are written with.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../ktap/ktap.h"

enum { PAGE = 4096, HUGE_PAGES = 512 };  // HUGE_PAGES: pages of a transparent huge page
#define HUGE_BYTES ((size_t)HUGE_PAGES * PAGE)

// What was asked for on the command line.
struct setup {
  bool coherent;         // the device's memory: the CPU can reach it; otherwise it is private
  unsigned unit, other;  // /dev/hmm_dmirrorN, and a second device of the same kind
  size_t pages;          // of the ranges that are driven
  unsigned rounds;
};

// Pages of this process. `first` is the number that the pattern gives the first of them, so that a slice of a range
// holds the pattern of its place.
struct range {
  uint8_t *base;
  size_t pages, first;
};

static inline struct range slice(struct range whole, size_t from, size_t pages) {
  return (struct range){.base = whole.base + from * PAGE, .pages = pages, .first = whole.first + from};
}

// device.c: a mirror is an open /dev/hmm_dmirrorN and shows the device this process' memory.
enum request { DEVICE_READ, DEVICE_WRITE, TO_DEVICE, TO_SYSTEM, SNAPSHOT, EXCLUSIVE, CHECK_EXCLUSIVE, RELEASE, FLAGS };
struct answer {
  int error;       // errno, 0 when it was done; then
  uint64_t pages;  // … it was done to so many pages
  uint64_t faults; // … and the device faulted so many times
};
int open_mirror(unsigned unit);  // -1 after a diagnostic
// `buffer`: one page for each page that is read or written, one byte for each page of a snapshot.
struct answer ask(int mirror, enum request request, struct range range, void *buffer);
// Whether huge pages stay whole on the device: those of kernels before 6.19 are split, and all on coherent memory.
bool takes_huge_pages(const struct setup *setup, int mirror);
enum outcome fail_next_allocation(int mirror);  // of the driver, for a page that is to move

// What a snapshot says of a page: where it is, and whether it can be read only (1) or written (2).
enum place {
  SYSTEM = 0x00, ZERO_PAGE = 0x10,
  PRIVATE_HERE = 0x20, PRIVATE_ELSEWHERE = 0x30, COHERENT_HERE = 0x40, COHERENT_ELSEWHERE = 0x50,
};
enum { READABLE = 1, WRITABLE = 2, WHOLE_HUGE = 4, PLACE_MASK = 0x70 };
static inline unsigned here(const struct setup *setup) { return setup->coherent ? COHERENT_HERE : PRIVATE_HERE; }

// memory.c
struct range map_small(size_t pages);  // anonymous, never a huge page; nothing touched yet
uint8_t *map_huge(int flags);          // HUGE_BYTES, aligned; NULL when there is none. flags: MAP_HUGETLB or 0
uint64_t fresh_seed(void);             // one that no subtest had before: device memory keeps its bytes
void fill(void *memory, struct range range, uint64_t seed);
// Offset in bytes of the first byte that is not what fill() wrote, or -1.
ssize_t difference(const void *memory, struct range range, uint64_t seed);
void *buffer(size_t pages);  // the same one each time, at least so large
double microseconds(void);
double median(double *values, size_t count);

// drive.c: verbs that check what they did.
enum outcome to_device(int mirror, struct range range, uint64_t seed);  // all pages go, the pattern with them
enum outcome to_system(int mirror, struct range range, size_t moved);   // exactly so many come back
enum outcome stays(int mirror, struct range range);                     // none of the pages goes
enum outcome refused(int mirror, struct range range, int error);        // TO_DEVICE ends with this errno
enum outcome device_reads(int mirror, struct range range, uint64_t seed);
enum outcome device_writes(int mirror, struct range range, uint64_t seed);
enum outcome cpu_reads(struct range range, uint64_t seed);
// Every page is at this place and can be read or written: SYSTEM | WRITABLE. Whether it is part of a huge page is
// left open.
enum outcome lies(int mirror, struct range range, unsigned where);

// Each page is there, and part of a huge page that is mapped as one, or not part of one.
enum outcome is_whole(int mirror, struct range range, unsigned where);
enum outcome is_split(int mirror, struct range range);
// Maps and fills a range of HUGE_PAGES pages, and sees to it that one huge page holds all of it.
enum outcome fresh_huge_page(int mirror, struct range *range, uint64_t seed);

enum outcome child_passed(pid_t child);  // waits for it: it must exit with PASS

// The groups, each ended by an entry without a name.
extern const struct subtest anonymous_subtests[], race_subtests[], devices_subtests[], fork_subtests[], huge_subtests[],
    shared_subtests[], pinned_subtests[], disk_subtests[], holes_subtests[], whole_subtests[], frames_subtests[];

// test-shared.c: a file (with -1 anonymous shared memory) is read and written by the device, and stays where it is.
enum outcome drive_shared(const struct setup *setup, int file);
// A private mapping of a file: pages that were written are anonymous and move, the others stay, the file is untouched.
enum outcome drive_private(const struct setup *setup, int file);
