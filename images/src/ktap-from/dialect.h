// SPDX-License-Identifier: Apache-2.0
// How the programs of tools/testing/selftests/mm that know no KTAP say what they found.
#pragma once

#include <stddef.h>

enum outcome { NOTHING, PASS, FAIL, SKIP };

// What one line of output means. `name` and `detail` are texts of the line or of the dialect's own memory.
struct reading {
  enum outcome outcome;
  char name[256];
  char detail[256];
};

struct dialect {
  const char *name;
  // Reads one line, without its end; NULL at the end of the output, for what is still open then.
  void (*read)(const char *line, struct reading *reading);
  int counts_failures;  // the program's exit code is the number of its failures
};

extern const struct dialect khugepaged_dialect, uffd_dialect, hwpoison_dialect, address_dialect;
