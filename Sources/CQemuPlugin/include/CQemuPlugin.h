// SPDX-License-Identifier: Apache-2.0
// What a plugin uses of QEMU's interface for plugins, version 1 (QEMU 4.2 to 8.2), which no package has as a header.
// https://www.qemu.org/docs/master/devel/tcg-plugins.html describes it. QEMU itself has the functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { QEMU_PLUGIN_INLINE_ADD_U64 = 0, QEMU_PLUGIN_CB_NO_REGS = 0, QEMU_PLUGIN_MEM_RW = 3 };

typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int vcpu, uint32_t access, uint64_t address, void *context);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t call);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t place);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn *instruction, int operation, void *counter, uint64_t amount);
void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *instruction, qemu_plugin_vcpu_mem_cb_t call, int registers, int access, void *context);

// QEMU looks for this number, and for the function qemu_plugin_install, which is Swift.
extern const int qemu_plugin_version;
