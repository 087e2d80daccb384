/* Blocks of text that are examined at once: 16 bytes with SSE2, 8 bytes in a general register. A mask has
 * one bit for each byte, with the lowest bit for the first byte. Only the lowest set bit is exact. */
#ifndef WIRE_BLOCK_H
#define WIRE_BLOCK_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(WIRE_PORTABLE)
#include <emmintrin.h>

enum { BLOCK = 16 };
typedef __m128i Block;

static inline Block block_load(const uint8_t *from) {
    return _mm_loadu_si128((const Block *)(const void *)from);
}

static inline void block_store(uint8_t *to, Block block) { _mm_storeu_si128((Block *)(void *)to, block); }

static inline uint32_t block_non_ascii(Block block) { return (uint32_t)_mm_movemask_epi8(block); }

/* The bytes that JSON must escape: '"', '\\' and control characters (RFC 8259, section 7). */
static inline uint32_t block_escaped(Block block) {
    const Block control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    const Block quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const Block backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    return block_non_ascii(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
}

#else

enum { BLOCK = 8 };
typedef uint64_t Block;

#define BLOCK_OF(byte) (0x0101010101010101u * (uint64_t)(byte))

static inline Block block_load(const uint8_t *from) {
    Block block = 0;
    for (unsigned i = 0; i < BLOCK; i++) block |= (Block)from[i] << (8 * i);
    return block;
}

static inline void block_store(uint8_t *to, Block block) {
    for (unsigned i = 0; i < BLOCK; i++) to[i] = (uint8_t)(block >> (8 * i));
}

/* The multiplication moves the high bits of the 8 bytes to the highest byte. */
static inline uint32_t block_non_ascii(Block block) {
    return (uint32_t)((block & BLOCK_OF(0x80)) * 0x0002040810204081u >> 56);
}

/* A subtraction borrows only from bytes above a match, so the lowest match is exact. */
static inline uint32_t block_escaped(Block block) {
    const Block quote = block ^ BLOCK_OF('"');
    const Block backslash = block ^ BLOCK_OF('\\');
    return block_non_ascii(((block - BLOCK_OF(0x20)) & ~block) | ((quote - BLOCK_OF(1)) & ~quote) |
                           ((backslash - BLOCK_OF(1)) & ~backslash));
}

#endif

#endif
