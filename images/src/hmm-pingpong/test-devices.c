// SPDX-License-Identifier: Apache-2.0
// Two devices, exclusive access, and what happens to pages on a device that goes.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pingpong.h"

static enum outcome two_devices(void *context) {
  struct setup *setup = context;
  int one = open_mirror(setup->unit), two = open_mirror(setup->other);
  CHECK(one >= 0 && two >= 0, "no devices");
  struct range range = map_small(setup->pages);
  for (unsigned round = 0; round < setup->rounds; round++) {
    uint64_t seed = fresh_seed();
    fill(range.base, range, seed);
    TRY(to_device(one, range, seed));
    // Neither takes from the other, nor can it send back what is not its own.
    TRY(refused(two, range, ENOENT));
    TRY(to_system(two, range, 0));
    TRY(lies(one, range, here(setup) | WRITABLE));
    TRY(lies(two, range, setup->coherent ? (COHERENT_ELSEWHERE | WRITABLE) : 0));
    // A device's read is a fault for pages of another one's private memory, and brings them back.
    TRY(device_reads(two, range, seed));
    TRY(lies(one, range, (setup->coherent ? here(setup) : SYSTEM) | WRITABLE));
    TRY(to_system(one, range, setup->coherent ? range.pages : 0));
    TRY(to_device(two, range, seed));
    TRY(to_system(two, range, range.pages));
    TRY(cpu_reads(range, seed));
  }
  return PASS;
}

static enum outcome exclusive(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  uint8_t *copy = buffer(range.pages);
  memset(copy, 0, range.pages * PAGE);
  struct answer answer = ask(mirror, EXCLUSIVE, range, copy);
  CHECK(answer.error == 0 && answer.pages == range.pages, "%s, %llu pages", strerror(answer.error),
        (unsigned long long)answer.pages);
  CHECK(difference(copy, range, seed) < 0, "the device sees other data");
  // The driver's answer to "do you still have one of them for yourself" is EPERM for yes.
  answer = ask(mirror, CHECK_EXCLUSIVE, range, NULL);
  CHECK(answer.error == EPERM, "before the CPU reads: %s", strerror(answer.error));
  TRY(cpu_reads(range, seed));
  answer = ask(mirror, CHECK_EXCLUSIVE, range, NULL);
  CHECK(answer.error == 0, "after the CPU read: %s", strerror(answer.error));
  TRY(to_device(mirror, range, seed));
  TRY(to_system(mirror, range, range.pages));
  return cpu_reads(range, seed);
}

// The driver evicts everything from a device when one of its descriptors is closed, whoever's it was.
static enum outcome close_evicts(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit), other = open_mirror(setup->unit);
  CHECK(mirror >= 0 && other >= 0, "no device");
  struct range range = map_small(setup->pages);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  TRY(to_device(mirror, range, seed));
  TRY(device_writes(mirror, range, ++seed));  // so that what was in system memory before is no answer
  close(other);
  TRY(lies(mirror, range, SYSTEM | WRITABLE));
  TRY(cpu_reads(range, seed));
  TRY(to_device(mirror, range, seed));
  TRY(device_writes(mirror, range, ++seed));
  close(mirror);
  return cpu_reads(range, seed);
}

static enum outcome release_evicts(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  TRY(to_device(mirror, range, seed));
  TRY(device_writes(mirror, range, ++seed));
  struct answer answer = ask(mirror, RELEASE, range, NULL);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  TRY(lies(mirror, range, SYSTEM | WRITABLE));
  TRY(cpu_reads(range, seed));
  TRY(to_device(mirror, range, seed));  // into memory that the device adds anew
  TRY(to_system(mirror, range, range.pages));
  return cpu_reads(range, seed);
}

const struct subtest devices_subtests[] = {
    {"two-devices", two_devices},
    {"exclusive", exclusive},
    {"close-evicts", close_evicts},
    {"release-evicts", release_evicts},
    {0},
};
