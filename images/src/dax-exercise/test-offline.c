// SPDX-License-Identifier: Apache-2.0
// Device memory cannot be taken offline page by page: there is no page to migrate it to.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "exercise.h"

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

// A kernel that cannot do it at all says EINVAL (no CONFIG_MEMORY_FAILURE) or EPERM; only EIO is the refusal that
// soft_offline_page() has for memory that is no online system memory.
static enum outcome by_madvise(void *context) {
  struct device *device = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  CHECK(memory, "mapping");
  fill(memory + device->align, PAGE, seed);
  int result = madvise(memory + device->align, PAGE, MADV_SOFT_OFFLINE), error = errno;
  CHECK(result == -1 && error == EIO, "madvise %d: %s", result, strerror(error));
  ssize_t wrong = difference(memory + device->align, PAGE, seed);
  CHECK(wrong < 0, "the page changed at %zd", wrong);
  return PASS;
}

static enum outcome by_sysfs(void *context) {
  struct device *device = context;
  const char *path = "/sys/devices/system/memory/soft_offline_page";
  char address[32];
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_device(device, 0, device->align);
  CHECK(memory, "mapping");
  fill(memory, PAGE, seed);
  snprintf(address, sizeof address, "%#" PRIx64, device->resource);
  errno = 0;
  bool accepted = write_text(path, address);
  int error = errno;
  CHECK(!accepted && error == EIO, "%s to %s: %s", address, path, strerror(error));
  ssize_t wrong = difference(memory, PAGE, seed);
  CHECK(wrong < 0, "the page changed at %zd", wrong);
  return PASS;
}

const struct subtest offline_subtests[] = {
    {"soft-offline-madvise-refused", by_madvise},
    {"soft-offline-sysfs-refused", by_sysfs},
    {0},
};
