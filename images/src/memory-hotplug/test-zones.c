// SPDX-License-Identifier: Apache-2.0
// Which zone a block comes back to. The last group: the kernel may use a block of the zone Normal at once, and then it
// does not go offline any more.
#include <string.h>

#include "hotplug.h"

static enum outcome online_kernel(void *context) {
  const struct machine *machine = context;
  unsigned block = machine->movable[machine->movable_count - 1];
  int error = set_block(block, "offline");
  CHECK(error == 0, "memory%u: %s", block, strerror(error));
  error = set_block(block, "online_kernel");
  CHECK(error == 0, "memory%u: %s", block, strerror(error));
  char zones[64];
  block_zones(block, zones, sizeof zones);
  CHECK(!strcmp(zones, "Normal"), "memory%u is in '%s'", block, zones);
  return PASS;
}

const struct subtest zone_subtests[] = {{"online-kernel-joins-normal", online_kernel}, {0}};
