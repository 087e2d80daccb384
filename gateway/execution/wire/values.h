/* Decodes the number on the wire for each type of field. */
#ifndef WIRE_VALUES_H
#define WIRE_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "transcode.h"

static inline int32_t low_32(uint64_t bits) {
    const uint32_t low = (uint32_t)bits;
    int32_t value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static inline int64_t signed_64(uint64_t bits) {
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Decodes an integer of any type; returns false if it is outside GraphQL's Int. */
static inline bool int_value(Type type, uint64_t bits, int64_t *value) {
    switch (type) {
        case TYPE_INT32:
        case TYPE_SFIXED32:
            *value = low_32(bits);
            return true;
        case TYPE_SINT32:
            bits = (uint32_t)bits;
            *value = low_32((bits >> 1) ^ (0 - (bits & 1)));
            return true;
        case TYPE_UINT32:
        case TYPE_FIXED32:
            *value = (int64_t)(uint32_t)bits;
            break;
        case TYPE_SINT64:
            *value = signed_64((bits >> 1) ^ (0 - (bits & 1)));
            break;
        case TYPE_UINT64:
        case TYPE_FIXED64:
            if (bits > INT32_MAX) return false;
            *value = (int64_t)bits;
            break;
        default:
            *value = signed_64(bits);
    }
    return *value >= INT32_MIN && *value <= INT32_MAX;
}

static inline double double_value(Type type, uint64_t bits) {
    if (type == TYPE_FLOAT) {
        const uint32_t low = (uint32_t)bits;
        float value;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
