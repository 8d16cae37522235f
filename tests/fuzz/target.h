/* SPDX-License-Identifier: ISC
 *
 * What every fuzz target defines: called by libFuzzer, or by replay.c.
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
