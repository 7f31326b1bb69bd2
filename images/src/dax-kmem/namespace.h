// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Makes the lowest legacy pmem namespace device-dax with 2 MiB pages; the device's name. False after a diagnostic.
bool namespace_to_devdax(char *name, size_t size);
