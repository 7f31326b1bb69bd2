// SPDX-License-Identifier: Apache-2.0
// Sources: Documentation/admin-guide/mm/pagemap.rst, Documentation/filesystems/proc.rst of the Linux kernel.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

#define PRESENT (UINT64_C(1) << 63)
#define FRAME ((UINT64_C(1) << 55) - 1)
enum { KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_THP = 22 };

static bool read_numbers(const char *path, uint64_t first, uint64_t *numbers, size_t count) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  size_t size = count * sizeof *numbers;
  ssize_t got = pread(file, numbers, size, (off_t)(first * sizeof *numbers));
  close(file);
  return got == (ssize_t)size;
}

bool read_frames(const uint8_t *memory, uint64_t frames[PAGES]) {
  if (!read_numbers("/proc/self/pagemap", (uintptr_t)memory / PAGE, frames, PAGES)) {
    diagnose("cannot read /proc/self/pagemap: %s", strerror(errno));
    return false;
  }
  for (size_t page = 0; page < PAGES; page++) frames[page] = frames[page] & PRESENT ? frames[page] & FRAME : 0;
  return true;
}

int64_t mappings(uint64_t frame) {
  uint64_t count;
  return read_numbers("/proc/kpagecount", frame, &count, 1) ? (int64_t)count : -1;
}

long field_kib(const char *file, const char *field) {
  char path[64], line[256];
  long value = -1;
  snprintf(path, sizeof path, "/proc/self/%s", file);
  FILE *stream = fopen(path, "re");
  if (!stream) return -1;
  size_t length = strlen(field);
  while (value < 0 && fgets(line, sizeof line, stream))
    if (strncmp(line, field, length) == 0 && line[length] == ':') value = strtol(line + length + 1, NULL, 10);
  fclose(stream);
  return value;
}

// A field of the mapping that begins at that address, in KiB.
static long mapping_kib(const uint8_t *memory, const char *field) {
  char line[512];
  long value = -1;
  bool inside = false;
  size_t length = strlen(field);
  FILE *stream = fopen("/proc/self/smaps", "re");
  if (!stream) return -1;
  while (value < 0 && fgets(line, sizeof line, stream)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2) inside = start == (uintptr_t)memory && end == start + HUGE;
    if (inside && strncmp(line, field, length) == 0 && line[length] == ':') value = strtol(line + length + 1, NULL, 10);
  }
  fclose(stream);
  return value;
}

long minor_faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

size_t resident(const uint8_t *memory) {
  static uint8_t pages[PAGES];
  size_t count = 0;
  if (mincore((void *)memory, HUGE, pages)) return SIZE_MAX;
  for (size_t page = 0; page < PAGES; page++) count += pages[page] & 1;
  return count;
}

// Whether each of these pages is the first of a page of the offered order, or one of the others, as its number says.
static bool is_made_of_order(const uint64_t frames[PAGES]) {
  static uint64_t flags[PAGES];
  size_t each = (size_t)1 << offered_order();
  for (size_t page = 0; page < PAGES; page++) {
    size_t part = page % each, wanted = part ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD;
    if (!part && !read_numbers("/proc/kpageflags", frames[page], flags, each)) {
      diagnose("cannot read /proc/kpageflags: %s", strerror(errno));
      return false;
    }
    if (flags[part] >> wanted & 1 && frames[page] == frames[page - part] + part) continue;
    diagnose("page %zu is no part of a page of %zu KiB", page, each * PAGE / 1024);
    return false;
  }
  return true;
}

bool is_made_of(const uint8_t *memory, enum kind kind) {
  static uint64_t frames[PAGES];
  long rss = mapping_kib(memory, "Rss"), huge = mapping_kib(memory, "AnonHugePages");
  if (rss != (long)(HUGE / 1024) || huge != (kind == PMD_THP ? rss : 0)) {
    diagnose("%ld KiB are resident, %ld KiB of them mapped as huge pages", rss, huge);
    return false;
  }
  if (!read_frames(memory, frames)) return false;
  for (size_t page = 0; page < PAGES; page++) {
    if (frames[page] && (kind == SMALL || kind == MTHP || frames[page] == frames[0] + page)) continue;
    diagnose("page %zu is not where it should be", page);
    return false;
  }
  if (kind == MTHP) return is_made_of_order(frames);
  uint64_t flags;
  if (!read_numbers("/proc/kpageflags", frames[0], &flags, 1)) {
    diagnose("cannot read /proc/kpageflags: %s", strerror(errno));
    return false;
  }
  if ((flags >> KPF_THP & 1) != (kind != SMALL)) {
    diagnose("the first page is %sa part of a huge page", kind == SMALL ? "" : "not ");
    return false;
  }
  return true;
}

void fill(uint8_t *memory) {
  for (size_t page = 0; page < PAGES; page++) *(volatile uint16_t *)(memory + page * PAGE) = (uint16_t)(page + 1);
}

bool is_intact(const uint8_t *memory) {
  for (size_t page = 0; page < PAGES; page++) {
    uint16_t found = *(const volatile uint16_t *)(memory + page * PAGE);
    if (found == page + 1) continue;
    diagnose("page %zu holds %u", page, found);
    return false;
  }
  return true;
}

bool is_empty(const uint8_t *memory) {
  for (size_t page = 0; page < PAGES; page++) {
    uint16_t found = *(const volatile uint16_t *)(memory + page * PAGE);
    if (!found) continue;
    diagnose("page %zu holds %u", page, found);
    return false;
  }
  return true;
}

uint8_t *map_empty(uint8_t *place, enum kind kind) {
  void *memory = mmap(place, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory == MAP_FAILED || madvise(memory, HUGE, kind == SMALL ? MADV_NOHUGEPAGE : MADV_HUGEPAGE)) {
    diagnose("cannot map 2 MiB: %s", strerror(errno));
    return NULL;
  }
  return memory;
}

uint8_t *map_filled(uint8_t *place, enum kind kind) {
  uint8_t *memory = map_empty(place, kind);
  if (!memory) return NULL;
  fill(memory);
  // A page of its own protection needs an entry of its own.
  if (kind == PTE_THP &&
      (mprotect(memory, PAGE, PROT_READ) || mprotect(memory, PAGE, PROT_READ | PROT_WRITE))) {
    diagnose("mprotect: %s", strerror(errno));
    return NULL;
  }
  // khugepaged looks at a new process once, however long it sleeps afterwards, and would map the pieces as one again.
  if (madvise(memory, HUGE, MADV_NOHUGEPAGE)) {
    diagnose("madvise: %s", strerror(errno));
    return NULL;
  }
  return is_made_of(memory, kind) ? memory : NULL;
}
