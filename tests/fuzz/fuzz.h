/* tests/fuzz/fuzz.h - every fuzz target includes this and defines LLVMFuzzerTestOneInput. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
