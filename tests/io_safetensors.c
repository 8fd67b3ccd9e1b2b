/*
** io_safetensors.c - model files: round trips, a file made by another
** program, damage at every byte, and every attack of the specification.
*/
#define _XOPEN_SOURCE 700

#include "check.h"
#include "base/text.h"
#include "model/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static mlp_Status load (const char *path, mlpi_Safetensors **s) {
  return mlpi_safetensors_read(rt, "load", path, s);
}

/* -- our own files --------------------------------------------------------- */

static float weights[6] = { 1, 2.5f, -3, 4, 5, 6 };
static double bias[2] = { 0.1, -1e300 };
static int64_t counts[3] = { 1, -2, 9007199254740993 };
static uint8_t pixels[3] = { 7, 255, 0 };

/* The weights transposed (3, 2), so not contiguous; a scalar; nothing. */
static const mlpi_NamedArray sample[] = {
  { "w.t", { weights, MLP_FLOAT32, 2, { 3, 2 }, { 1, 3 } } },
  { "b", { bias, MLP_FLOAT64, 1, { 2 }, { 1 } } },
  { "scalar", { weights + 1, MLP_FLOAT32, 0, { 0 }, { 0 } } },
  { "empty", { weights, MLP_FLOAT32, 2, { 0, 4 }, { 4, 1 } } },
  { "u", { pixels, MLP_UINT8, 1, { 3 }, { 1 } } },
  { "Zo\xc3\xab \"n\"\n\x01", { counts, MLP_INT64, 1, { 3 }, { 1 } } },
};

static const mlpi_Metadata notes[] = { { "z", "last \\ \"key\"" },
                                       { "config", "{\"units\": [1, 2]}" },
                                       { "", "" },
                                       { "{\"mlprun.sha256", "a trap" } };

enum {
  SAMPLE = sizeof sample / sizeof *sample,
  NOTES = sizeof notes / sizeof *notes
};

static mlp_Status save_sample (void) {
  return mlpi_safetensors_write(rt, "save", in_folder("m"), SAMPLE, sample,
                                NOTES, notes);
}

static bool same_array (const mlpi_Array *a, const mlpi_Array *b) {
  if (a == NULL || a->dtype != b->dtype || !mlpi_same_shape(a, b)) return false;
  for (size_t i = 0; i < mlpi_count(a); i++)
    if (mlpi_get(a, i) != mlpi_get(b, i)) return false;
  return mlpi_contiguous(a) &&
         (uintptr_t)a->data % mlpi_dtype_size(a->dtype) == 0;
}

static bool same_sample (const mlpi_Safetensors *s) {
  bool ok = s->n == SAMPLE && s->n_metadata == NOTES + 1 && s->verified;
  for (int i = 0; i < SAMPLE && ok; i++)
    ok = strcmp(s->arrays[i].name, sample[i].name) == 0 &&
         same_array(&s->arrays[i].array, &sample[i].array) &&
         same_array(mlpi_safetensors_find(s, sample[i].name), &sample[i].array);
  for (int i = 0; i < NOTES && ok; i++)
    ok =
        strcmp(mlpi_safetensors_metadata(s, notes[i].key), notes[i].value) == 0;
  return ok && mlpi_safetensors_find(s, "nothing") == NULL &&
         mlpi_safetensors_metadata(s, "nothing") == NULL;
}

static mlp_Status load_sample (void) {
  mlpi_Safetensors *s;
  mlp_Status status = load(in_folder("m"), &s);
  if (status == MLP_OK && !same_sample(s)) status = MLP_ESTATE;
  if (status != MLP_OK && s != NULL) status = MLP_ESTATE;
  mlpi_safetensors_free(s);
  return status;
}

