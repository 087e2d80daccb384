/* A program: the tables of layout.py, in the form that transcode.c reads. */
#ifndef WIRE_PROGRAM_H
#define WIRE_PROGRAM_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "transcode.h"

typedef struct Allocation Allocation;

typedef struct {
    Message *messages; /* the first one is the root */
    size_t message_count;
    Allocation *allocations; /* everything that the messages point to */
} Tables;

/* Returns false with a Python exception set. The caller must call tables_clear in both cases. */
bool tables_load(Tables *tables, PyObject *layout);
void tables_clear(Tables *tables);

#endif
