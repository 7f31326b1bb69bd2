// SPDX-License-Identifier: Apache-2.0
// What the kernel says about the mapping, and the size of the pages it is really made of.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "exercise.h"

struct entry {
  bool found;
  char permissions[8], path[64], flags[128];
  uint64_t offset, size, kernel_page_size;  // bytes
};

// Reads all of smaps, so that the walk over every entry is exercised, and keeps the one that starts here.
static bool read_entry(const void *start, struct entry *entry) {
  FILE *lines = fopen("/proc/self/smaps", "r");
  char line[512];
  bool ours = false;
  while (lines && fgets(line, sizeof line, lines)) {
    uint64_t first, end, offset, kilobytes;
    char permissions[8], path[64] = "";
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %63s", &first, &end, permissions, &offset,
               path) >= 4) {
      ours = first == (uintptr_t)start;
      if (!ours) continue;
      entry->found = true;
      entry->offset = offset;
      snprintf(entry->permissions, sizeof entry->permissions, "%s", permissions);
      snprintf(entry->path, sizeof entry->path, "%s", path);
    } else if (ours && sscanf(line, "Size: %" SCNu64 " kB", &kilobytes) == 1) {
      entry->size = kilobytes * 1024;
    } else if (ours && sscanf(line, "KernelPageSize: %" SCNu64 " kB", &kilobytes) == 1) {
      entry->kernel_page_size = kilobytes * 1024;
    } else if (ours && !strncmp(line, "VmFlags:", 8)) {
      snprintf(entry->flags, sizeof entry->flags, "%.100s", line + 8);
    }
  }
  bool complete = lines && !ferror(lines) && feof(lines);
  if (lines) fclose(lines);
  return complete;
}

static enum outcome smaps_entry(void *context) {
  struct device *device = context;
  struct entry entry = {0};
  char path[64];
  uint64_t offset = device->size - 2 * device->align;  // the last two units: an offset to be shown, not 0
  uint8_t *memory = map_device(device, offset, 2 * device->align);
  CHECK(memory, "mapping");
  memory[0] = memory[device->align] = 1;
  snprintf(path, sizeof path, "/dev/%s", device->name);
  CHECK(read_entry(memory, &entry), "/proc/self/smaps: %s", strerror(errno));
  CHECK(entry.found, "no entry at %p", (void *)memory);
  CHECK(!strcmp(entry.path, path), "path %s", entry.path);
  CHECK(!strcmp(entry.permissions, "rw-s"), "permissions %s", entry.permissions);
  CHECK(entry.offset == offset, "offset %#" PRIx64, entry.offset);
  CHECK(entry.size == 2 * device->align, "size %" PRIu64, entry.size);
  CHECK(entry.kernel_page_size == device->align, "kernel page size %" PRIu64, entry.kernel_page_size);
  CHECK(strstr(entry.flags, " sh ") && strstr(entry.flags, " hg "), "flags%s", entry.flags);
  return PASS;
}

static long minor_faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// The first write to a unit maps all of it: eight pages of one unit cost one fault, eight units cost eight.
static enum outcome fault_size(void *context) {
  struct device *device = context;
  enum { TOUCHES = 8 };
  long expected = device->align > PAGE ? 1 : TOUCHES;
  uint64_t length = device->align > PAGE ? device->align : TOUCHES * PAGE;
  volatile uint8_t *memory = map_device(device, 0, length);
  CHECK(memory, "mapping");
  (void)minor_faults();  // faults in what the measurement itself needs
  long before = minor_faults();
  for (uint64_t touch = 0; touch < TOUCHES; touch++) memory[touch * (length / TOUCHES)] = 1;
  long faults = minor_faults() - before;
  CHECK(faults == expected, "%ld faults for %d touches, not %ld", faults, TOUCHES, expected);
  return PASS;
}

const struct subtest smaps_subtests[] = {{"smaps-entry", smaps_entry}, {"fault-maps-whole-unit", fault_size}, {0}};