static void test_round_trip (void) {
  char *first;
  size_t n;
  check(save_sample() == MLP_OK && load_sample() == MLP_OK,
        "what is saved is loaded");
  if (mlpi_read_file(rt, "t", in_folder("m"), 0, &first, &n) != MLP_OK) return;
  check(save_sample() == MLP_OK && holds(in_folder("m"), first, n),
        "equal models are equal bytes");
  check(n >= 16 && memcmp(first + 1, "\0\0\0\0\0\0", 6) != 0
            ? first[8] == '{' && (8 + first[0]) % 8 == 0
            : false,
        "the header is padded to 8 bytes");
  mlpi_free(rt, first, n + 1);
  check(survives_no_memory(save_sample), "#K06 saving without memory");
  check(survives_no_memory(load_sample), "#K06 loading without memory");
  check(mlpi_safetensors_write(rt, "save", in_folder("0"), 0, NULL, 0, NULL) ==
            MLP_OK,
        "a model of nothing is saved");
  mlpi_Safetensors *s;
  check(load(in_folder("0"), &s) == MLP_OK && s->n == 0 && s->verified,
        "a model of nothing is loaded");
  mlpi_safetensors_free(s);
}

static bool refuses (const char *name, const char *other, const char *key,
                     const char *why) {
  const mlpi_NamedArray arrays[] = { { name, sample[1].array },
                                     { other, sample[2].array } };
  const mlpi_Metadata metadata[] = { { "k", "v" }, { key, "v" } };
  mlp_Status status = mlpi_safetensors_write(rt, "save", in_folder("no"), 2,
                                             arrays, 2, metadata);
  return expect(status == MLP_EARG && says(why), why, status);
}

static void test_names (void) {
  int before = files_in_folder();
  check(refuses("a", "a", "l", "got 'a' twice") &&
            refuses("a", "b", "k", "got 'k' twice") &&
            refuses("a", "__metadata__", "l", "reserved") &&
            refuses("a", "b", MLPI_CHECKSUM_KEY, "reserved") &&
            refuses("a", "\xff", "l", "expected names in UTF-8") &&
            before == files_in_folder(),
        "names that no file can hold are refused before writing");
}

/* Damage at every byte of a file of ours. */
static void test_damage (void) {
  char *file;
  size_t n;
  mlpi_Safetensors *s;
  save_sample();
  if (mlpi_read_file(rt, "t", in_folder("m"), 0, &file, &n) != MLP_OK) return;
  bool ok = true;
  for (size_t cut = 0; cut < n; cut++) {
    put(in_folder("cut"), file, cut);
    ok &= expect(load(in_folder("cut"), &s) == MLP_EFORMAT && s == NULL &&
                     says("load: cannot read '") && says("/cut': "),
                 "cut", (long)cut);
  }
  check(ok, "#D02 a file cut off anywhere is refused");
  const char *key = strstr(file + 8, ",\"" MLPI_CHECKSUM_KEY "\":") + 1;
  const char *key_end = key + strlen(MLPI_CHECKSUM_KEY) + 5;
  ok = true;
  for (size_t i = 0; i < n; i++)
    for (int bit = 0; bit < 8; bit++) {
      file[i] ^= (char)(1 << bit);
      put(in_folder("cut"), file, n);
      mlp_Status status = load(in_folder("cut"), &s);
      /* without its key the checksum is somebody else's metadata */
      bool in_key = file + i >= key && file + i < key_end;
      ok &= expect(status == MLP_EFORMAT || (in_key && !s->verified), "flip",
                   (long)i);
      mlpi_safetensors_free(s);
      file[i] ^= (char)(1 << bit);
    }
  check(ok, "#D03 a flipped bit anywhere is found");
  file[n - 1] ^= 1;
  put(in_folder("cut"), file, n);
  check(load(in_folder("cut"), &s) == MLP_EFORMAT && says("checksum differs"),
        "#D03 damaged numbers are a checksum error");
  mlpi_free(rt, file, n + 1);
}

/* -- other people's files -------------------------------------------------- */

