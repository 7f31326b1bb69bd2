// SPDX-License-Identifier: Apache-2.0
// The device goes away under a mapping that is in use.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

static bool switch_namespace(struct device *device, const char *verb) {
  char command[32];
  snprintf(command, sizeof command, "%s-namespace", verb);
  char *arguments[] = {"ndctl", command, device->namespace, NULL};
  return run_program(arguments);
}

static enum outcome check_gone(struct device *device, uint8_t *memory) {
  for (uint64_t offset = 0; offset <= device->align; offset += device->align) {
    struct fault fault = offset ? trap_write(memory + offset, 1) : trap_read(memory);
    CHECK(fault.signal == SIGBUS && fault.code == BUS_ADRERR, "signal %d code %d at +%#llx", fault.signal, fault.code,
          (unsigned long long)offset);
    CHECK(fault.address == memory + offset, "address %p, not %p", fault.address, (void *)(memory + offset));
  }
  return PASS;
}

// The first unit is in the page table when the device goes, the second never was.
static enum outcome disabled_while_mapped(void *context) {
  struct device *device = context;
  int file = open_device(device);
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  CHECK(memory && file >= 0, "mapping");
  memory[0] = 1;
  CHECK(switch_namespace(device, "disable"), "%s", device->namespace);
  enum outcome gone = check_gone(device, memory);
  if (gone != PASS) return gone;
  errno = 0;
  void *again = mmap(NULL, device->align, PROT_READ, MAP_SHARED, file, 0);
  CHECK(again == MAP_FAILED && errno == ENXIO, "a new mapping of the old descriptor: %s", strerror(errno));
  CHECK(open_device(device) < 0, "/dev/%s can still be opened", device->name);
  return PASS;
}

static enum outcome enabled_again(void *context) {
  struct device *device = context;
  uint8_t *old = map_device(device, 0, 2 * device->align);
  CHECK(old, "mapping");
  uint64_t seed = fresh_seed();
  fill(old, PAGE, seed);
  CHECK(switch_namespace(device, "disable"), "%s", device->namespace);
  CHECK(switch_namespace(device, "enable"), "%s", device->namespace);
  CHECK(wait_devdax(device), "no device after ndctl enable-namespace");
  enum outcome gone = check_gone(device, old);  // what was mapped before stays dead
  if (gone != PASS) return gone;
  uint8_t *memory = map_device(device, 0, device->align);
  CHECK(memory, "mapping again");
  ssize_t wrong = difference(memory, PAGE, seed);
  CHECK(wrong < 0, "the data differs at %zd", wrong);
  return PASS;
}

// The driver is not bound again here: binding it while somebody holds the old node open corrupts the list of inodes of
// the character device (Linux 6.1 and 6.12: "list_del corruption" below cd_forget(); docs/suites/device-dax.md). The
// next subtest makes the device anew from the namespace.
static enum outcome unbound_while_mapped(void *context) {
  struct device *device = context;
  char name[32];
  snprintf(name, sizeof name, "%s", device->name);
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  CHECK(memory, "mapping");
  memory[0] = 1;
  CHECK(write_text("/sys/bus/dax/drivers/device_dax/unbind", name), "unbind %s: %s", name, strerror(errno));
  return check_gone(device, memory);
}

// Bits of /proc/sys/kernel/tainted, Documentation/admin-guide/tainted-kernels.rst: machine check, bad page, die,
// warning, soft lockup.
static enum outcome no_splat(void *context) {
  struct device *device = context;
  const uint64_t splats = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 | 1 << 14;
  uint64_t taint;
  CHECK(read_number("/proc/sys/kernel/tainted", &taint), "tainted: %s", strerror(errno));
  CHECK((taint & splats & ~device->taint) == 0, "taint %#llx, before %#lx", (unsigned long long)taint, device->taint);
  return PASS;
}

const struct subtest destroy_subtests[] = {
    {"destroy-disabled-while-mapped", disabled_while_mapped},
    {"destroy-enabled-again", enabled_again},
    {"destroy-unbound-while-mapped", unbound_while_mapped},
    {"destroy-no-splat", no_splat},
    {0},
};
