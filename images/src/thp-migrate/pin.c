// SPDX-License-Identifier: Apache-2.0
// vmsplice(2) without SPLICE_F_GIFT: the pipe holds a reference, no copy, for as long as nobody reads it.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "thp.h"

bool pin(const void *page, int ends[2]) {
  struct iovec part = {.iov_base = (void *)page, .iov_len = PAGE};
  if (pipe2(ends, O_CLOEXEC)) {
    diagnose("pipe: %s", strerror(errno));
    return false;
  }
  ssize_t taken = vmsplice(ends[1], &part, 1, 0);
  if (taken != PAGE) diagnose("vmsplice: %zd, %s", taken, strerror(errno));
  return taken == PAGE;
}

void unpin(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}
