#include "json.h"

#include <math.h>
#include <stdlib.h>

bool writer_grow(Writer *out, size_t more) {
    const size_t most = SIZE_MAX / 4;
    if (more > most || out->used > most) {
        out->exhausted = true;
        return false;
    }
    const size_t needed = out->used + more + PADDING;
    const size_t size = needed > 2 * out->size ? needed : 2 * out->size;
    uint8_t *data = realloc(out->data, size);
    if (data == NULL) {
        out->exhausted = true;
        return false;
    }
    out->data = data;
    out->size = size;
    return true;
}

/* Loads the next bytes of a text. `length` gets the number of bytes that belong to the text. */
static inline Block text_block(Span text, const uint8_t *readable, unsigned *length) {
    const size_t left = span_length(text);
    *length = left < BLOCK ? (unsigned)left : BLOCK;
    if (readable - text.at >= BLOCK) return block_load(text.at);
    uint8_t copy[BLOCK] = {0};
    memcpy(copy, text.at, *length);
    return block_load(copy);
}

static inline uint32_t first_bits(unsigned count) { return (uint32_t)((UINT64_C(1) << count) - 1); }

static void put_escape(Writer *out, uint8_t byte) {
    static const char hexadecimal[] = "0123456789abcdef";
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    const char letter = byte < sizeof short_forms ? short_forms[byte] : (char)byte;
    put(out, '\\');
    if (letter != 0) {
        put(out, letter);
        return;
    }
    put_word(out, "u00", 3);
    put(out, hexadecimal[byte >> 4]);
    put(out, hexadecimal[byte & 15]);
}

bool write_string(Writer *out, Span text, const uint8_t *readable) {
    if (!reserve(out, span_length(text))) return false;
    const Span whole = text;
    uint32_t non_ascii = 0;
    put(out, '"');
    while (text.at < text.end) {
        unsigned length;
        const Block block = text_block(text, readable, &length);
        const uint32_t own = first_bits(length);
        const uint32_t escaped = block_escaped(block) & own;
        block_store(out->data + out->used, block);
        non_ascii |= block_non_ascii(block) & own;
        if (escaped == 0) {
            out->used += length;
            text.at += length;
            continue;
        }
        const unsigned clean = (unsigned)__builtin_ctz(escaped);
        out->used += clean;
        text.at += clean;
        put_escape(out, *text.at++);
        /* An escape is longer than its character, so more space is needed. */
        if (!reserve(out, span_length(text))) return false;
    }
    put(out, '"');
    return non_ascii == 0 || utf8_valid(whole, readable);
}

static inline bool continues(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* Length of the UTF-8 sequence that starts here with a byte above ASCII; 0 if it is ill-formed, as are
 * overlong forms, surrogates and code points above U+10FFFF (table 3-7 of the Unicode standard,
 * https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/). */
static size_t character_length(Span text) {
    const size_t left = span_length(text);
    const uint8_t *const at = text.at;
    if (at[0] < 0xc2 || at[0] > 0xf4 || left < 2 || !continues(at[1])) return 0;
    if (at[0] < 0xe0) return 2;
    if (left < 3 || !continues(at[2])) return 0;
    if (at[0] < 0xf0) {
        const bool excluded = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f);
        return excluded ? 0 : 3;
    }
    const bool excluded = (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f);
    return left < 4 || !continues(at[3]) || excluded ? 0 : 4;
}

bool utf8_valid(Span text, const uint8_t *readable) {
    while (text.at < text.end) {
        unsigned length;
        const Block block = text_block(text, readable, &length);
        const uint32_t non_ascii = block_non_ascii(block) & first_bits(length);
        if (non_ascii == 0) {
            text.at += length;
            continue;
        }
        text.at += __builtin_ctz(non_ascii);
        const size_t character = character_length(text);
        if (character == 0) return false;
        text.at += character;
    }
    return true;
}

static void put_digits(Writer *out, uint64_t value) {
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_word(out, digits + first, sizeof digits - first);
}

void put_int(Writer *out, int64_t value) {
    if (value < 0) put(out, '-');
    put_digits(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

enum { DECIMALS = 7, TEN_TO_DECIMALS = 10000000 };

static void put_decimals(Writer *out, uint64_t scaled) {
    uint64_t fraction = scaled % TEN_TO_DECIMALS;
    char digits[DECIMALS];
    for (size_t i = DECIMALS; i-- > 0; fraction /= 10) digits[i] = (char)('0' + fraction % 10);
    size_t length = DECIMALS;
    while (length > 1 && digits[length - 1] == '0') length--;
    put_digits(out, scaled / TEN_TO_DECIMALS);
    put(out, '.');
    put_word(out, digits, length);
}

/* Two different decimal numbers of 15 digits are never the same double. So if a number with 7 decimals and
 * at most 15 digits parses to this double, it is the shortest such number, once its last zeros are removed.
 * The division is correctly rounded (IEEE 754), so it gives the double that parsing the number gives. */
static bool put_short_double(Writer *out, double magnitude) {
    if (magnitude >= 1e8) return false;
    const uint64_t scaled = (uint64_t)(magnitude * TEN_TO_DECIMALS + 0.5);
    if ((double)scaled / TEN_TO_DECIMALS != magnitude) return false;
    put_decimals(out, scaled);
    return true;
}

bool write_double(Writer *out, double value, DoubleText text_of) {
    const double magnitude = fabs(value);
    /* Outside this range, orjson and Python use exponents differently. NaN fails every comparison. */
    if (!(magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16))) return false;
    if (!reserve(out, 0)) return false;
    if (signbit(value)) put(out, '-');
    if (put_short_double(out, magnitude)) return true;
    char text[PADDING / 2];
    if (!text_of(magnitude, text)) return false;
    put_word(out, text, strlen(text));
    return true;
}

static void put_base64(Writer *out, uint32_t bits, unsigned characters) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4; i++) {
        put(out, i < characters ? digits[(bits >> (18 - 6 * i)) & 63] : '=');
    }
}

bool write_base64(Writer *out, Literal head, Span text) {
    if (!reserve(out, 2 * span_length(text))) return false;
    uint8_t triple[3];
    size_t filled = head.length;
    memcpy(triple, head.text, head.length);
    while (filled + span_length(text) >= 3) {
        while (filled < 3) triple[filled++] = *text.at++;
        put_base64(out, (uint32_t)triple[0] << 16 | (uint32_t)triple[1] << 8 | triple[2], 4);
        filled = 0;
    }
    while (text.at < text.end) triple[filled++] = *text.at++;
    if (filled == 1) put_base64(out, (uint32_t)triple[0] << 16, 2);
    if (filled == 2) put_base64(out, (uint32_t)triple[0] << 16 | (uint32_t)triple[1] << 8, 3);
    return true;
}
