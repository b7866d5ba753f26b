#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/random.h"

namespace frontdesk::fuzz {

// Makes inputs nobody thought of from ones that somebody did: bytes flipped, cut, doubled, moved
// between inputs, characters that parsers trip over put in. Deterministic by its seed.
class Mutator {
 public:
  // `corpus` must not be empty.
  Mutator(std::vector<std::string> corpus, uint64_t seed)
      : corpus_(std::move(corpus)), random_(seed) {}

  std::string Next();

 private:
  void Change(std::string& input);
  size_t Place(const std::string& input) { return random_.Uniform(input.size() + 1); }

  std::vector<std::string> corpus_;
  SeededRandom random_;
};

}  // namespace frontdesk::fuzz
