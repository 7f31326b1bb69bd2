// SPDX-License-Identifier: Apache-2.0
// A device-dax instance changes its driver through sysfs, as daxctl reconfigure-device does it.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmem.h"
#include "namespace.h"

#define DAX "/sys/bus/dax"

static bool number(const char *device, const char *name, uint64_t *value) {
  char path[PATH_MAX], text[64];
  snprintf(path, sizeof path, DAX "/devices/%s/%s", device, name);
  if (!read_line(path, text, sizeof text)) {
    diagnose("%s: %s", path, strerror(errno));
    return false;
  }
  *value = strtoull(text, NULL, 0);
  return true;
}

bool make_device(struct memory_device *device) {
  uint64_t resource, size, node;
  if (!namespace_to_devdax(device->name, sizeof device->name)) return false;
  device->block = block_bytes();
  if (!device->block || !number(device->name, "resource", &resource) || !number(device->name, "size", &size) ||
      !number(device->name, "target_node", &node))
    return false;
  device->start = (resource + device->block - 1) / device->block * device->block;
  device->end = (resource + size) / device->block * device->block;
  device->first = (unsigned)(device->start / device->block);
  device->count = device->end > device->start ? (unsigned)((device->end - device->start) / device->block) : 0;
  device->node = (int)node;
  diagnose("%s: %llu MiB from %#llx, %u whole blocks of %llu MiB from memory%u on, for node %d", device->name,
           (unsigned long long)(size / MIB), (unsigned long long)resource, device->count,
           (unsigned long long)(device->block / MIB), device->first, device->node);
  return device->count > 0;
}

bool is_driven_by(const struct memory_device *device, const char *driver) {
  char path[PATH_MAX], link[PATH_MAX];
  snprintf(path, sizeof path, DAX "/devices/%s/driver", device->name);
  ssize_t length = readlink(path, link, sizeof link - 1);
  if (length < 0) return false;
  link[length] = 0;
  const char *name = strrchr(link, '/');
  return !strcmp(name ? name + 1 : link, driver);
}

static bool tell(const struct memory_device *device, const char *driver, const char *verb) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, DAX "/drivers/%s/%s", driver, verb);
  int error = write_line(path, device->name);
  if (error) diagnose("%s > %s: %s", device->name, path, strerror(error));
  return !error;
}

bool give_to_kmem(const struct memory_device *device) {
  return tell(device, "device_dax", "unbind") && tell(device, "kmem", "new_id") && is_driven_by(device, "kmem");
}

bool take_from_kmem(const struct memory_device *device) {
  return tell(device, "kmem", "remove_id") && tell(device, "kmem", "unbind");
}

bool give_to_device_dax(const struct memory_device *device) {
  return tell(device, "device_dax", "bind") && is_driven_by(device, "device_dax");
}

bool set_memmap_on_memory(const struct memory_device *device, const char *value) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, DAX "/devices/%s/memmap_on_memory", device->name);
  int error = write_line(path, value);
  if (error) diagnose("%s: %s", path, strerror(error));
  return !error;
}
