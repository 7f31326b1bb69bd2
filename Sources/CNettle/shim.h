// SHA-256 of GNU Nettle, a library that libvirt brings along.
#ifndef KTEST_CNETTLE_SHIM_H
#define KTEST_CNETTLE_SHIM_H

#include <nettle/sha2.h>

#endif