/*
** safetensors.numpy.save of safetensors 0.8.0 (Python 3.11, numpy 2.4.6): n,
** b, u as above, w = weights (2, 3), empty (0, 4), scalar 2, metadata who.
*/
static const char reference[] =
    "80010000000000007b225f5f6d657461646174615f5f223a7b2277686f223a225a6fc3ab"
    "205c22715c225c6e227d2c226e223a7b226474797065223a22493634222c227368617065"
    "223a5b335d2c22646174615f6f666673657473223a5b302c32345d7d2c2262223a7b2264"
    "74797065223a22463634222c227368617065223a5b325d2c22646174615f6f6666736574"
    "73223a5b32342c34305d7d2c22656d707479223a7b226474797065223a22463332222c22"
    "7368617065223a5b302c345d2c22646174615f6f666673657473223a5b34302c34305d7d"
    "2c227363616c6172223a7b226474797065223a22463332222c227368617065223a5b5d2c"
    "22646174615f6f666673657473223a5b34302c34345d7d2c2277223a7b22647479706522"
    "3a22463332222c227368617065223a5b322c335d2c22646174615f6f666673657473223a"
    "5b34342c36385d7d2c2275223a7b226474797065223a225538222c227368617065223a5b"
    "335d2c22646174615f6f666673657473223a5b36382c37315d7d7d202020202001000000"
    "00000000feffffffffffffff01000000000020009a9999999999b93f9c7500883ce437fe"
    "000000400000803f00002040000040c0000080400000a0400000c04007ff00";

static void test_reference (void) {
  unsigned char file[sizeof reference / 2];
  float two = 2;
  const mlpi_Array w = { weights, MLP_FLOAT32, 2, { 2, 3 }, { 3, 1 } };
  const mlpi_Array scalar = { &two, MLP_FLOAT32, 0, { 0 }, { 0 } };
  mlpi_Safetensors *s;
  for (size_t i = 0; i < sizeof file; i++) {
    char byte[3] = { reference[2 * i], reference[2 * i + 1], '\0' };
    file[i] = (unsigned char)strtoul(byte, NULL, 16);
  }
  put(in_folder("r"), file, sizeof file);
  mlp_Status status = load(in_folder("r"), &s);
  check(status == MLP_OK && s->n == 6 && !s->verified &&
            same_array(mlpi_safetensors_find(s, "n"), &sample[5].array) &&
            same_array(mlpi_safetensors_find(s, "b"), &sample[1].array) &&
            same_array(mlpi_safetensors_find(s, "u"), &sample[4].array) &&
            same_array(mlpi_safetensors_find(s, "empty"), &sample[3].array) &&
            same_array(mlpi_safetensors_find(s, "scalar"), &scalar) &&
            same_array(mlpi_safetensors_find(s, "w"), &w) &&
            strcmp(mlpi_safetensors_metadata(s, "who"), "Zo\xc3\xab \"q\"\n") ==
                0,
        "a file of the reference implementation is read");
  mlpi_safetensors_free(s);
}

/* A file of this header, length field and so many bytes of payload. */
static void forge (const char *header, size_t n, uint64_t length,
                   size_t payload) {
  char *file = calloc(1, 8 + n + payload);
  memcpy(file, &length, 8);
  memcpy(file + 8, header, n);
  put(in_folder("f"), file, 8 + n + payload);
  free(file);
}

static bool attack (const char *header, size_t payload, const char *why) {
  mlpi_Safetensors *s;
  size_t n = strlen(header);
  forge(header, n, n, payload);
  mlp_Status status = load(in_folder("f"), &s);
  bool ok = status == MLP_EFORMAT && s == NULL && says("load: cannot read '") &&
            says("/f': ") && says(why);
  mlpi_safetensors_free(s);
  return expect(ok, header, status);
}

static bool accepts (const char *header, size_t payload, size_t n) {
  mlpi_Safetensors *s;
  size_t length = strlen(header);
  forge(header, length, length, payload);
  mlp_Status status = load(in_folder("f"), &s);
  bool ok = status == MLP_OK && s->n == n;
  mlpi_safetensors_free(s);
  return expect(ok, header, status);
}

