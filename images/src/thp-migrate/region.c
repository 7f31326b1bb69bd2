// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "thp.h"

uint8_t *map_empty(int protection) {
  uint8_t *space = mmap(NULL, 3UL * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) {
    diagnose("mmap: %s", strerror(errno));
    return NULL;
  }
  uint8_t *memory = (uint8_t *)(((uintptr_t)space + HUGE) & ~((uintptr_t)HUGE - 1));
  if (memory == space) memory += HUGE;
  if (protection != PROT_NONE && mprotect(memory, HUGE, protection)) {
    diagnose("mprotect: %s", strerror(errno));
    return NULL;
  }
  return memory;
}

static bool place(uint8_t *memory, int node, int advice, uint64_t seed) {
  if (madvise(memory, HUGE, advice)) {
    diagnose("madvise: %s", strerror(errno));
    return false;
  }
  // The policy is only for the first touch: it must not be in the way of what moves the page later.
  if (bind_memory(memory, HUGE, MPOL_BIND, node, 0)) {
    diagnose("mbind: %s", strerror(errno));
    return false;
  }
  fill(memory, HUGE, seed);
  return bind_memory(memory, HUGE, MPOL_DEFAULT, 0, 0) == 0;
}

uint8_t *map_huge(int node, uint64_t seed) {
  uint8_t *memory = map_empty(PROT_READ | PROT_WRITE);
  if (!memory || !place(memory, node, MADV_HUGEPAGE, seed)) return NULL;
  return is_whole(memory, node, seed) ? memory : NULL;
}

uint8_t *map_small(int node, uint64_t seed) {
  struct pages pages;
  uint8_t *memory = map_empty(PROT_READ | PROT_WRITE);
  if (!memory || !place(memory, node, MADV_NOHUGEPAGE, seed)) return NULL;
  return read_pages(memory, &pages) && is_small(&pages, node) ? memory : NULL;
}

static int open_on_tmpfs(void) {
  mkdir("huge", 0700);
  if (mount("tmpfs", "huge", "tmpfs", 0, "huge=always,size=16m")) {
    diagnose("tmpfs with huge=always: %s", strerror(errno));
    return -1;
  }
  int file = open("huge/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  umount2("huge", MNT_DETACH);  // it lives as long as the file is open
  return file;
}

uint8_t *map_file(int node, uint64_t seed, int *file) {
  uint8_t *memory = map_empty(PROT_NONE);
  if (!memory) return NULL;
  // What huge= of a mount says is of 2 MiB only; the sizes of sysfs are for memory without a mount.
  *file = huge_order() == HUGE_ORDER ? open_on_tmpfs() : memfd_create("huge", MFD_CLOEXEC);
  if (*file < 0 || ftruncate(*file, HUGE) ||
      mmap(memory, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, *file, 0) == MAP_FAILED) {
    diagnose("file on tmpfs: %s", strerror(errno));
    return NULL;
  }
  if (!place(memory, node, MADV_HUGEPAGE, seed)) return NULL;
  return is_whole(memory, node, seed) ? memory : NULL;
}

uint64_t fresh_seed(void) {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) seed = (uint64_t)getpid() * 2654435761U;
  return seed;
}

// Every word differs from every other of its memory, so that exchanged pages show.
static uint64_t word(uint64_t seed, size_t index) {
  uint64_t value = seed + index * UINT64_C(0x9e3779b97f4a7c15);
  value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  return value ^ (value >> 27);
}

void fill(void *memory, size_t bytes, uint64_t seed) {
  uint64_t *words = memory;
  for (size_t index = 0; index < bytes / sizeof *words; index++) words[index] = word(seed, index);
}

ssize_t difference(const void *memory, size_t bytes, uint64_t seed) {
  const uint64_t *words = memory;
  for (size_t index = 0; index < bytes / sizeof *words; index++)
    if (words[index] != word(seed, index)) return (ssize_t)(index * sizeof *words);
  return -1;
}
