#include "program.h"

#include <string.h>

/* All tables are checked while they are loaded, because transcode.c trusts their indices, kinds and types. */

struct Allocation {
    Allocation *next;
    max_align_t memory[];
};

static void *allocate(Tables *tables, size_t count, size_t size) {
    if (count > (PY_SSIZE_T_MAX - sizeof(Allocation)) / size) {
        PyErr_NoMemory();
        return NULL;
    }
    Allocation *allocation = PyMem_Calloc(1, sizeof *allocation + count * size);
    if (allocation == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    allocation->next = tables->allocations;
    tables->allocations = allocation;
    return allocation->memory;
}

void tables_clear(Tables *tables) {
    while (tables->allocations != NULL) {
        Allocation *next = tables->allocations->next;
        PyMem_Free(tables->allocations);
        tables->allocations = next;
    }
}

static bool wrong(const char *what) {
    PyErr_Format(PyExc_ValueError, "a layout with a wrong %s", what);
    return false;
}

static bool load_literal(Tables *tables, Literal *literal, const char *text, Py_ssize_t length) {
    const size_t size = (size_t)length;
    uint8_t *copy = allocate(tables, size / COPIED + 1, COPIED);
    if (copy == NULL) return false;
    memcpy(copy, text, size);
    *literal = (Literal){copy, size};
    return true;
}

static bool load_names(Tables *tables, Output *output, PyObject *names) {
    output->name_count = (size_t)PyTuple_GET_SIZE(names);
    EnumName *loaded = allocate(tables, output->name_count, sizeof *loaded);
    if (loaded == NULL) return false;
    output->names = loaded;
    for (size_t i = 0; i < output->name_count; i++) {
        int number;
        const char *text;
        Py_ssize_t length;
        PyObject *pair = PyTuple_GET_ITEM(names, (Py_ssize_t)i);
        if (!PyArg_ParseTuple(pair, "iy#", &number, &text, &length)) return false;
        loaded[i].number = number;
        if (!load_literal(tables, &loaded[i].text, text, length)) return false;
    }
    return true;
}

static bool index_of_message(const Tables *tables, int index, const Message **message) {
    if (index < NO_INDEX || index >= (int)tables->message_count) return wrong("message");
    *message = index == NO_INDEX ? NULL : &tables->messages[index];
    return true;
}

static bool load_slot(Tables *tables, const Message *message, Slot *slot, PyObject *row) {
    int type, repeated, index;
    unsigned int number;
    if (!PyArg_ParseTuple(row, "Iipiii", &number, &type, &repeated, &slot->capture, &slot->oneof, &index)) {
        return false;
    }
    slot->number = number;
    slot->type = (Type)type;
    slot->repeated = repeated != 0;
    const int captures = (int)message->captures;
    if (type < TYPE_DOUBLE || type > TYPE_SINT64 || type == 10) return wrong("type");
    if (slot->capture < NO_INDEX || slot->capture >= captures) return wrong("capture");
    if (slot->oneof < NO_INDEX || slot->oneof >= captures) return wrong("oneof");
    slot->wire = wire_of(slot->type);
    if (!index_of_message(tables, index, &slot->message)) return false;
    return (slot->type == TYPE_MESSAGE) == (slot->message != NULL) || wrong("message of a slot");
}

static bool load_slots(Tables *tables, Message *message, PyObject *rows) {
    message->slot_count = (size_t)PyTuple_GET_SIZE(rows);
    Slot *slots = allocate(tables, message->slot_count, sizeof *slots);
    if (slots == NULL) return false;
    message->slots = slots;
    for (size_t i = 0; i < message->slot_count; i++) {
        if (!load_slot(tables, message, &slots[i], PyTuple_GET_ITEM(rows, (Py_ssize_t)i))) return false;
        if (i > 0 && slots[i].number <= slots[i - 1].number) return wrong("order");
        if (slots[i].number < DIRECT_SLOTS) message->direct[slots[i].number] = &slots[i];
    }
    return true;
}

/* Checks that the slot fits the kind, and that objects come after their parent, so that none holds itself. */
static bool check_output(const Message *message, const Output *output) {
    if (output->kind == KIND_CONSTANT) return output->slot == NULL || wrong("slot");
    if (output->slot == NULL || output->slot->capture == NO_INDEX) return wrong("slot");
    if (!kind_takes(output->kind, output->slot->type)) return wrong("kind");
    if (output->kind == KIND_GLOBAL_ID && output->slot->repeated) return wrong("kind");
    if (output->head.length > 2) return wrong("head");
    return output->kind != KIND_OBJECT || output->message > message || wrong("message of an object");
}

static bool load_output(Tables *tables, const Message *message, Output *output, PyObject *row) {
    int kind, presence, required, slot, index;
    const char *prefix, *text, *head;
    Py_ssize_t prefix_length, text_length, head_length;
    PyObject *names;
    if (!PyArg_ParseTuple(row, "ippiiy#y#y#O!", &kind, &presence, &required, &slot, &index, &prefix,
                          &prefix_length, &text, &text_length, &head, &head_length, &PyTuple_Type, &names)) {
        return false;
    }
    output->kind = (Kind)kind;
    output->presence = presence != 0;
    output->required = required != 0;
    if (slot < NO_INDEX || slot >= (int)message->slot_count) return wrong("slot");
    if (slot != NO_INDEX) output->slot = &message->slots[slot];
    return index_of_message(tables, index, &output->message) &&
           load_literal(tables, &output->prefix, prefix, prefix_length) &&
           load_literal(tables, &output->text, text, text_length) &&
           load_literal(tables, &output->head, head, head_length) && load_names(tables, output, names) &&
           check_output(message, output);
}

static bool load_outputs(Tables *tables, Message *message, PyObject *rows) {
    message->output_count = (size_t)PyTuple_GET_SIZE(rows);
    Output *outputs = allocate(tables, message->output_count, sizeof *outputs);
    if (outputs == NULL) return false;
    message->outputs = outputs;
    for (size_t i = 0; i < message->output_count; i++) {
        if (!load_output(tables, message, &outputs[i], PyTuple_GET_ITEM(rows, (Py_ssize_t)i))) return false;
    }
    return true;
}

static bool load_message(Tables *tables, Message *message, PyObject *row) {
    int captures;
    PyObject *slots, *outputs;
    if (!PyArg_ParseTuple(row, "iO!O!", &captures, &PyTuple_Type, &slots, &PyTuple_Type, &outputs)) {
        return false;
    }
    if (captures < 0) return wrong("capture");
    message->captures = (size_t)captures;
    return load_slots(tables, message, slots) && load_outputs(tables, message, outputs);
}

/* Objects come after their parent, so going backwards sums each object before its parent. */
static void add_up_captures(Tables *tables) {
    for (size_t i = tables->message_count; i-- > 0;) {
        Message *message = &tables->messages[i];
        size_t below = 0;
        for (size_t j = 0; j < message->output_count; j++) {
            const Message *object = message->outputs[j].message;
            if (object != NULL && object->scratch_captures > below) below = object->scratch_captures;
        }
        message->scratch_captures = message->captures + below;
    }
}

bool tables_load(Tables *tables, PyObject *layout) {
    if (!PyTuple_Check(layout) || PyTuple_GET_SIZE(layout) == 0) return wrong("form");
    tables->message_count = (size_t)PyTuple_GET_SIZE(layout);
    tables->messages = allocate(tables, tables->message_count, sizeof *tables->messages);
    if (tables->messages == NULL) return false;
    for (size_t i = 0; i < tables->message_count; i++) {
        PyObject *row = PyTuple_GET_ITEM(layout, (Py_ssize_t)i);
        if (!PyTuple_Check(row)) return wrong("form");
        if (!load_message(tables, &tables->messages[i], row)) return false;
    }
    add_up_captures(tables);
    return true;
}
