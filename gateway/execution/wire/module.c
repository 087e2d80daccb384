/* The Python module: the type Program, and the function split. */
#include "program.h"

#include <stdlib.h>

/* Python's slot tables hold functions as void *, which ISO C does not allow. */
#pragma GCC diagnostic ignored "-Wpedantic"

typedef struct {
    PyTypeObject *program_type;
    PyObject *not_as_planned;
} State;

typedef struct {
    PyObject_HEAD
    Tables tables;
} Program;

static PyObject *refused(const State *state, bool exhausted) {
    if (exhausted) return PyErr_NoMemory();
    PyErr_SetNone(state->not_as_planned);
    return NULL;
}

static bool double_text(double value, char text[PADDING / 2]) {
    char *digits = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (digits == NULL) {
        PyErr_Clear();
        return false;
    }
    const size_t length = strlen(digits);
    const bool fits = length < PADDING / 2;
    if (fits) memcpy(text, digits, length + 1);
    PyMem_Free(digits);
    return fits;
}

static Span bytes_span(PyObject *bytes) {
    const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(bytes);
    return (Span){start, start + PyBytes_GET_SIZE(bytes)};
}

static PyObject *bytes_of(const uint8_t *start, size_t length) {
    return PyBytes_FromStringAndSize((const char *)start, (Py_ssize_t)length);
}

static bool is_bytes(PyObject *value) {
    if (PyBytes_Check(value)) return true;
    PyErr_Format(PyExc_TypeError, "expected bytes, not %.200s", Py_TYPE(value)->tp_name);
    return false;
}

/* Allocates what one call needs. The caller must call run_end in all cases. */
static bool run_begin(Run *run, const Program *program, Capture **scratch, size_t expected) {
    const size_t captures = program->tables.messages->scratch_captures;
    *run = (Run){.text_of = double_text};
    *scratch = malloc((captures + 1) * sizeof **scratch);
    run->out.exhausted = *scratch == NULL;
    return !run->out.exhausted && reserve(&run->out, expected);
}

static void run_end(Run *run, Capture *scratch) {
    free(run->out.data);
    free(scratch);
}

static bool run_message(Run *run, const Program *program, Capture *scratch, PyObject *bytes) {
    const Span span = bytes_span(bytes);
    run->readable = span.end;
    return transcode(run, program->tables.messages, span, scratch);
}

static bool run_items(Run *run, const Program *program, Capture *scratch, PyObject *items) {
    put(&run->out, '[');
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        if (!reserve(&run->out, 0)) return false;
        if (i > 0) put(&run->out, ',');
        if (!run_message(run, program, scratch, PySequence_Fast_GET_ITEM(items, i))) return false;
    }
    if (!reserve(&run->out, 0)) return false;
    put(&run->out, ']');
    return true;
}

/* The sum of the sizes of the items; -1 with an exception set if one is not bytes. */
static Py_ssize_t total_size(PyObject *items) {
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(items, i);
        if (!is_bytes(item)) return -1;
        if (PyBytes_GET_SIZE(item) > PY_SSIZE_T_MAX / 4 - total) {
            PyErr_NoMemory();
            return -1;
        }
        total += PyBytes_GET_SIZE(item);
    }
    return total;
}

static PyObject *program_list(PyObject *self, PyObject *sequence) {
    const Program *program = (const Program *)self;
    PyObject *items = PySequence_Fast(sequence, "expected a sequence of bytes");
    if (items == NULL) return NULL;
    PyObject *answer = NULL;
    const Py_ssize_t total = total_size(items);
    if (total >= 0) {
        Run run;
        Capture *scratch;
        const bool done = run_begin(&run, program, &scratch, (size_t)total * 2) &&
                          run_items(&run, program, scratch, items);
        answer = done ? bytes_of(run.out.data, run.out.used)
                      : refused(PyType_GetModuleState(Py_TYPE(self)), run.out.exhausted);
        run_end(&run, scratch);
    }
    Py_DECREF(items);
    return answer;
}

