/* JSON written into one growing buffer, byte for byte as orjson writes it. */
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
    bool exhausted; /* memory was refused */
} Writer;

/* Constant text, readable up to the next multiple of COPIED bytes. */
typedef struct {
    const uint8_t *text;
    size_t length;
} Literal;

enum { COPIED = 16 };

/* Bytes that may be written beyond what was reserved: whole blocks are stored, numbers and short words
 * need no test of their own. */
enum { PADDING = 64 };

/* The shortest digits that give the number back, without exponent. */
typedef bool (*DoubleText)(double value, char text[PADDING / 2]);

bool writer_grow(Writer *out, size_t more);

static inline bool reserve(Writer *out, size_t more) {
    const size_t left = out->size - out->used;
    return (left >= PADDING && left - PADDING >= more) || writer_grow(out, more);
}

/* The functions below write within the padding. */

static inline void put(Writer *out, char character) { out->data[out->used++] = (uint8_t)character; }

static inline void put_word(Writer *out, const char *word, size_t length) {
    memcpy(out->data + out->used, word, length);
    out->used += length;
}

void put_int(Writer *out, int64_t value);

/* The functions below reserve what they need; false is for want of memory, or for a value that has no
 * place in the answer. */

static inline bool write_literal(Writer *out, Literal literal) {
    if (!reserve(out, literal.length)) return false;
    /* Of whole blocks, because a copy of unknown length is a call. */
    for (size_t i = 0; i < literal.length; i += COPIED) {
        memcpy(out->data + out->used + i, literal.text + i, COPIED);
    }
    out->used += literal.length;
    return true;
}

/* `readable` ends the memory that the text lies in: a block may be read beyond the text itself. */
bool write_string(Writer *out, Span text, const uint8_t *readable);
bool write_double(Writer *out, double value, DoubleText text_of);
/* Base64 of the bytes of `head` and then of `text`; `head` has less than three. */
bool write_base64(Writer *out, Literal head, Span text);

bool utf8_valid(Span text, const uint8_t *readable);

#endif
