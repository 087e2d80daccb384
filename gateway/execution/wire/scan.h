/* Scans a message before it is written. */
#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

#include "transcode.h"

/* Captures the selected fields and checks the others, so that bytes which protobuf refuses are refused in
 * every field. `depth` is the number of messages around this one. */
bool scan(const Message *message, Span bytes, Capture *captures, const uint8_t *readable, unsigned depth);

#endif
