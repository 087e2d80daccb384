/* Converts the bytes of a protobuf message to the bytes of a JSON object, without Python objects.
 *
 * A function returns false when memory ran out (Writer.exhausted), or when the bytes are not as planned:
 * protobuf refuses them, or accepts them by a rule that is not implemented here. */
#ifndef WIRE_TRANSCODE_H
#define WIRE_TRANSCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "reader.h"

/* Numbers of google.protobuf.FieldDescriptorProto.Type. */
typedef enum {
    TYPE_DOUBLE = 1,
    TYPE_FLOAT = 2,
    TYPE_INT64 = 3,
    TYPE_UINT64 = 4,
    TYPE_INT32 = 5,
    TYPE_FIXED64 = 6,
    TYPE_FIXED32 = 7,
    TYPE_BOOL = 8,
    TYPE_STRING = 9,
    TYPE_MESSAGE = 11,
    TYPE_BYTES = 12,
    TYPE_UINT32 = 13,
    TYPE_ENUM = 14,
    TYPE_SFIXED32 = 15,
    TYPE_SFIXED64 = 16,
    TYPE_SINT32 = 17,
    TYPE_SINT64 = 18,
} Type;

/* Numbers of spec.Kind. */
typedef enum {
    KIND_STRING = 1,
    KIND_BOOL,
    KIND_INT32,
    KIND_ENUM,
    KIND_DOUBLE,
    KIND_FLOAT,
    KIND_OBJECT,
    KIND_GLOBAL_ID,
    KIND_CONSTANT,
} Kind;

enum { MAX_DEPTH = 32, NO_INDEX = -1 };

typedef struct Message Message;

/* A field of a message type, selected or not. */
typedef struct {
    uint32_t number;
    Type type;
    uint32_t wire;
    bool repeated;
    int capture;            /* index of its Capture, or NO_INDEX */
    int oneof;              /* index of the Capture of its oneof, or NO_INDEX */
    const Message *message; /* TYPE_MESSAGE: its type, selected or not */
} Slot;

typedef struct {
    int32_t number;
    Literal text;
} EnumName;

/* An output field. */
typedef struct {
    Kind kind;
    bool presence;
    bool required;
    const Slot *slot; /* NULL for a constant */
    Literal prefix;   /* the comma, the key and the colon */
    Literal text;     /* KIND_CONSTANT: the value; KIND_GLOBAL_ID: the start of the id, in base64 */
    Literal head;     /* KIND_GLOBAL_ID: at most two bytes, encoded together with the value */
    const EnumName *names;
    size_t name_count;
    const Message *message; /* KIND_OBJECT */
} Output;

enum { DIRECT_SLOTS = 64 };

struct Message {
    const Slot *slots; /* by ascending number */
    size_t slot_count;
    const Slot *direct[DIRECT_SLOTS]; /* the slots with small numbers, by number */
    const Output *outputs;
    size_t output_count;
    size_t captures;         /* number for its own slots */
    size_t scratch_captures; /* number for itself and for the largest chain of objects below */
};

/* The value of one slot, as the scan found it. */
typedef struct {
    const uint8_t *start; /* NULL if absent; the content of a string or message; otherwise the tag */
    union {
        const uint8_t *end; /* end of a string, a message, or the last item of a repeated field */
        uint64_t value;
    };
} Capture;

typedef struct {
    Writer out;
    const uint8_t *readable; /* end of the memory of the message */
    DoubleText text_of;
} Run;

/* Whether a field of this type can be written as this kind. */
bool kind_takes(Kind kind, Type type);
uint32_t wire_of(Type type);
bool is_packable(Type type);

/* `scratch` is an array of message->scratch_captures. */
bool transcode(Run *run, const Message *message, Span bytes, Capture *scratch);

#endif
