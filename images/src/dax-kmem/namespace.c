// SPDX-License-Identifier: Apache-2.0
// What dax-exercise knows of namespaces. Apart from the rest, because exercise.h and pages.h have names in common.
#include "namespace.h"

#include <stdio.h>

#include "../dax-exercise/exercise.h"

bool namespace_to_devdax(char *name, size_t size) {
  // The page map in ordinary memory: kmem makes its own, and has no use for one on the device.
  struct device device = {.align = 2 * MIB, .map = "mem"};
  if (!find_legacy_namespace(&device, NULL) || !make_devdax(&device)) return false;
  snprintf(name, size, "%s", device.name);
  return true;
}
