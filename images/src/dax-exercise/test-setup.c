// SPDX-License-Identifier: Apache-2.0
// The namespace becomes device-dax at the alignment asked for, and a block device again at the end.
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "exercise.h"

static enum outcome devdax(void *context) {
  struct device *device = context;
  CHECK(make_devdax(device), "%s", device->namespace);
  diagnose("%s is %s: %" PRIu64 " bytes at %#" PRIx64 ", align %" PRIu64 ", page map on %s", device->namespace,
           device->name, device->size, device->resource, device->align, device->map);
  char path[128];
  uint64_t align = 0;
  snprintf(path, sizeof path, "/sys/bus/dax/devices/%s/align", device->name);
  CHECK(read_number(path, &align) && align == device->align, "%s says %" PRIu64, path, align);
  CHECK(device->resource % device->align == 0, "starts at %#" PRIx64, device->resource);
  CHECK(device->size >= 2 * device->align && device->size >= MIB, "%" PRIu64 " bytes", device->size);
  return PASS;
}

static enum outcome raw(void *context) {
  struct device *device = context;
  char path[64], old[80];
  CHECK(locate_devdax(device), "no device-dax instance left to take back");
  snprintf(old, sizeof old, "/dev/%s", device->name);
  CHECK(make_raw(device), "%s", device->namespace);
  CHECK(!locate_devdax(device), "%s is still there", device->name);
  CHECK(access(old, F_OK), "%s is still there", old);
  CHECK(namespace_block_path(device, path, sizeof path), "no block device");
  return PASS;
}

const struct subtest setup_subtests[] = {{"namespace-to-devdax", devdax}, {0}};
const struct subtest teardown_subtests[] = {{"namespace-to-raw", raw}, {0}};
