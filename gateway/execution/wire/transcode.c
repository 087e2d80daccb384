#include "transcode.h"

#include "scan.h"
#include "values.h"

bool kind_takes(Kind kind, Type type) {
    switch (kind) {
        case KIND_STRING:
        case KIND_GLOBAL_ID:
            return type == TYPE_STRING;
        case KIND_BOOL:
            return type == TYPE_BOOL;
        case KIND_ENUM:
            return type == TYPE_ENUM;
        case KIND_DOUBLE:
            return type == TYPE_DOUBLE;
        case KIND_FLOAT:
            return type == TYPE_FLOAT;
        case KIND_OBJECT:
            return type == TYPE_MESSAGE;
        case KIND_INT32:
            return type != TYPE_DOUBLE && type != TYPE_FLOAT && type != TYPE_BOOL && type != TYPE_ENUM &&
                   is_packable(type);
        default:
            return false;
    }
}

static bool write_message(Run *run, const Message *message, Span bytes, Capture *scratch, unsigned depth);

static bool write_null(Run *run, const Output *output) {
    if (output->required || !reserve(&run->out, 0)) return false;
    put_word(&run->out, "null", 4);
    return true;
}

static const EnumName *name_of(const Output *output, int32_t number) {
    for (size_t i = 0; i < output->name_count; i++) {
        if (output->names[i].number == number) return &output->names[i];
    }
    return NULL;
}

static bool write_enum(Run *run, const Output *output, uint64_t bits) {
    const EnumName *name = name_of(output, low_32(bits));
    return name != NULL ? write_literal(&run->out, name->text) : write_null(run, output);
}

static bool write_bool(Run *run, bool value) {
    if (!reserve(&run->out, 0)) return false;
    put_word(&run->out, value ? "true" : "false", value ? 4 : 5);
    return true;
}

static bool write_int(Run *run, Type type, uint64_t bits) {
    int64_t value;
    if (!int_value(type, bits, &value) || !reserve(&run->out, 0)) return false;
    put_int(&run->out, value);
    return true;
}

/* Writes a present or default number, for the kinds of numbers. */
static bool write_number(Run *run, const Output *output, uint64_t bits) {
    switch (output->kind) {
        case KIND_BOOL:
            return write_bool(run, bits != 0);
        case KIND_INT32:
            return write_int(run, output->slot->type, bits);
        case KIND_ENUM:
            return write_enum(run, output, bits);
        default:
            return write_double(&run->out, double_value(output->slot->type, bits), run->text_of);
    }
}

static bool write_global_id(Run *run, const Output *output, Span bytes) {
    if (!utf8_valid(bytes, run->readable) || !reserve(&run->out, 0)) return false;
    put(&run->out, '"');
    if (!write_literal(&run->out, output->text) || !write_base64(&run->out, output->head, bytes)) return false;
    if (!reserve(&run->out, 0)) return false;
    put(&run->out, '"');
    return true;
}

/* Writes a string or a message. */
static bool write_bytes(Run *run, const Output *output, Span bytes, Capture *scratch, unsigned depth) {
    if (output->kind == KIND_OBJECT) return write_message(run, output->message, bytes, scratch, depth + 1);
    if (output->kind == KIND_GLOBAL_ID) return write_global_id(run, output, bytes);
    return write_string(&run->out, bytes, run->readable);
}

static bool write_singular(Run *run, const Output *output, const Capture *captured, Capture *scratch,
                           unsigned depth) {
    const bool absent = captured->start == NULL;
    if (absent && output->presence && output->kind != KIND_GLOBAL_ID) return write_null(run, output);
    if (output->slot->wire != WIRE_LEN) return write_number(run, output, absent ? 0 : captured->value);
    const Span bytes = {captured->start, captured->end};
    const Span nothing = {run->readable, run->readable};
    return write_bytes(run, output, absent ? nothing : bytes, scratch, depth);
}

/* Writes the comma before every item but the first. */
static bool separate(Run *run, bool *first) {
    if (!reserve(&run->out, 0)) return false;
    if (!*first) put(&run->out, ',');
    *first = false;
    return true;
}

static bool write_number_item(Run *run, const Output *output, uint64_t bits, bool *first) {
    /* A list leaves out unknown enum numbers. */
    if (output->kind == KIND_ENUM && name_of(output, low_32(bits)) == NULL) return true;
    return separate(run, first) && write_number(run, output, bits);
}

static bool write_packed(Run *run, const Output *output, Span bytes, bool *first) {
    while (bytes.at < bytes.end) {
        uint64_t bits;
        if (!read_number(&bytes, output->slot->wire, &bits)) return false;
        if (!write_number_item(run, output, bits, first)) return false;
    }
    return true;
}

static bool write_item(Run *run, const Output *output, const WireField *field, bool *first, Capture *scratch,
                       unsigned depth) {
    if (field->wire != WIRE_LEN) return write_number_item(run, output, field->value, first);
    if (output->slot->wire != WIRE_LEN) return write_packed(run, output, field->bytes, first);
    return separate(run, first) && write_bytes(run, output, field->bytes, scratch, depth);
}

static bool write_repeated(Run *run, const Output *output, const Capture *captured, Capture *scratch,
                           unsigned depth) {
    if (!reserve(&run->out, 0)) return false;
    put(&run->out, '[');
    Span rest = {captured->start, captured->end};
    bool first = true;
    while (captured->start != NULL && rest.at < rest.end) {
        WireField field;
        if (!next_field(&rest, &field)) return false;
        if (field.number != output->slot->number) continue;
        if (!write_item(run, output, &field, &first, scratch, depth)) return false;
    }
    if (!reserve(&run->out, 0)) return false;
    put(&run->out, ']');
    return true;
}

static bool write_output(Run *run, const Output *output, const Capture *captures, Capture *scratch,
                         unsigned depth) {
    if (!write_literal(&run->out, output->prefix)) return false;
    if (output->kind == KIND_CONSTANT) return write_literal(&run->out, output->text);
    const Capture *captured = &captures[output->slot->capture];
    if (output->slot->repeated) return write_repeated(run, output, captured, scratch, depth);
    return write_singular(run, output, captured, scratch, depth);
}

static bool write_message(Run *run, const Message *message, Span bytes, Capture *scratch, unsigned depth) {
    if (!scan(message, bytes, scratch, run->readable, depth) || !reserve(&run->out, 0)) return false;
    put(&run->out, '{');
    for (size_t i = 0; i < message->output_count; i++) {
        if (!write_output(run, &message->outputs[i], scratch, scratch + message->captures, depth)) return false;
    }
    if (!reserve(&run->out, 0)) return false;
    put(&run->out, '}');
    return true;
}

bool transcode(Run *run, const Message *message, Span bytes, Capture *scratch) {
    return write_message(run, message, bytes, scratch, 0);
}
