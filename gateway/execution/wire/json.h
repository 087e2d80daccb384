/* Writes JSON into one growing buffer, byte for byte as orjson does. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "block.h"
#include "reader.h"

typedef struct {
    uint8_t *data; /* the caller frees it */
    size_t used;
    size_t size;
    bool exhausted; /* an allocation failed */
} Writer;

/* Constant text. Its memory is readable up to the next multiple of COPIED bytes. */
typedef struct {
    const uint8_t *text;
    size_t length;
} Literal;

enum { COPIED = 16 };

/* Bytes that may be written after the reserved ones, so that whole blocks can be stored, and numbers and
 * short words need no check. */
enum { PADDING = 64 };

/* Writes the shortest digits that parse to the same number, without exponent. */
typedef bool (*DoubleText)(double value, char text[PADDING / 2]);

bool writer_grow(Writer *out, size_t more);

static inline bool reserve(Writer *out, size_t more) {
    const size_t left = out->size - out->used;
    return (left >= PADDING && left - PADDING >= more) || writer_grow(out, more);
}

/* The functions below write into the padding, and reserve nothing. */

static inline void put(Writer *out, char character) { out->data[out->used++] = (uint8_t)character; }

static inline void put_word(Writer *out, const char *word, size_t length) {
    memcpy(out->data + out->used, word, length);
    out->used += length;
}

void put_int(Writer *out, int64_t value);

/* The functions below reserve what they need. They return false when memory runs out, or for a value that
 * the answer can't hold. */

static inline bool write_literal(Writer *out, Literal literal) {
    if (!reserve(out, literal.length)) return false;
    /* Whole blocks, because memcpy with a variable length compiles to a function call. */
    for (size_t i = 0; i < literal.length; i += COPIED) {
        memcpy(out->data + out->used + i, literal.text + i, COPIED);
    }
    out->used += literal.length;
    return true;
}

/* `readable` is the end of the memory that holds the text: a block may be read beyond the text. */
bool write_string(Writer *out, Span text, const uint8_t *readable);
bool write_double(Writer *out, double value, DoubleText text_of);
/* Base64 of the bytes of `head` followed by `text`; `head` has at most two. */
bool write_base64(Writer *out, Literal head, Span text);

bool utf8_valid(Span text, const uint8_t *readable);

#endif
