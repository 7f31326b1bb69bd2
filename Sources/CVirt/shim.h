// The system's libvirt, for Sources/KTestHarness/Virt only. Errors are reported per thread: see VirtError.swift.
#ifndef KTEST_CVIRT_SHIM_H
#define KTEST_CVIRT_SHIM_H

#include <libvirt/libvirt.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#endif
