/* What perf_analyzer 2.44.0 takes from libb64.so.0d, which no registry has: base64 in pieces (RFC 4648). Its encoder writes a line feed
   at the end and none in between, and its decoder skips what is no digit. */

typedef struct { int step; char result; int stepcount; } base64_encodestate;
typedef struct { int step; char plainchar; } base64_decodestate;

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_init_encodestate(base64_encodestate *state) {
  state->step = 0;
  state->result = 0;
  state->stepcount = 0;
}

int base64_encode_block(const char *plain, int length, char *code, base64_encodestate *state) {
  char *out = code;
  for (int at = 0; at < length; at += 1) {
    unsigned char byte = (unsigned char)plain[at];
    if (state->step == 0) {
      *out++ = digits[byte >> 2];
      state->result = (char)((byte & 3) << 4);
    } else if (state->step == 1) {
      *out++ = digits[(unsigned char)state->result | (byte >> 4)];
      state->result = (char)((byte & 15) << 2);
    } else {
      *out++ = digits[(unsigned char)state->result | (byte >> 6)];
      *out++ = digits[byte & 63];
    }
    state->step = (state->step + 1) % 3;
  }
  return (int)(out - code);
}

int base64_encode_blockend(char *code, base64_encodestate *state) {
  char *out = code;
  if (state->step > 0) {
    *out++ = digits[(unsigned char)state->result];
    *out++ = '=';
    if (state->step == 1) *out++ = '=';
  }
  *out++ = '\n';
  return (int)(out - code);
}

void base64_init_decodestate(base64_decodestate *state) {
  state->step = 0;
  state->plainchar = 0;
}

static int value_of(char digit) {
  for (int value = 0; value < 64; value += 1)
    if (digits[value] == digit) return value;
  return -1;
}

int base64_decode_block(const char *code, int length, char *plain, base64_decodestate *state) {
  char *out = plain;
  for (int at = 0; at < length; at += 1) {
    int value = value_of(code[at]);
    if (value < 0) continue;
    if (state->step > 0) *out++ = (char)(state->plainchar | (value >> (6 - 2 * state->step)));
    state->plainchar = (char)(value << (2 + 2 * state->step));
    state->step = (state->step + 1) % 4;
  }
  return (int)(out - plain);
}
