#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace frontdesk::knowledge {

// Vectors as one signed byte a dimension, the greatest of each 127 or -127: what a vector was multiplied
// by is not kept, for directions alone are compared. Pure, thread safe; AVX2 is used where the machine
// has it.

std::string Quantize(std::span<const float> vector);

// 1 / the length of such a vector: cosine = dot product * this of both. 0 when it is all zeros.
float InverseLength(const int8_t* vector, size_t bytes);

// Dot product of `bytes` dimensions, each -127 to 127; both sides may stand anywhere.
using DotFunction = int32_t (*)(const int8_t* a, const int8_t* b, size_t bytes);
// The fastest one of this machine; ask once, not in a loop.
DotFunction BestDot();
// What every machine can do; the same results.
DotFunction PlainDot();

// One bit a dimension, set where it is above zero, in 64-bit words: a coarse likeness.
size_t SignWords(size_t dimensions);
void Signs(const int8_t* vector, size_t dimensions, uint64_t* words);
// How many bits of `words` words differ, for each of `rows` rows that lie one after the other.
void CountDifferences(const uint64_t* query, const uint64_t* rows, size_t count, size_t words,
                      uint16_t* differences);

}  // namespace frontdesk::knowledge
