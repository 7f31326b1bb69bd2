// SPDX-License-Identifier: Apache-2.0
// dax-kmem: makes persistent memory a device-dax instance and that system RAM, uses it, and takes it back.
//
//   dax-kmem [device|ram|cycles|busy]…
//
// KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. Destroys what the lowest legacy
// (e820, memmap=) namespace holds. After `busy` the memory stays until the next boot.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "kmem.h"

enum { GROUPS = 4, SUBTEST_SECONDS = 120 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
} groups[GROUPS] = {{"device", device_subtests}, {"ram", ram_subtests}, {"cycles", cycle_subtests},
                    {"busy", busy_subtests}};

int main(int argc, char *argv[]) {
  bool chosen[GROUPS] = {0}, good = true;
  for (int argument = 1; argument < argc; argument++) {
    int group = 0;
    while (group < GROUPS && strcmp(argv[argument], groups[group].name)) group++;
    if (group == GROUPS) {
      fprintf(stderr, "dax-kmem: no such group: %s\nusage: dax-kmem [device|ram|cycles|busy]...\n", argv[argument]);
      return 64;
    }
    chosen[group] = true;
  }
  struct memory_device *device =
      mmap(NULL, sizeof *device, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (device == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  size_t planned = 0;
  for (int group = 0; group < GROUPS; group++)
    for (const struct subtest *subtest = groups[group].subtests; subtest->name; subtest++)
      planned += argc == 1 || chosen[group];
  ktap_begin(planned);
  if (!make_device(device)) {
    ktap_bail_out("no device-dax instance with a whole memory block in it");
    return 1;
  }
  for (int group = 0; group < GROUPS; group++)
    for (const struct subtest *subtest = groups[group].subtests; subtest->name; subtest++) {
      if (argc > 1 && !chosen[group]) continue;
      good &= ktap_run(subtest, device, SUBTEST_SECONDS) != FAIL;
    }
  return good ? 0 : 1;
}