/* One entry as text: E("F32", "2", "0,8"). */
#define E(dtype, shape, offsets)                                               \
  "{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" offsets  \
  "]}"
#define ONE(dtype, shape, offsets) "{\"w\":" E(dtype, shape, offsets) "}"

static void test_lengths (void) {
  static const uint64_t wrong[] = {
    0, 1, 3, 100000001, (uint64_t)1 << 63, UINT64_MAX - 7, UINT64_MAX
  };
  mlpi_Safetensors *s;
  bool ok = true;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    forge("{}", 2, wrong[i], 0);
    ok &= expect(load(in_folder("f"), &s) == MLP_EFORMAT && says("its header"),
                 "length", (long)i);
  }
  check(ok, "#D04 a header length of 0, 1, past the end, 2^63, 2^64-8");
  check(accepts("{}", 0, 0) && attack("{}", 1, "bytes follow"),
        "#D04 bytes behind the last tensor");
  check(attack("  ", 0, "expected '{' at byte 8") &&
            attack("[]", 0, "expected '{'") && attack(" {}", 0, "'{'") &&
            attack("{} x", 0, "the end of the header at byte 11"),
        "#D04 a header that is no object");
}

static void test_sizes (void) {
  check(accepts(ONE("F32", "2", "0,8"), 8, 1), "a plain tensor is accepted");
  check(attack(ONE("F32", "2", "0,8"), 7, "tensor 'w': its data end behind") &&
            attack(ONE("F32", "2", "0,18446744073709551615"), 8, "behind") &&
            attack(ONE("F32", "2", "18446744073709551615,8"), 8, "begin and") &&
            attack(ONE("F32", "2", "0,18446744073709551616"), 8, "a smaller"),
        "#D04 offsets behind the end, 2^64-1, 2^64");
  check(attack(ONE("F32", "2", "8,0"), 8, "tensor 'w': its data_offsets") &&
            attack(ONE("F32", "2", "8"), 8, "begin and end") &&
            attack(ONE("F32", "2", "0,4,8"), 8, "begin and end") &&
            attack(ONE("F32", "2", ""), 8, "begin and end"),
        "#D04 offsets that are not begin and end");
  check(attack(ONE("F32", "3", "0,8"), 8, "disagree") &&
            attack(ONE("F64", "2", "0,8"), 8, "disagree"),
        "#D04 a size that is not the shape's");
  check(attack(ONE("F32", "4194305,4194305,211106198978564", "0,16"), 16,
               "tensor 'w': its shape has too many elements") &&
            attack(ONE("U8", "9223372036854775808", "0,8"), 8, "too many") &&
            attack(ONE("U8", "0,9223372036854775808", "0,0"), 0, "too many") &&
            accepts(ONE("U8", "0,9223372036854775807", "0,0"), 0, 1) &&
            attack(ONE("U8", "1,1,1,1,1,1,1,1,1", "0,1"), 1, "8 dimensions"),
        "#D04 a shape whose product overflows");
  check(attack(ONE("F33", "2", "0,8"), 8,
               "tensor 'w': expected dtype F32, F64, I64 or U8, got 'F33'"),
        "#D04 an unknown type");
}

static void test_empty_shape (void) {
  const size_t huge[] = { 0, SIZE_MAX / 8, 16 }, fits[] = { 0, 1 << 20, 16 };
  mlpi_Array a;
  check(mlpi_array_init(rt, "t", &a, MLP_UINT8, 3, huge) == MLP_ESHAPE &&
            mlpi_array_init(rt, "t", &a, MLP_UINT8, 3, fits) == MLP_OK,
        "#A05 an empty shape whose strides overflow is refused");
}

