// SPDX-License-Identifier: Apache-2.0
// Pages that somebody holds: by a pipe (vmsplice) for a moment, by the kernel's gup_test for long.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pingpong.h"

enum { HELD = 8 };  // a pipe takes 16

// mm/gup_test.h of the kernel.
struct pin {
  uint64_t address, size;
  uint32_t flags;
};
enum { PIN_WRITE = 1 };
#define PIN_START _IOW('g', 7, struct pin)
#define PIN_STOP _IO('g', 8)
#define PIN_READ _IOW('g', 9, uint64_t)

static enum outcome hold(int ends[2], struct range held) {
  CHECK(!pipe(ends), "%s", strerror(errno));
  struct iovec pages = {.iov_base = held.base, .iov_len = held.pages * PAGE};
  ssize_t taken = vmsplice(ends[1], &pages, 1, 0);
  CHECK(taken == (ssize_t)pages.iov_len, "vmsplice: %zd, %s", taken, strerror(errno));
  return PASS;
}

static enum outcome let_go(int ends[2], struct range held, uint64_t seed) {
  uint8_t *copy = buffer(held.pages);
  for (size_t done = 0; done < held.pages * PAGE;) {
    ssize_t part = read(ends[0], copy + done, held.pages * PAGE - done);
    CHECK(part > 0, "%s", strerror(errno));
    done += (size_t)part;
  }
  close(ends[0]);
  close(ends[1]);
  CHECK(difference(copy, held, seed) < 0, "the pipe has other data");
  return PASS;
}

// All but the held pages go, and the driver says that one did not.
static enum outcome all_but(int mirror, const struct setup *setup, struct range range, struct range held,
                            uint64_t seed) {
  TRY(stays(mirror, held));
  TRY(refused(mirror, range, ENOENT));
  size_t before = held.first, behind = before + held.pages;
  TRY(lies(mirror, slice(range, 0, before), here(setup) | WRITABLE));
  TRY(lies(mirror, held, SYSTEM | WRITABLE));
  TRY(lies(mirror, slice(range, behind, range.pages - behind), here(setup) | WRITABLE));
  TRY(to_system(mirror, range, range.pages - held.pages));
  return cpu_reads(range, seed);
}

static enum outcome vmspliced(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit), ends[2];
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages), held = slice(range, setup->pages / 2, HELD);
  for (unsigned round = 0; round < setup->rounds; round++) {
    uint64_t seed = fresh_seed();
    fill(range.base, range, seed);
    TRY(hold(ends, held));
    TRY(all_but(mirror, setup, range, held, seed));
    TRY(let_go(ends, held, seed));
    TRY(to_device(mirror, range, seed));
    TRY(to_system(mirror, range, range.pages));
    TRY(cpu_reads(range, seed));
  }
  return PASS;
}

static enum outcome pinned(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit), gup = open("/sys/kernel/debug/gup_test", O_RDWR | O_CLOEXEC);
  CHECK(mirror >= 0 && gup >= 0, "/sys/kernel/debug/gup_test: %s", strerror(errno));
  struct range range = map_small(setup->pages), held = slice(range, setup->pages / 2, HELD);
  uint64_t seed = fresh_seed(), copy = (uintptr_t)buffer(range.pages);
  struct pin pin = {.address = (uintptr_t)held.base, .size = held.pages * PAGE, .flags = PIN_WRITE};
  fill(range.base, range, seed);
  // A pin for long moves the pages back by itself, from either kind of device memory.
  TRY(to_device(mirror, range, seed));
  CHECK(!ioctl(gup, PIN_START, &pin), "%s", strerror(errno));
  TRY(lies(mirror, held, SYSTEM | WRITABLE));
  TRY(to_system(mirror, range, range.pages - held.pages));
  TRY(all_but(mirror, setup, range, held, seed));
  CHECK(!ioctl(gup, PIN_READ, &copy), "%s", strerror(errno));
  CHECK(difference(buffer(range.pages), held, seed) < 0, "who pinned the pages sees other data");
  CHECK(!ioctl(gup, PIN_STOP), "%s", strerror(errno));
  TRY(to_device(mirror, range, seed));
  TRY(to_system(mirror, range, range.pages));
  return cpu_reads(range, seed);
}

// Coherent memory can be held where it is and then does not come back; private memory comes back to be held.
static enum outcome held_on_device(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit), ends[2];
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(setup->pages), held = slice(range, setup->pages / 2, HELD);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  TRY(to_device(mirror, range, seed));
  TRY(hold(ends, held));
  TRY(lies(mirror, held, (setup->coherent ? here(setup) : SYSTEM) | WRITABLE));
  TRY(to_system(mirror, range, range.pages - held.pages));
  TRY(lies(mirror, held, (setup->coherent ? here(setup) : SYSTEM) | WRITABLE));
  TRY(let_go(ends, held, seed));
  TRY(to_system(mirror, range, setup->coherent ? held.pages : 0));
  return cpu_reads(range, seed);
}

const struct subtest pinned_subtests[] = {
    {"vmspliced-refused", vmspliced},
    {"pinned-refused", pinned},
    {"held-on-device", held_on_device},
    {0},
};
