// SPDX-License-Identifier: Apache-2.0
// memory-hotplug: takes blocks of the zone Movable offline and back, empty and full of every kind of page.
//
//   memory-hotplug [states|move|refuse|zones]…
//
// KTAP on standard output. Exit code: 0 no subtest failed, 1 one failed, 64 usage. Boot with movablecore=SIZE.
#include <stdio.h>
#include <string.h>

#include "hotplug.h"

enum { GROUPS = 4, SUBTEST_SECONDS = 120 };
static const struct group {
  const char *name;
  const struct subtest *subtests;
} groups[GROUPS] = {
    {"states", state_subtests}, {"move", move_subtests}, {"refuse", refuse_subtests}, {"zones", zone_subtests}};

// Early memory of the kernel may lie in the zone Movable; such blocks never go. What is left is tried.
static bool explore(struct machine *machine) {
  unsigned blocks[MOST_BLOCKS];
  machine->block = block_bytes();
  size_t count = machine->block ? list_blocks(blocks, MOST_BLOCKS) : 0;
  for (size_t index = 0; index < count; index++) {
    if (!block_is_in(blocks[index], "Movable")) continue;
    int error = set_block(blocks[index], "offline");
    if (!error) error = set_block(blocks[index], "online_movable");
    if (!error)
      machine->movable[machine->movable_count++] = blocks[index];
    else
      diagnose("memory%u is left out: %s", blocks[index], strerror(error));
  }
  machine->normal = count ? blocks[0] : 0;
  diagnose("%zu blocks of %llu MiB, %zu of them in Movable and free to go", count,
           (unsigned long long)(machine->block / MIB), machine->movable_count);
  return machine->movable_count >= 2;
}

static void bring_back(const struct machine *machine) {
  for (size_t index = 0; index < machine->movable_count; index++)
    if (!block_is_online(machine->movable[index])) set_block(machine->movable[index], "online_movable");
}

int main(int argc, char *argv[]) {
  static struct machine machine;
  bool chosen[GROUPS] = {0}, good = true;
  for (int argument = 1; argument < argc; argument++) {
    int group = 0;
    while (group < GROUPS && strcmp(argv[argument], groups[group].name)) group++;
    if (group == GROUPS) {
      fprintf(stderr, "memory-hotplug: no such group: %s\nusage: memory-hotplug [states|move|refuse|zones]...\n",
              argv[argument]);
      return 64;
    }
    chosen[group] = true;
  }
  size_t planned = 0;
  for (int group = 0; group < GROUPS; group++)
    for (const struct subtest *subtest = groups[group].subtests; subtest->name; subtest++)
      planned += argc == 1 || chosen[group];
  ktap_begin(planned);
  if (!explore(&machine)) {
    ktap_bail_out("fewer than two blocks of the zone Movable can go offline: boot with movablecore=1G");
    return 1;
  }
  for (int group = 0; group < GROUPS; group++)
    for (const struct subtest *subtest = groups[group].subtests; subtest->name; subtest++) {
      if (argc > 1 && !chosen[group]) continue;
      good &= ktap_run(subtest, &machine, SUBTEST_SECONDS) != FAIL;
      bring_back(&machine);
    }
  return good ? 0 : 1;
}
