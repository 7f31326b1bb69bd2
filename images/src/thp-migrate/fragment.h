// SPDX-License-Identifier: Apache-2.0
// A node without a free huge page of the size on offer: one page of every such piece of memory is held where it is, all the
// others are free.
#pragma once

#include <stdbool.h>

// Returns true when a huge page can no longer be had on the node, though more than 16 MiB of it are free; says why not.
bool fragment_node(int node);
void release_node(void);
