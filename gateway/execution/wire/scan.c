#include "scan.h"

uint32_t wire_of(Type type) {
    switch (type) {
        case TYPE_DOUBLE:
        case TYPE_FIXED64:
        case TYPE_SFIXED64:
            return WIRE_I64;
        case TYPE_FLOAT:
        case TYPE_FIXED32:
        case TYPE_SFIXED32:
            return WIRE_I32;
        case TYPE_STRING:
        case TYPE_BYTES:
        case TYPE_MESSAGE:
            return WIRE_LEN;
        default:
            return WIRE_VARINT;
    }
}

bool is_packable(Type type) { return wire_of(type) != WIRE_LEN; }

static const Slot *slot_of(const Message *message, uint32_t number) {
    if (number < DIRECT_SLOTS) return message->direct[number];
    size_t low = 0, high = message->slot_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const Slot *slot = &message->slots[middle];
        if (slot->number == number) return slot;
        if (slot->number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool check_packed(const Slot *slot, Span bytes) {
    uint64_t value;
    while (bytes.at < bytes.end) {
        if (!read_number(&bytes, slot->wire, &value)) return false;
    }
    return true;
}

/* Checks a value that is not selected. */
static bool check(const Slot *slot, const WireField *field, const uint8_t *readable, unsigned depth) {
    if (field->wire != slot->wire) return check_packed(slot, field->bytes);
    if (slot->type == TYPE_STRING) return utf8_valid(field->bytes, readable);
    if (slot->type == TYPE_MESSAGE) return scan(slot->message, field->bytes, NULL, readable, depth + 1);
    return true;
}

/* In protobuf a second member of a oneof replaces the first one; here it is refused. */
static bool alone_in_oneof(const Slot *slot, Capture *captures) {
    Capture *member = &captures[slot->oneof];
    if (member->start != NULL && member->value != slot->number) return false;
    member->start = (const uint8_t *)slot;
    member->value = slot->number;
    return true;
}

static bool capture(const Slot *slot, const WireField *field, const uint8_t *end, Capture *captures,
                    const uint8_t *readable) {
    Capture *into = &captures[slot->capture];
    if (slot->repeated) {
        /* The items are read again, from the first to the last, when they are written. */
        if (into->start == NULL) into->start = field->start;
        into->end = end;
        return true;
    }
    if (slot->wire != WIRE_LEN) {
        into->start = field->start;
        into->value = field->value;
        return true;
    }
    if (into->start != NULL) {
        /* Protobuf merges two messages, which is refused here. It keeps the last of two strings, but checks
         * both. */
        const Span before = {into->start, into->end};
        if (slot->type == TYPE_MESSAGE || !utf8_valid(before, readable)) return false;
    }
    into->start = field->bytes.at;
    into->end = field->bytes.end;
    return true;
}

bool scan(const Message *message, Span bytes, Capture *captures, const uint8_t *readable, unsigned depth) {
    if (depth > MAX_DEPTH) return false;
    if (message->captures != 0) memset(captures, 0, message->captures * sizeof *captures);
    while (bytes.at < bytes.end) {
        WireField field;
        if (!next_field(&bytes, &field)) return false;
        const Slot *slot = slot_of(message, field.number);
        if (slot == NULL) continue;
        const bool packed = slot->repeated && field.wire == WIRE_LEN && slot->wire != WIRE_LEN;
        /* Protobuf treats a field with another wire type as an unknown field. */
        if (field.wire != slot->wire && !packed) return false;
        if (slot->oneof != NO_INDEX && !alone_in_oneof(slot, captures)) return false;
        if (slot->capture == NO_INDEX) {
            if (!check(slot, &field, readable, depth)) return false;
        } else if (!capture(slot, &field, bytes.at, captures, readable)) {
            return false;
        }
    }
    return true;
}
