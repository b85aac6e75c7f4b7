#pragma once
#include <zlib.h>

// zlib offers these as macros, which Swift can't see.

static inline int acs_inflate_init(z_streamp stream, int windowBits) {
  return inflateInit2(stream, windowBits);
}

static inline int acs_deflate_init(z_streamp stream, int level, int windowBits) {
  return deflateInit2(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
}
