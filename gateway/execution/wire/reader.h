/* Reads protobuf's wire format field by field: https://protobuf.dev/programming-guides/encoding/. The bytes
 * are untrusted, so every read checks the bounds. The functions return false for bytes that no normal encoder
 * writes, even if protobuf would accept them. */
#ifndef WIRE_READER_H
#define WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_LEN = 2, WIRE_I32 = 5 };

/* The most bytes of a tag or a length, which have 32 bits, and of a value, which has 64 bits. */
enum { SHORT_VARINT_BYTES = 5, VARINT_BYTES = 10 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Span;

typedef struct {
    const uint8_t *start; /* the first byte of its tag */
    uint32_t number;
    uint32_t wire;
    uint64_t value; /* the varint, or the bits of a fixed-size number */
    Span bytes;     /* the content of a length-delimited field */
} WireField;

static inline size_t span_length(Span span) { return (size_t)(span.end - span.at); }

static inline bool read_varint(Span *rest, unsigned max_bytes, uint64_t *value) {
    if (rest->at < rest->end && *rest->at < 0x80) {
        *value = *rest->at++;
        return true;
    }
    uint64_t read = 0;
    for (unsigned i = 0; i < max_bytes && rest->at < rest->end; i++) {
        const uint64_t byte = *rest->at++;
        read |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = read;
            /* The tenth byte holds the last of the 64 bits. */
            return i < VARINT_BYTES - 1 || byte <= 1;
        }
    }
    return false;
}

static inline bool read_fixed(Span *rest, size_t size, uint64_t *value) {
    if (span_length(*rest) < size) return false;
    uint64_t read = 0;
    for (size_t i = 0; i < size; i++) read |= (uint64_t)rest->at[i] << (8 * i);
    *value = read;
    rest->at += size;
    return true;
}

static inline bool read_bytes(Span *rest, Span *bytes) {
    uint64_t length;
    if (!read_varint(rest, SHORT_VARINT_BYTES, &length) || length > INT32_MAX ||
        length > span_length(*rest)) {
        return false;
    }
    bytes->at = rest->at;
    bytes->end = rest->at += length;
    return true;
}

/* Reads one number, alone or in a packed field. */
static inline bool read_number(Span *rest, uint32_t wire, uint64_t *value) {
    if (wire == WIRE_VARINT) return read_varint(rest, VARINT_BYTES, value);
    return read_fixed(rest, wire == WIRE_I64 ? 8 : 4, value);
}

/* Reads the next field of any number; returns false for a group. */
static inline bool next_field(Span *rest, WireField *field) {
    uint64_t tag;
    field->start = rest->at;
    if (!read_varint(rest, SHORT_VARINT_BYTES, &tag) || tag > UINT32_MAX || tag < 8) return false;
    field->number = (uint32_t)tag >> 3;
    field->wire = (uint32_t)tag & 7;
    field->value = 0;
    switch (field->wire) {
        case WIRE_LEN:
            return read_bytes(rest, &field->bytes);
        case WIRE_VARINT:
        case WIRE_I64:
        case WIRE_I32:
            return read_number(rest, field->wire, &field->value);
        default:
            return false;
    }
}

#endif
