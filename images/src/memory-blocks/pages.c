// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../ktap/ktap.h"

enum { CHUNK = 512 };
static const uint64_t present = UINT64_C(1) << 63, frame_mask = (UINT64_C(1) << 55) - 1;

static uint64_t entry_of(int file, const void *address) {
  uint64_t entry = 0;
  off_t place = (off_t)((uintptr_t)address / PAGE * sizeof entry);
  if (pread(file, &entry, sizeof entry, place) != sizeof entry) return 0;
  return entry & present ? entry & frame_mask : 0;
}

uint64_t physical(const void *address) {
  int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  uint64_t frame = file < 0 ? 0 : entry_of(file, address);
  if (file >= 0) close(file);
  return frame * PAGE;
}

size_t pages_within(const void *memory, size_t bytes, uint64_t start, uint64_t end) {
  int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  size_t count = 0, pages = bytes / PAGE;
  for (size_t page = 0; file >= 0 && page < pages; page += CHUNK) {
    uint64_t entries[CHUNK];
    size_t wanted = pages - page < CHUNK ? pages - page : CHUNK;
    off_t place = (off_t)(((uintptr_t)memory / PAGE + page) * sizeof *entries);
    if (pread(file, entries, wanted * sizeof *entries, place) != (ssize_t)(wanted * sizeof *entries)) break;
    for (size_t index = 0; index < wanted; index++) {
      uint64_t address = (entries[index] & frame_mask) * PAGE;
      count += (entries[index] & present) && address >= start && address < end;
    }
  }
  if (file >= 0) close(file);
  return count;
}

static uint64_t flags_of(uint64_t address) {
  uint64_t flags = 0;
  int file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  if (pread(file, &flags, sizeof flags, (off_t)(address / PAGE * sizeof flags)) != sizeof flags) flags = 0;
  close(file);
  return flags;
}

bool is_whole_thp(const void *memory) {
  uint64_t head = physical(memory);
  if (!head || head % HUGE || !(flags_of(head) >> KPF_THP & 1)) return false;
  for (size_t offset = PAGE; offset < HUGE; offset += PAGE)
    if (physical((const char *)memory + offset) != head + offset) return false;
  return flags_of(head + PAGE) >> KPF_COMPOUND_TAIL & 1;
}

bool is_hugetlb(const void *memory) { return flags_of(physical(memory)) >> KPF_HUGE & 1; }

uint8_t *anonymous(size_t bytes, int advice, int flags) {
  size_t room = flags & MAP_HUGETLB ? bytes : bytes + HUGE;
  uint8_t *memory = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED) {
    diagnose("mmap of %zu bytes: %s", bytes, strerror(errno));
    return NULL;
  }
  memory = (uint8_t *)(((uintptr_t)memory + HUGE - 1) / HUGE * HUGE);
  if (advice && madvise(memory, bytes, advice)) {
    diagnose("madvise %d: %s", advice, strerror(errno));
    return NULL;
  }
  return memory;
}

static uint64_t word(uint64_t seed, size_t index) {
  uint64_t value = (seed + index + 1) * UINT64_C(0x9e3779b97f4a7c15);
  return value ^ (value >> 29);
}

void put_pattern(void *memory, size_t bytes, uint64_t seed) {
  uint64_t *words = memory;
  for (size_t index = 0; index < bytes / sizeof *words; index++) words[index] = word(seed << 32, index);
}

ssize_t changed_at(const void *memory, size_t bytes, uint64_t seed) {
  const uint64_t *words = memory;
  for (size_t index = 0; index < bytes / sizeof *words; index++)
    if (words[index] != word(seed << 32, index)) return (ssize_t)(index * sizeof *words);
  return -1;
}
