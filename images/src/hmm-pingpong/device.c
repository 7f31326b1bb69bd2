// SPDX-License-Identifier: Apache-2.0
// The ioctls of the kernel's test_hmm driver (lib/test_hmm_uapi.h).
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "pingpong.h"

struct command {
  uint64_t address;  // in: of the first page
  uint64_t buffer;   // in: where this process gives or gets the data
  uint64_t pages;    // in
  uint64_t done;     // out: pages
  uint64_t faults;   // out: of the device
};

int open_mirror(unsigned unit) {
  char path[32];
  snprintf(path, sizeof path, "/dev/hmm_dmirror%u", unit);
  int mirror = open(path, O_RDWR | O_CLOEXEC);
  if (mirror < 0) diagnose("%s: %s", path, strerror(errno));
  return mirror;
}

struct answer ask(int mirror, enum request request, struct range range, void *memory) {
  struct command command = {
      .address = (uintptr_t)range.base, .buffer = (uintptr_t)memory, .pages = range.pages};
  int status;
  do {
    status = ioctl(mirror, _IOWR('H', request, struct command), &command);
  } while (status < 0 && errno == EINTR);
  // On an error the driver does not copy its answer out.
  if (status < 0) return (struct answer){.error = errno};
  return (struct answer){.pages = command.done, .faults = command.faults};
}

// Only drivers that take huge pages have this request; its flags are where the others have the number of pages.
enum { FAIL_ALLOCATION = 1, NO_FLAG = 2 };
static struct answer set_flags(int mirror, unsigned flags) {
  return ask(mirror, FLAGS, (struct range){.pages = flags}, NULL);
}

bool takes_huge_pages(const struct setup *setup, int mirror) {
  return !setup->coherent && set_flags(mirror, NO_FLAG).error == 0;
}

enum outcome fail_next_allocation(int mirror) {
  struct answer answer = set_flags(mirror, FAIL_ALLOCATION);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  return PASS;
}
