/* Protobuf's wire format, read field by field. Bytes may be anything: every read is within bounds, and
 * what a well-behaved encoder would not write is refused (false) rather than understood. */
#ifndef WIRE_READER_H
#define WIRE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_I64 = 1, WIRE_LEN = 2, WIRE_I32 = 5 };

/* Of tags and of lengths, which protobuf keeps to 32 bits; a value has up to 10. */
enum { SHORT_VARINT_BYTES = 5, VARINT_BYTES = 10 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Span;

typedef struct {
    const uint8_t *start; /* where its tag begins */
    uint32_t number;
    uint32_t wire;
    uint64_t value; /* of a varint, or the bits of a fixed number */
    Span bytes;     /* of a length-delimited field */
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
            /* The tenth byte has room for one bit of the 64. */
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

/* One number, alone or in a packed field. */
static inline bool read_number(Span *rest, uint32_t wire, uint64_t *value) {
    if (wire == WIRE_VARINT) return read_varint(rest, VARINT_BYTES, value);
    return read_fixed(rest, wire == WIRE_I64 ? 8 : 4, value);
}

/* The next field, whatever it is; groups are refused. */
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
