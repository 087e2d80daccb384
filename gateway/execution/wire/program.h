/* A program: what layout.py says of a spec, in the form that transcode.c reads. */
#ifndef WIRE_PROGRAM_H
#define WIRE_PROGRAM_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "transcode.h"

typedef struct Allocation Allocation;

typedef struct {
    Message *messages; /* the first one is the whole */
    size_t message_count;
    Allocation *allocations; /* everything that the messages point to */
} Tables;

/* False with a Python exception set; tables_clear is to be called in either case. */
bool tables_load(Tables *tables, PyObject *layout);
void tables_clear(Tables *tables);

#endif
