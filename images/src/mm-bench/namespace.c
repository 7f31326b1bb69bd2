// SPDX-License-Identifier: Apache-2.0
// What dax-exercise knows of namespaces. Apart from the rest, because exercise.h and bench.h have names in common, as have its
// memory.c and pages.c, so that one function of memory.c is here.
#include <fcntl.h>
#include <stdio.h>

#include "../dax-exercise/exercise.h"

bool devdax_of(size_t align, char *path, size_t size);

int open_device(const struct device *device) {
  char path[64];
  snprintf(path, sizeof path, "/dev/%s", device->name);
  return open(path, O_RDWR | O_CLOEXEC);
}

static bool has_align(const struct device *device) {
  char attribute[128];
  uint64_t align;
  snprintf(attribute, sizeof attribute, "/sys/bus/dax/devices/%s/align", device->name);
  return read_number(attribute, &align) && align == device->align;
}

bool devdax_of(size_t align, char *path, size_t size) {
  struct device device = {.align = align, .map = "mem"};
  if (!find_legacy_namespace(&device, NULL)) return false;
  if (!(locate_devdax(&device) && has_align(&device)) && !make_devdax(&device)) return false;
  snprintf(path, size, "/dev/%s", device.name);
  return has_align(&device);
}
