// SPDX-License-Identifier: Apache-2.0
// What may be mapped, and that the mapping shows the bytes of the block device.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

// Sets *error to what mmap says (0: it succeeded, which then is the failure).
static void try_map(const struct device *device, uint64_t length, int flags, off_t offset, int *error) {
  int file = open_device(device);
  void *memory = mmap(NULL, length, PROT_READ, flags, file, offset);
  *error = memory == MAP_FAILED ? errno : 0;
}

static enum outcome private_refused(void *context) {
  struct device *device = context;
  int error;
  try_map(device, 2 * device->align, MAP_SHARED, 0, &error);
  CHECK(error == 0, "the same range shared: %s", strerror(error));
  try_map(device, 2 * device->align, MAP_PRIVATE, 0, &error);
  CHECK(error == EINVAL, "mmap: %s", strerror(error));
  return PASS;
}

static enum outcome unaligned_length_refused(void *context) {
  struct device *device = context;
  int error;
  if (device->align == PAGE) return skip("mmap itself rounds a length up to whole 4 KiB pages");
  try_map(device, 2 * device->align - PAGE, MAP_SHARED, 0, &error);
  CHECK(error == EINVAL, "mmap: %s", strerror(error));
  return PASS;
}

static enum outcome unaligned_offset_refused(void *context) {
  struct device *device = context;
  int error;
  if (device->align == PAGE) return skip("mmap itself refuses an offset inside a 4 KiB page");
  try_map(device, 2 * device->align, MAP_SHARED, PAGE, &error);
  CHECK(error == EINVAL, "mmap: %s", strerror(error));
  return PASS;
}

static enum outcome beyond_end_faults(void *context) {
  struct device *device = context;
  uint8_t *last = map_device(device, device->size - device->align, 2 * device->align);
  CHECK(last, "the last unit and one more");
  struct fault inside = trap_read(last + device->align - 1);
  CHECK(inside.signal == 0, "signal %d inside the device", inside.signal);
  struct fault outside = trap_read(last + device->align);
  CHECK(outside.signal == SIGBUS && outside.code == BUS_ADRERR, "signal %d code %d", outside.signal, outside.code);
  CHECK(outside.address == last + device->align, "address %p, not %p", outside.address, (void *)(last + device->align));
  return PASS;
}

// Pages of the device that are looked at: the first, one inside the second unit, the last.
enum { PLACES = 3 };
static void places(const struct device *device, uint64_t offsets[PLACES]) {
  offsets[0] = 0;
  offsets[1] = device->align + (device->align > PAGE ? 3 * PAGE : 0);
  offsets[2] = device->size - PAGE;
}

static uint8_t *map_page(const struct device *device, uint64_t offset) {
  uint64_t inside = offset % device->align;
  uint8_t *unit = map_device(device, offset - inside, device->align);
  return unit ? unit + inside : NULL;
}

// The namespace begins with an information block and, with --map=dev, the page map; what can be mapped begins behind
// them. The raw block device shows all of it, so a byte's place there is its physical address less the namespace's.
static enum outcome block_transfer(struct device *device, uint64_t gap, bool writing, uint64_t seed) {
  char path[64];
  uint64_t offsets[PLACES];
  CHECK(namespace_block_path(device, path, sizeof path), "no block device");
  int disk = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
  CHECK(disk >= 0, "%s: %s", path, strerror(errno));
  uint8_t *buffer = aligned_alloc(PAGE, PAGE);
  places(device, offsets);
  for (int place = 0; place < PLACES; place++) {
    off_t offset = (off_t)(gap + offsets[place]);
    fill(buffer, PAGE, seed + (uint64_t)place);
    ssize_t moved = writing ? pwrite(disk, buffer, PAGE, offset) : pread(disk, buffer, PAGE, offset);
    CHECK(moved == PAGE, "%s at %#llx: %s", path, (long long)offset, strerror(errno));
    ssize_t wrong = difference(buffer, PAGE, seed + (uint64_t)place);
    CHECK(wrong < 0, "%s differs at %#llx + %zd", path, (long long)offset, wrong);
  }
  diagnose("%s %s at offset %#" PRIx64 " and on", writing ? "wrote" : "read", path, gap);
  close(disk);
  return PASS;
}

static enum outcome mapping_to_block(void *context) {
  struct device *device = context;
  uint64_t offsets[PLACES], seed = fresh_seed(), gap = device->resource - device->namespace_resource;
  places(device, offsets);
  for (int place = 0; place < PLACES; place++) {
    uint8_t *page = map_page(device, offsets[place]);
    CHECK(page, "offset %#" PRIx64, offsets[place]);
    fill(page, PAGE, seed + (uint64_t)place);
    munmap(page - offsets[place] % device->align, device->align);
  }
  CHECK(make_raw(device), "%s", device->namespace);
  return block_transfer(device, gap, false, seed);
}

static enum outcome block_to_mapping(void *context) {
  struct device *device = context;
  uint64_t offsets[PLACES], seed = fresh_seed(), gap = device->resource - device->namespace_resource;
  places(device, offsets);
  CHECK(make_raw(device), "%s", device->namespace);
  enum outcome written = block_transfer(device, gap, true, seed);
  if (written != PASS) return written;
  CHECK(make_devdax(device), "%s", device->namespace);
  CHECK(device->resource - device->namespace_resource == gap, "the data moved to %#" PRIx64, device->resource);
  for (int place = 0; place < PLACES; place++) {
    uint8_t *page = map_page(device, offsets[place]);
    CHECK(page, "offset %#" PRIx64, offsets[place]);
    ssize_t wrong = difference(page, PAGE, seed + (uint64_t)place);
    CHECK(wrong < 0, "mapping differs at %#" PRIx64 " + %zd", offsets[place], wrong);
  }
  return PASS;
}

const struct subtest map_subtests[] = {
    {"private-mapping-refused", private_refused},
    {"unaligned-length-refused", unaligned_length_refused},
    {"unaligned-offset-refused", unaligned_offset_refused},
    {"access-beyond-end-sigbus", beyond_end_faults},
    {"mapping-to-block-device", mapping_to_block},
    {"block-device-to-mapping", block_to_mapping},
    {0},
};
