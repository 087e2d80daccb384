/* The pass over a message before anything is written. */
#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

#include "transcode.h"

/* Notes where the values of the selected fields are, and checks those of the others, so that what
 * protobuf refuses is refused here, wherever it is. `depth` counts the messages around this one. */
bool scan(const Message *message, Span bytes, Capture *captures, const uint8_t *readable, unsigned depth);

#endif