static void test_places (void) {
  check(
      attack("{\"a\":" E("F32", "2", "0,8") ",\"b\":" E("F32", "2", "4,12") "}",
             12, "tensor 'b': its data overlap") &&
          attack(
              "{\"a\":" E("U8", "8", "0,8") ",\"b\":" E("U8", "8", "0,8") "}",
              8, "its data overlap"),
      "#D04 tensors that overlap");
  check(
      attack("{\"a\":" E("F32", "2", "0,8") ",\"b\":" E("F32", "2", "9,17") "}",
             17, "tensor 'b': there is a hole before") &&
          attack(ONE("F32", "2", "4,12"), 12, "tensor 'w': there is a hole"),
      "#D04 holes between tensors");
  check(attack("{\"a\":" E("U8", "8", "0,8") ",\"b\":" E("U8", "0", "4,4") "}",
               8, "overlap") &&
            accepts(
                "{\"a\":" E("U8", "0", "0,0") ",\"b\":" E(
                    "U8", "0", "0,0") ",\"c\":" E("U8", "2",
                                                  "0,2") ",\"d\":" E("U8", "0",
                                                                     "2,2") "}",
                2, 4),
        "#D04 empty tensors lie between others, not inside");
  check(accepts("{\"u\":" E("U8", "3", "0,3") ",\"x\":" E(
                    "F64", "2", "3,19") ",\"y\":" E("F32", "", "19,23") "}",
                23, 3),
        "tensors at odd places are moved to even ones");
}

