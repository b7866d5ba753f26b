#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "libs/text/encoder/encoder.h"
#include "libs/text/segment.h"

namespace frontdesk::text {

struct PassageOptions {
  // Of a passage, as Encoder::CountTokens counts. 0 = as many as the encoder takes. Shorter passages
  // make sharper vectors: 200 to 300 suits search.
  size_t tokens_max = 0;
  // Of the sentences that a passage shares with the one before, at most.
  size_t overlap_tokens = 32;
};

// Cuts a long text into overlapping passages that an encoder takes whole, as byte spans of `text`.
// They end where sentences do; a sentence that is too long by itself is cut behind a space or a
// comma where one is near, else between characters. Every sentence is in one passage at least; white
// space at the ends is in none. A text that fits is one passage, one without anything but white
// space none. Pure, thread safe; of input above kMaxTextBytes only the first kMaxTextBytes count.
std::vector<TextSpan> CutPassages(std::string_view text, const Encoder& encoder,
                                  PassageOptions options = {});

}  // namespace frontdesk::text