static PyObject *program_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"spec", NULL};
    PyObject *spec;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:Program", names, &spec)) return NULL;
    PyObject *layout = PyObject_CallMethod(spec, "layout", NULL);
    if (layout == NULL) return NULL;
    Program *program = (Program *)type->tp_alloc(type, 0);
    if (program != NULL && !tables_load(&program->tables, layout)) Py_CLEAR(program);
    Py_DECREF(layout);
    return (PyObject *)program;
}

static void program_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    tables_clear(&((Program *)self)->tables);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef program_methods[] = {
    {"list", program_list, METH_O, "The JSON of a list of messages."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot program_slots[] = {
    {Py_tp_doc, "What writes messages of one type as JSON objects of one selection."},
    {Py_tp_new, program_new},
    {Py_tp_dealloc, program_dealloc},
    {Py_tp_methods, program_methods},
    {0, NULL},
};

static PyType_Spec program_spec = {
    .name = "gateway.execution.wire._wire.Program",
    .basicsize = sizeof(Program),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = program_slots,
};

/* Appends the content of field `number` to `found`; copies any other field to `rest`. */
static bool split_field(const WireField *field, const uint8_t *end, uint32_t number, Writer *rest,
                        PyObject *found, bool *raised) {
    if (field->number != number) {
        const size_t length = (size_t)(end - field->start);
        memcpy(rest->data + rest->used, field->start, length);
        rest->used += length;
        return true;
    }
    if (field->wire != WIRE_LEN) return false;
    PyObject *bytes = bytes_of(field->bytes.at, span_length(field->bytes));
    *raised = bytes == NULL || PyList_Append(found, bytes) < 0;
    Py_XDECREF(bytes);
    return !*raised;
}

static bool split_message(Span bytes, uint32_t number, Writer *rest, PyObject *found, bool *raised) {
    if (!reserve(rest, span_length(bytes))) return false;
    while (bytes.at < bytes.end) {
        WireField field;
        if (!next_field(&bytes, &field)) return false;
        if (!split_field(&field, bytes.at, number, rest, found, raised)) return false;
    }
    return true;
}

static PyObject *split(PyObject *module, PyObject *args) {
    PyObject *bytes;
    unsigned int number;
    if (!PyArg_ParseTuple(args, "SI:split", &bytes, &number)) return NULL;
    PyObject *found = PyList_New(0);
    if (found == NULL) return NULL;
    Writer rest = {0};
    bool raised = false;
    PyObject *answer = NULL;
    if (split_message(bytes_span(bytes), number, &rest, found, &raised)) {
        answer = Py_BuildValue("(y#O)", rest.data, (Py_ssize_t)rest.used, found);
    } else if (!raised) {
        refused(PyModule_GetState(module), rest.exhausted);
    }
    free(rest.data);
    Py_DECREF(found);
    return answer;
}

static PyMethodDef functions[] = {
    {"split", split, METH_VARARGS, "The message without a field of bytes, and what the field holds."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module) {
    State *state = PyModule_GetState(module);
    state->not_as_planned =
        PyErr_NewExceptionWithDoc("gateway.execution.wire._wire.NotAsPlanned",
                                  "The bytes are not what the program expects.", PyExc_Exception, NULL);
    if (state->not_as_planned == NULL) return -1;
    state->program_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &program_spec, NULL);
    if (state->program_type == NULL || PyModule_AddType(module, state->program_type) < 0) return -1;
    if (PyModule_AddObjectRef(module, "NotAsPlanned", state->not_as_planned) < 0) return -1;
    return PyModule_AddStringConstant(module, "SOURCE_DIGEST", SOURCE_DIGEST);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    State *state = PyModule_GetState(module);
    Py_VISIT(state->program_type);
    Py_VISIT(state->not_as_planned);
    return 0;
}

static int module_clear(PyObject *module) {
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->program_type);
    Py_CLEAR(state->not_as_planned);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gateway.execution.wire._wire",
    .m_doc = "Protobuf messages written as JSON.",
    .m_size = sizeof(State),
    .m_methods = functions,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
};

PyMODINIT_FUNC PyInit__wire(void) { return PyModuleDef_Init(&definition); }