static void test_grammar (void) {
  check(attack("{\"a\":" E("U8", "1", "0,1") ",\"a\":" E("U8", "1", "1,2") "}",
               2, "two tensors 'a'") &&
            attack("{\"a\":" E("U8", "1", "0,1") ",\"\\u0061\":" E("U8", "1",
                                                                   "1,2") "}",
                   2, "two tensors 'a'"),
        "#D04 two tensors of one name");
  check(
      attack("{\"__metadata__\":{\"a\":1}}", 0, "expected a string") &&
          attack("{\"__metadata__\":{\"a\":null}}", 0, "a string") &&
          attack("{\"__metadata__\":[]}", 0, "expected '{'") &&
          attack("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "two 'a'") &&
          attack("{\"__metadata__\":{},\"__metadata__\":{}}", 0,
                 "two __metadata__"),
      "#D04 metadata that are not strings");
  check(attack(ONE("U8", "NaN", "0,1"), 1, "a whole number at byte 36") &&
            attack(ONE("U8", "1e999", "0,1"), 1, "expected ']'") &&
            attack(ONE("U8", "1.0", "0,1"), 1, "expected ']'") &&
            attack(ONE("U8", "-1", "0,1"), 1, "a whole number") &&
            attack(ONE("U8", "01", "0,1"), 1, "a whole number") &&
            attack(ONE("U8", "\"1\"", "0,1"), 1, "a whole number") &&
            attack(ONE("U8", "1,", "0,1"), 1, "a whole number"),
        "#D04 numbers that are not whole");
  check(attack("{\"w\":{}}", 0, "tensor 'w': expected a string") &&
            attack("{\"w\":{\"dtype\":\"U8\"}}", 0, "expected dtype, shape") &&
            attack("{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "once") &&
            attack("{\"w\":{\"code\":\"os.exit()\"}}", 0, "got 'code'") &&
            attack("{\"w\":[]}", 0, "expected '{'") &&
            attack("{\"w\"}", 0, "expected ':'") &&
            attack("{w:{}}", 0, "expected a string at byte 9") &&
            attack("{\"w\":{}", 0, "expected") &&
            attack("{\"w", 0, "the end") &&
            attack("{,}", 0, "expected a string"),
        "#D04 entries with too little, too much or something else");
  check(attack("{\"\xff\":{}}", 0, "a character of UTF-8 at byte 10") &&
            attack("{\"\xc3\":{}}", 0, "UTF-8") &&
            attack("{\"a\nb\":{}}", 0, "UTF-8") &&
            attack("{\"\\x\":{}}", 0, "an escaped character") &&
            attack("{\"\\u12g4\":{}}", 0, "an escaped character") &&
            attack("{\"\\u0000\":{}}", 0, "an escaped character") &&
            attack("{\"\\ud800\":{}}", 0, "an escaped character") &&
            attack("{\"\\udc00\":{}}", 0, "an escaped character") &&
            attack("{\"\\ud83d\\u0041\":{}}", 0, "an escaped character") &&
            attack("{\"\\u00", 0, "an escaped character"),
        "#D04 text that is not UTF-8");
  mlpi_Safetensors *s;
  const char *escaped =
      "{\"__metadata__\": {\"\\u00e9\\ud83d\\uDE00\\n\\/\\t\": \"\\u20AC\"}}";
  forge(escaped, strlen(escaped), strlen(escaped), 0);
  mlp_Status status = load(in_folder("f"), &s);
  const char *key = "\xc3\xa9\xf0\x9f\x98\x80\n/\t";
  check(status == MLP_OK &&
            strcmp(mlpi_safetensors_metadata(s, key), "\xe2\x82\xac") == 0,
        "escaped characters are read");
  mlpi_safetensors_free(s);
}

/* A header made of so many times the same text. */
static bool flood (const char *start, const char *part, size_t times,
                   size_t *peak) {
  mlpi_Text t;
  mlpi_Safetensors *s;
  mlpi_text_init(&t, rt);
  mlpi_text_add(&t, start);
  for (size_t i = 0; i < times; i++) mlpi_text_add(&t, part);
  forge(t.s, t.n, t.n, 0);
  mlpi_text_free(&t);
  rt->memory_peak = mlp_memory_used(rt);
  mlp_Status status = load(in_folder("f"), &s);
  *peak = rt->memory_peak;
  mlpi_safetensors_free(s);
  return status == MLP_EFORMAT;
}

static void test_floods (void) {
  size_t peak;
  bool ok = flood("{\"w\":", "{\"a\":", 10000, &peak) &&
            flood("", "[", 10000, &peak) && flood("{\"w\":", "[", 10000, &peak);
  check(ok, "#D04 a depth of 10,000");
  ok = flood("{\"w\":{\"shape\":[1", ",1", 9000000, &peak);
  check(ok && peak < 20000000, "#D04 a list of 9 million numbers");
  ok = flood("{\"__metadata__\":{\"\":\"\"", ",\"\":\"\"", 1000000, &peak);
  check(ok && peak < 100000000, "#D04 a million equal keys");
}

#if defined(__SANITIZE_ADDRESS__) /* which takes its time */
enum { PATIENCE = 10 };
#else
enum { PATIENCE = 1 };
#endif

/* Of this process: other work on the machine does not count. */
static double seconds (void) {
  return (double)clock() / CLOCKS_PER_SEC / PATIENCE;
}

static void test_many (void) {
  enum { MANY = 100000 };
  char(*name)[24] = malloc(MANY * sizeof *name);
  mlpi_NamedArray *arrays = malloc(MANY * sizeof *arrays);
  mlpi_Safetensors *s;
  for (int i = 0; i < MANY; i++) {
    snprintf(name[i], sizeof *name, "tensor.%d", i);
    arrays[i] = (mlpi_NamedArray){ name[i], sample[1].array };
  }
  double start = seconds();
  mlp_Status status =
      mlpi_safetensors_write(rt, "t", in_folder("m"), MANY, arrays, 0, NULL);
  check(status == MLP_OK && seconds() - start < 2, "100,000 tensors are saved");
  start = seconds();
  rt->memory_peak = 0;
  status = load(in_folder("m"), &s);
  check(status == MLP_OK && s->n == MANY && s->verified &&
            seconds() - start < 1 && rt->memory_peak < 200000000 &&
            same_array(mlpi_safetensors_find(s, "tensor.99999"),
                       &sample[1].array),
        "#D04 100,000 tensors are loaded in a second and 200 MB");
  mlpi_safetensors_free(s);
  free(arrays);
  free(name);
}

void test_safetensors (void) {
  test_round_trip();
  test_names();
  test_damage();
  test_reference();
  test_lengths();
  test_sizes();
  test_empty_shape();
  test_places();
  test_grammar();
  test_floods();
  test_many();
}
